//! Line-based logs with a fixed layout.

use std::sync::Arc;

use vedette_model::limits::{LINE_BYTES_MAX, LOG_LAYOUTS_MAX};
use vedette_model::{Diagnostic, Exchange};

use super::address::first_forwarded;
use super::compile::compile;
use super::draft::Draft;
use super::envelope;
use super::program::Program;
use super::w3c;
use crate::decode::Unreadable;

/// A line-based log with a fixed layout, compiled from a format string or built in.
///
/// A line that does not fit is tried again without what a container runtime or syslog put before it, so that every
/// format may be wrapped in those.
#[derive(Clone, Debug)]
pub struct LogFormat {
    id: &'static str,
    /// Layouts, tried in order.
    programs: Vec<Program>,
    origin: Origin,
}

/// What a format was made from, so that it can be written down and made again.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    /// Its id says all.
    BuiltIn,
    /// A format string, a user's or inferred.
    Text(Arc<str>),
    /// Columns of a W3C log, the likeliest first. Lines that begin with `#` are directives. `exact` when the columns are
    /// those of directives, so that a line with more is of another layout.
    Columns { columns: Vec<Arc<str>>, exact: bool },
}

impl LogFormat {
    /// Compiles an nginx `log_format` or Apache `LogFormat` string; which of the two follows from how it names its
    /// fields. Takes the bare string or the whole directive as it stands in a configuration file.
    pub fn compile(format: &str) -> Result<Self, Diagnostic> {
        Self::from_text("custom", format)
    }

    /// Compiles a built-in format of one or more layouts.
    pub(crate) fn from_layouts(id: &'static str, layouts: &[&str]) -> Option<Self> {
        let programs = layouts.iter().map(|layout| compile(layout)).collect::<Result<_, _>>().ok()?;
        Some(Self { id, programs, origin: Origin::BuiltIn })
    }

    /// A layout that was inferred from lines, as a format string.
    pub(crate) fn inferred(format: &str) -> Result<Self, Diagnostic> {
        Self::from_text("inferred", format)
    }

    /// A W3C log with the columns of `#Fields:` directives, the likeliest first. `None` when nothing can be learned from
    /// any of them.
    pub(crate) fn from_directives(id: &'static str, columns: &[&str]) -> Option<Self> {
        let log = Self::from_columns(id, columns.iter().copied().map(w3c::normal), true);
        (!log.programs.is_empty()).then_some(log)
    }

    /// As [`LogFormat::from_directives`], from the text that [`LogFormat::text`] gives.
    pub(crate) fn from_written_directives(id: &'static str, directives: &str) -> Option<Self> {
        let columns: Vec<&str> = directives.split('\n').filter_map(w3c::columns).collect();
        Self::from_directives(id, &columns)
    }

    /// A W3C log with the columns that its server writes unless told otherwise.
    pub(crate) fn from_usual_columns(id: &'static str, columns: &str) -> Self {
        Self::from_columns(id, [w3c::normal(columns)], false)
    }

    fn from_columns(id: &'static str, columns: impl IntoIterator<Item = Arc<str>>, exact: bool) -> Self {
        let mut kept: Vec<Arc<str>> = Vec::new();
        let mut programs = Vec::new();
        for columns in columns {
            if kept.len() >= LOG_LAYOUTS_MAX || kept.contains(&columns) {
                continue;
            }
            let layouts = w3c::programs(&columns);
            if !layouts.is_empty() {
                programs.extend(layouts);
                kept.push(columns);
            }
        }
        Self { id, programs, origin: Origin::Columns { columns: kept, exact } }
    }

    fn from_text(id: &'static str, format: &str) -> Result<Self, Diagnostic> {
        Ok(Self { id, programs: vec![compile(format)?], origin: Origin::Text(format.into()) })
    }

    /// Format id.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// True of a W3C log, whose directives may rename the columns.
    pub fn has_directives(&self) -> bool {
        matches!(self.origin, Origin::Columns { .. })
    }

    /// What makes this format again, beside its id: a format string, or `#Fields:` directives, the likeliest first. Empty
    /// for a built-in format.
    pub(crate) fn text(&self) -> String {
        match &self.origin {
            Origin::BuiltIn | Origin::Columns { exact: false, .. } => String::new(),
            Origin::Text(text) => text.to_string(),
            Origin::Columns { columns, exact: true } => w3c::directives(columns),
        }
    }

    /// The format of the lines that follow `line`, when it is a `#Fields:` directive with other columns (IIS writes
    /// one at every restart). Reading stays a function of one line: whoever reads lines in order may ask here.
    pub fn after(&self, line: &str) -> Option<Self> {
        let Origin::Columns { columns: known, exact } = &self.origin else { return None };
        let columns = w3c::normal(w3c::columns(line)?);
        if *exact && known.first() == Some(&columns) {
            return None;
        }
        let log = Self::from_columns(self.id, std::iter::once(columns.clone()).chain(known.iter().cloned()), true);
        matches!(&log.origin, Origin::Columns { columns: kept, .. } if kept.first() == Some(&columns)).then_some(log)
    }

    /// Reads one line. `Ok(None)` for blank lines and directives.
    pub fn parse<'a>(&'a self, line: &'a str) -> Result<Option<Exchange<'a>>, Unreadable> {
        let line = line.trim_ascii();
        if line.is_empty() || (line.starts_with('#') && self.has_directives()) {
            return Ok(None);
        }
        let mut draft = Draft::default();
        match self.read(line, &mut draft) {
            Ok(_) => {
                draft.finish();
                Ok(Some(draft.exchange))
            }
            Err(error) => self.unwrap_and_read(line).map(Some).ok_or(error),
        }
    }

    #[cold]
    fn unwrap_and_read<'a>(&'a self, line: &'a str) -> Option<Exchange<'a>> {
        let mut draft = Draft::default();
        if let Some(inner) = envelope::strip(line) {
            self.read(inner, &mut draft).ok()?;
            draft.finish();
            return Some(draft.exchange);
        }
        let inner = envelope::docker(line)?;
        let mut draft = Draft::default();
        self.read(inner.trim_ascii(), &mut draft).ok()?;
        draft.finish();
        Some(envelope::into_owned(draft.exchange))
    }

    /// Reads a line that is not wrapped into a fresh draft.
    #[inline]
    pub(crate) fn read<'a>(&'a self, line: &'a str, draft: &mut Draft<'a>) -> Result<Fit, Unreadable> {
        if line.len() > LINE_BYTES_MAX {
            return Err(Unreadable { reason: "line longer than 1 MB" });
        }
        let [first, others @ ..] = self.programs.as_slice() else {
            return Err(Unreadable { reason: "the format has no layout" });
        };
        self.read_with(first, line, draft).map(|exact| Fit { layout: 0, exact }).or_else(|error| {
            for (index, program) in others.iter().enumerate() {
                *draft = Draft::default();
                if let Ok(exact) = self.read_with(program, line, draft) {
                    return Ok(Fit { layout: index + 1, exact });
                }
            }
            Err(error)
        })
    }

    #[inline]
    fn read_with<'a>(&self, program: &'a Program, line: &'a str, draft: &mut Draft<'a>) -> Result<bool, Unreadable> {
        let extras = program.run(line, draft)?;
        if extras.is_empty() {
            return Ok(true);
        }
        if matches!(self.origin, Origin::Columns { exact: true, .. }) {
            return Err(Unreadable { reason: "more columns than the #Fields directive names" });
        }
        if !extras.starts_with([' ', '\t', ',']) {
            return Err(Unreadable { reason: "text after the last field" });
        }
        if draft.wants_forwarded()
            && let Some(list) = forwarded_in(extras)
        {
            draft.set_forwarded(list);
        }
        Ok(false)
    }
}

/// How a line fitted a format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fit {
    /// Which of the layouts.
    pub(crate) layout: usize,
    /// The layout covers the line to its end.
    pub(crate) exact: bool,
}

/// A quoted value among those after the last field that is a list of addresses: many append `X-Forwarded-For`.
#[cold]
fn forwarded_in(extras: &str) -> Option<&str> {
    extras.split('"').skip(1).step_by(2).find(|value| first_forwarded(value).is_some())
}
