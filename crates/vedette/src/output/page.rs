//! Lines that fit the terminal: cut to its width, colored when it has colors, free of control characters.

use vedette_model::Severity;

/// How a piece of text looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Bold,
    Dim,
    Warning,
    Severity(Severity),
}

impl Style {
    /// Parameters of the escape sequence (ECMA-48, SGR).
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim | Self::Severity(Severity::Info) => Some("2"),
            Self::Warning | Self::Severity(Severity::Medium) => Some("33"),
            Self::Severity(Severity::Critical) => Some("1;31"),
            Self::Severity(Severity::High) => Some("31"),
            Self::Severity(Severity::Low) => Some("36"),
        }
    }
}

/// Text under construction.
pub(crate) struct Page {
    width: usize,
    color: bool,
    text: String,
    /// Rows of columns that wait for their common widths.
    rows: Vec<Vec<(String, Style)>>,
}

impl Page {
    pub(crate) fn new(width: usize, color: bool) -> Self {
        Self { width, color, text: String::new(), rows: Vec::new() }
    }

    /// Everything written so far.
    pub(crate) fn text(mut self) -> String {
        self.align();
        self.text
    }

    /// Lines so far.
    pub(crate) fn height(&self) -> usize {
        self.text.lines().count() + self.rows.len()
    }

    /// A blank line and a heading.
    pub(crate) fn title(&mut self, title: &str) {
        self.align();
        self.text.push('\n');
        self.line(&[(title, Style::Bold)]);
    }

    /// One line, cut where the terminal ends.
    pub(crate) fn line(&mut self, pieces: &[(&str, Style)]) {
        self.align();
        let mut left = self.width;
        for (text, style) in pieces {
            let text = cut(&printable(text), left);
            left -= text.chars().count();
            self.styled(&text, *style);
        }
        self.end_line();
    }

    /// One row of a table with an indent of two; consecutive rows are aligned.
    pub(crate) fn columns(&mut self, cells: &[(&str, Style)]) {
        self.rows.push(cells.iter().map(|(text, style)| (printable(text), *style)).collect());
    }

    /// Items after a few words, in one line; how many did not fit is told.
    pub(crate) fn list(&mut self, words: &str, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.map(|item| printable(&item)).collect();
        let mut line = words.to_owned();
        for (at, item) in items.iter().enumerate() {
            let more = items.len() - at - 1;
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            let separator = if at > 0 { ", " } else { "" };
            if at > 0 && [&line, separator, item, &rest].iter().map(|s| s.chars().count()).sum::<usize>() > self.width {
                line.extend([" and ", &number((items.len() - at) as u64), " more"]);
                break;
            }
            line.extend([separator, item]);
        }
        self.line(&[(&line, Style::Plain)]);
    }

    /// Words after a styled beginning, broken between words and indented below it; cut after `lines` lines.
    pub(crate) fn paragraph(&mut self, beginning: (&str, Style), text: &str, lines: usize) {
        let indent = beginning.0.chars().count();
        let room = self.width.saturating_sub(indent).max(1);
        let mut rest = printable(text);
        for number in 0..lines {
            let lead = if number == 0 { beginning.0.to_owned() } else { " ".repeat(indent) };
            let fits = rest.chars().count() <= room || number + 1 == lines;
            let head: String = rest.chars().take(room + 1).collect();
            let end = if fits { None } else { head.rfind(' ').filter(|end| *end > 0) };
            let (now, later) = match end {
                Some(end) => {
                    (head.get(..end).unwrap_or(&head).to_owned(), rest.get(end + 1..).unwrap_or("").to_owned())
                }
                None => (rest.clone(), String::new()),
            };
            self.line(&[(&lead, beginning.1), (&now, Style::Plain)]);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
    }

    /// Writes the waiting rows: each column as wide as its widest cell, all but the last two fixed; the last two
    /// share what is left.
    fn align(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let count = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|(text, _)| text.chars().count()).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..count).map(widest).collect();
        let gaps = 2 * count;
        if let [fixed @ .., middle, last] = widths.as_mut_slice() {
            let room = self.width.saturating_sub(gaps + fixed.iter().sum::<usize>());
            if *middle + *last > room {
                // The last column may have half, and what the middle does not need.
                *last = (*last).min((room / 2).max(room.saturating_sub(*middle)));
                *middle = room.saturating_sub(*last);
            }
        }
        for row in &rows {
            self.text.push_str("  ");
            for (column, (text, style)) in row.iter().enumerate() {
                let width = widths.get(column).copied().unwrap_or(0);
                let text = cut(text, width);
                let padding = if column + 1 < row.len() { width - text.chars().count() + 2 } else { 0 };
                self.styled(&text, *style);
                self.text.extend(std::iter::repeat_n(' ', padding));
            }
            self.end_line();
        }
    }

    fn styled(&mut self, text: &str, style: Style) {
        match style.code().filter(|_| self.color && !text.is_empty()) {
            Some(code) => self.text.extend(["\x1b[", code, "m", text, "\x1b[0m"]),
            None => self.text.push_str(text),
        }
    }

    fn end_line(&mut self) {
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
        self.text.push('\n');
    }
}

/// Text that cannot steer the terminal: paths and names come from traffic, and an escape sequence in them would
/// otherwise be obeyed. Invisible direction marks go too.
fn printable(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    if width > 0 {
        short.push('…');
    }
    short
}

/// `12,345`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 service`, `2 services`.
pub(crate) fn plural(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(count), if count == 1 { "" } else { "s" })
}
