//! Scores as a picture: precision against recall on the left, time to detect on the right. One SVG without scripts,
//! fonts or links, readable on white and in print.

use std::fmt::Write;

use vedette_engine::evaluate::{Report, Score};

use super::evaluation::{duration, percent};

/// Width of the picture and height of its head, in pixels as all lengths here.
const WIDTH: f64 = 1_140.0;
const TOP: f64 = 64.0;

/// The square in which recall runs to the right and precision up.
const PLOT_LEFT: f64 = 64.0;
const PLOT_SIDE: f64 = 400.0;

/// Where names and bars begin, and how long the longest bar is.
const NAMES_LEFT: f64 = 540.0;
const BARS_LEFT: f64 = 820.0;
const BAR_MAX: f64 = 140.0;
const ROW: f64 = 22.0;

/// The time that fills a bar: a week, on a logarithmic scale from one second.
const SECS_MAX: f64 = 7.0 * 86_400.0;

/// Points closer than this, in both directions, share a mark.
const MARK_APART: f64 = 9.0;

const OURS: &str = "#0b6bcb";
const KIND: &str = "#5b8def";
const BASELINE: &str = "#b4541a";

/// One row of the list, and a mark in the plot when it has both recall and precision.
struct Item<'a> {
    label: String,
    name: &'a str,
    score: &'a Score,
    color: &'static str,
}

/// The picture.
pub(crate) fn svg(report: &Report) -> String {
    let items = items(report);
    let height = (TOP + PLOT_SIDE + 72.0).max(TOP + ROW * (items.len() as f64 + 2.0));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>How well abuse is detected</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    let exchanges: u64 = report.scenarios.iter().map(|scenario| scenario.exchanges).sum();
    let all = &report.scores.overall;
    let head = format!(
        "{} scenarios, {exchanges} exchanges: {} of {} attacks found, {} false actors",
        report.scenarios.len(),
        all.found,
        all.attacks,
        all.false_actors
    );
    text(&mut out, PLOT_LEFT, 28.0, "font-size=\"15\" font-weight=\"600\"", &head);
    axes(&mut out);
    marks(&mut out, &items);
    list(&mut out, &items);
    out.push_str("</svg>\n");
    out
}

/// All attacks together first, then the kinds by number, then the baselines by letter.
fn items(report: &Report) -> Vec<Item<'_>> {
    let all = Item { label: "V".to_owned(), name: "all attacks", score: &report.scores.overall, color: OURS };
    let kinds = report.scores.kinds.iter().enumerate().map(|(at, (name, score))| Item {
        label: (at + 1).to_string(),
        name,
        score,
        color: KIND,
    });
    let baselines = report.baselines.iter().flatten().zip('A'..='Z').map(|((name, scores), letter)| Item {
        label: letter.to_string(),
        name,
        score: &scores.overall,
        color: BASELINE,
    });
    std::iter::once(all).chain(kinds).chain(baselines).collect()
}

fn axes(out: &mut String) {
    let (right, bottom) = (PLOT_LEFT + PLOT_SIDE, TOP + PLOT_SIDE);
    for step in 0..=5 {
        let share = f64::from(step) / 5.0;
        let (x, y) = place(share, share);
        let _ =
            writeln!(out, "<path d=\"M{x} {TOP}V{bottom}M{PLOT_LEFT} {y}H{right}\" stroke=\"#e3e6ea\" fill=\"none\"/>");
        let tick = format!("{:.0} %", share * 100.0);
        text(out, x, bottom + 18.0, "text-anchor=\"middle\" fill=\"#555\"", &tick);
        text(out, PLOT_LEFT - 8.0, y + 4.0, "text-anchor=\"end\" fill=\"#555\"", &tick);
    }
    text(out, PLOT_LEFT + PLOT_SIDE / 2.0, bottom + 40.0, "text-anchor=\"middle\"", "recall: attacks found");
    text(out, PLOT_LEFT, TOP - 12.0, "", "precision: alarmed actors that attack");
}

/// Where a share of recall and one of precision lie.
fn place(recall: f64, precision: f64) -> (f64, f64) {
    (PLOT_LEFT + recall * PLOT_SIDE, TOP + (1.0 - precision) * PLOT_SIDE)
}

/// A mark per place; items that would cover each other share one and stand beside it together.
fn marks(out: &mut String, items: &[Item<'_>]) {
    let mut places: Vec<(f64, f64, &'static str, Vec<&str>)> = Vec::new();
    for item in items {
        let (Some(recall), Some(precision)) = (item.score.recall, item.score.precision) else { continue };
        let (x, y) = place(recall, precision);
        let near = |at: &&mut (f64, f64, &'static str, Vec<&str>)| {
            (at.0 - x).abs() < MARK_APART && (at.1 - y).abs() < MARK_APART && at.2 == item.color
        };
        match places.iter_mut().find(near) {
            Some((.., labels)) => labels.push(&item.label),
            None => places.push((x, y, item.color, vec![item.label.as_str()])),
        }
    }
    for (x, y, color, labels) in places {
        let size = if color == OURS { 7 } else { 5 };
        let _ =
            writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{size}\" fill=\"{color}\" fill-opacity=\"0.85\"/>");
        // At the right edge there is room to the left only, and baselines stand below what they are compared with.
        let (anchor, dx) = if x > PLOT_LEFT + PLOT_SIDE / 2.0 { ("end", -10.0) } else { ("start", 10.0) };
        let dy = match color {
            OURS => -8.0,
            BASELINE => 16.0,
            _ => 4.0,
        };
        let style = format!("text-anchor=\"{anchor}\" fill=\"{color}\"");
        text(out, x + dx, y + dy, &style, &labels.join(" "));
    }
}

/// What the marks stand for, and how long it took.
fn list(out: &mut String, items: &[Item<'_>]) {
    text(out, NAMES_LEFT, TOP - 12.0, "", "what, recall, precision");
    text(out, BARS_LEFT, TOP - 12.0, "", "time to detect (medians; logarithmic)");
    for (at, item) in items.iter().enumerate() {
        let y = TOP + ROW * (at as f64 + 0.5);
        let style = format!("font-weight=\"600\" fill=\"{}\"", item.color);
        text(out, NAMES_LEFT, y, &style, &item.label);
        let shares = format!("{}, {}, {}", item.name, percent(item.score.recall), percent(item.score.precision));
        text(out, NAMES_LEFT + 24.0, y, "", &shares);
        let (Some(calls), secs) = (item.score.median_exchanges_to_detect, item.score.median_secs_to_detect) else {
            text(out, BARS_LEFT, y, "fill=\"#777\"", "nothing found");
            continue;
        };
        let length = secs.map_or(0.0, |secs| ((secs + 1.0).ln() / (SECS_MAX + 1.0).ln()).clamp(0.01, 1.0) * BAR_MAX);
        let _ = writeln!(
            out,
            "<rect x=\"{BARS_LEFT}\" y=\"{:.1}\" width=\"{length:.1}\" height=\"12\" fill=\"{}\"/>",
            y - 10.0,
            item.color
        );
        let took = secs.map_or(String::new(), |secs| format!("{}, ", duration(secs)));
        text(out, BARS_LEFT + length + 6.0, y, "fill=\"#333\"", &format!("{took}{calls} exchanges"));
    }
}

fn text(out: &mut String, x: f64, y: f64, attributes: &str, content: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" {attributes}>{}</text>", escaped(content));
}

/// Kinds come from a file that anybody may have written.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace(char::is_control, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use vedette_engine::evaluate::Score;

    use super::super::evaluation::tests::sample;
    use super::*;

    #[test]
    fn the_picture_has_a_mark_for_what_has_both_shares_and_a_row_for_all() {
        let picture = svg(&sample());
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
        // All attacks, and `bola`: nothing was said of `bfla`, and `markov` said nothing.
        assert_eq!(picture.matches("<circle ").count(), 2, "{picture}");
        for part in [">bfla, 0.0 %, -<", ">bola, 100.0 %, 50.0 %<", ">70 s, 2 exchanges<", ">markov, 0.0 %, -<"] {
            assert!(picture.contains(part), "{part} is missing:\n{picture}");
        }
        let opened = picture.matches("<text ").count();
        assert_eq!(opened, picture.matches("</text>").count());
    }

    #[test]
    fn names_cannot_write_markup() {
        let mut report = sample();
        report.scores.kinds.insert("<script>&\u{1}".to_owned(), Score::default());
        let picture = svg(&report);
        assert!(picture.contains("&lt;script&gt;&amp;\u{fffd}") && !picture.contains("<script"));
    }
}
