//! The program that a format compiles to: literals and fields in turn, run once over a line.

use memchr::memchr2;
use vedette_model::Diagnostic;

use super::draft::Draft;
use super::field::{Field, TimeKind};
use super::literal::{Literal, find_byte};
use super::strftime::Pattern;
use super::time;
use crate::decode::Unreadable;

/// A compiled layout of a line.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    lead: Literal,
    steps: Vec<Step>,
}

/// One field and the literal after it.
#[derive(Clone, Debug)]
struct Step {
    field: Field,
    shape: Shape,
    after: Literal,
}

/// How the end of a field is found.
#[derive(Clone, Debug)]
enum Shape {
    /// At the first occurrence of the literal, which has one byte.
    Byte(u8),
    /// At the first occurrence of the literal.
    Text,
    /// At an unescaped quote that begins the literal. True when a number must follow.
    Quoted(bool),
    /// As [`Shape::Text`], but a comma or ` : ` before the space continues a list (`$upstream_addr`).
    List,
    /// Before the `/` that begins the next field.
    BeforeSlash,
    /// After a CLF time, which tells its own length.
    Clf,
    /// After a time with a pattern of its own.
    Civil(Pattern),
    /// At the end of the line, or at a space when the field is one word.
    End,
    /// At a separator or the end of the line.
    EndAt(u8),
}

/// Part of a format string.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    /// Text as it is.
    Literal(String),
    /// A field, with the column (one-based) at which the format names it.
    Field(Field, usize),
    /// A time with a pattern of its own.
    Civil(Pattern),
}

impl Program {
    /// Puts pieces together. `name` names the format in the diagnostic.
    pub(crate) fn assemble(name: &str, pieces: Vec<Piece>) -> Result<Self, Diagnostic> {
        let mut lead = String::new();
        let mut steps: Vec<Step> = Vec::new();
        let mut columns = Vec::new();
        for piece in pieces {
            match (piece, steps.last_mut()) {
                (Piece::Literal(text), None) => lead.push_str(&text),
                (Piece::Literal(text), Some(step)) => {
                    step.after = Literal::new(&format!("{}{text}", step.after.text()));
                }
                (Piece::Field(field, column), last) => {
                    // `%U%q` is one target.
                    if let (Field::Query, Some(Step { field: path @ Field::Path, after, .. })) = (&field, last)
                        && after.len() == 0
                    {
                        *path = Field::Target;
                        continue;
                    }
                    steps.push(Step { field, shape: Shape::End, after: Literal::default() });
                    columns.push(column);
                }
                (Piece::Civil(pattern), _) => {
                    steps.push(Step { field: Field::Skip, shape: Shape::Civil(pattern), after: Literal::default() });
                    columns.push(0);
                }
            }
        }
        let mut program = Self { lead: Literal::new(&lead), steps };
        program.shape(name, &columns)?;
        program.keep_finest_duration();
        Ok(program)
    }

    /// Chooses how the end of each field is found.
    fn shape(&mut self, name: &str, columns: &[usize]) -> Result<(), Diagnostic> {
        let next: Vec<Option<Field>> = self.steps.iter().skip(1).map(|s| Some(s.field.clone())).chain([None]).collect();
        let mut before = self.lead.text().to_owned();
        for ((step, next), column) in self.steps.iter_mut().zip(next).zip(columns) {
            let after = step.after.text();
            let quoted = before.ends_with('"') && after.starts_with('"');
            step.shape = match (&step.shape, &step.field) {
                (Shape::Civil(pattern), _) => Shape::Civil(pattern.clone()),
                (_, Field::Time(TimeKind::Clf)) if !after.is_empty() => Shape::Clf,
                _ if quoted => Shape::Quoted(next.as_ref().is_some_and(Field::is_number)),
                (_, Field::Forwarded | Field::Skip) if after.starts_with(' ') => Shape::List,
                _ => match (after.as_bytes(), next) {
                    ([], None) => Shape::End,
                    ([], Some(Field::Target | Field::Path)) => Shape::BeforeSlash,
                    ([], Some(_)) => return Err(adjacent(name, *column)),
                    ([byte], _) => Shape::Byte(*byte),
                    _ => Shape::Text,
                },
            };
            after.clone_into(&mut before);
        }
        Ok(())
    }

    /// Of several durations (`%D %T`) the one with the finest unit counts.
    fn keep_finest_duration(&mut self) {
        let unit = |step: &Step| match step.field {
            Field::Duration(unit) => Some(unit),
            _ => None,
        };
        let Some(finest) = self.steps.iter().filter_map(unit).min() else { return };
        let mut kept = false;
        for step in &mut self.steps {
            if let Some(own) = unit(step) {
                if kept || own != finest {
                    step.field = Field::Skip;
                } else {
                    kept = true;
                }
            }
        }
    }

    /// Says that the last value ends where a separator is.
    pub(crate) fn end_at(&mut self, separator: u8) {
        if let Some(Step { shape: shape @ Shape::End, .. }) = self.steps.last_mut() {
            *shape = Shape::EndAt(separator);
        }
    }

    /// True when the layout has a request in it.
    pub(crate) fn has_request(&self) -> bool {
        self.steps.iter().any(|s| matches!(s.field, Field::Request | Field::Target | Field::Path))
    }

    /// Reads a line into a draft; returns what follows the last field.
    #[inline]
    pub(crate) fn run<'a>(&'a self, line: &'a str, draft: &mut Draft<'a>) -> Result<&'a str, Unreadable> {
        let begins = Unreadable { reason: "the line does not begin as the format does" };
        let mut rest = self.lead.strip(line).ok_or(begins)?;
        for step in &self.steps {
            let missing = || Unreadable { reason: step.field.missing() };
            let (value, after) = step.cut(rest, draft).ok_or_else(missing)?;
            if !draft.escaped(&step.field, value) {
                return Err(missing());
            }
            rest = after;
        }
        Ok(rest)
    }
}

impl Step {
    /// The value at the start of `rest`, and what follows the literal after it.
    #[inline]
    fn cut<'a>(&self, rest: &'a str, draft: &mut Draft<'a>) -> Option<(&'a str, &'a str)> {
        let b = rest.as_bytes();
        let end = match &self.shape {
            Shape::Byte(byte) => find_byte(b, *byte)?,
            Shape::Quoted(number_next) => return self.cut_quoted(rest, *number_next),
            Shape::Clf => match time::clf(b) {
                Some((_, len)) => len,
                None => self.after.find(b)?,
            },
            Shape::Text => self.after.find(b)?,
            Shape::List => find_list_end(b, &self.after)?,
            Shape::BeforeSlash => find_byte(b, b'/')?,
            Shape::Civil(pattern) => {
                let len = pattern.read(rest, draft.civil.get_or_insert_default())?;
                return Some(("", self.after.strip(rest.get(len..)?)?));
            }
            Shape::End if self.field.is_word() => find_byte(b, b' ').unwrap_or(b.len()),
            Shape::EndAt(separator) => find_byte(b, *separator).unwrap_or(b.len()),
            Shape::End => b.len(),
        };
        let value = rest.get(..end)?;
        Some((value, self.after.strip(rest.get(end..)?)?))
    }

    /// Ends at the first unescaped quote that the literal (and a number, where one is next) follows, so that a stray
    /// quote within a value does not end it. A line that was cut within its last value is taken as it is.
    #[inline]
    fn cut_quoted<'a>(&self, rest: &'a str, number_next: bool) -> Option<(&'a str, &'a str)> {
        let b = rest.as_bytes();
        let mut at = 0;
        let mut stray = false;
        loop {
            let Some(found) = memchr2(b'"', b'\\', b.get(at..)?) else {
                return (self.after.len() == 1 && !rest.is_empty() && !stray).then_some((rest, ""));
            };
            at += found;
            if b.get(at) == Some(&b'\\') {
                at += 2;
                continue;
            }
            if let Some(after) = rest.get(at..).and_then(|r| self.after.strip(r))
                && match after.as_bytes() {
                    [c, ..] if number_next => c.is_ascii_digit() || *c == b'-',
                    [] => true,
                    [c, ..] => self.after.len() > 1 || *c == b' ',
                }
            {
                return Some((rest.get(..at)?, after));
            }
            stray = true;
            at += 1;
        }
    }
}

fn find_list_end(b: &[u8], after: &Literal) -> Option<usize> {
    let mut at = 0;
    loop {
        at += after.find(b.get(at..)?)?;
        let continues = b.get(..at).is_some_and(|head| head.ends_with(b",") || head.ends_with(b" :"))
            || b.get(at..).is_some_and(|tail| tail.starts_with(b" : "));
        if !continues {
            return Some(at);
        }
        at += 1;
    }
}

fn adjacent(name: &str, column: usize) -> Diagnostic {
    Diagnostic {
        file: name.to_owned(),
        line: 1,
        column,
        message: "the end of this field cannot be told: another field follows at once".to_owned(),
        hint: Some("put a space, a quote or another character between the two".to_owned()),
    }
}
