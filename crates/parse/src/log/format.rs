//! Line-based logs with a fixed layout.

use std::borrow::Cow;

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
    id: Cow<'static, str>,
    /// Layouts, tried in order.
    programs: Vec<Program>,
    /// Lines that begin with `#` are directives.
    w3c: bool,
    /// The columns are those of a directive, so a line with more is of another layout.
    exact: bool,
}

impl LogFormat {
    /// Compiles an nginx `log_format` or Apache `LogFormat` string; which of the two follows from how it names its
    /// fields. Takes the bare string or the whole directive as it stands in a configuration file.
    pub fn compile(format: &str) -> Result<Self, Diagnostic> {
        Ok(Self { id: Cow::Borrowed("custom"), programs: vec![compile(format)?], w3c: false, exact: false })
    }

    /// Compiles a built-in format of one or more layouts.
    pub(crate) fn from_layouts(id: &'static str, layouts: &[&str]) -> Option<Self> {
        let programs = layouts.iter().map(|layout| compile(layout)).collect::<Result<_, _>>().ok()?;
        Some(Self { id: Cow::Borrowed(id), programs, w3c: false, exact: false })
    }

    /// A layout that was inferred from lines, as a format string.
    pub(crate) fn inferred(format: &str) -> Option<Self> {
        Some(Self { id: Cow::Borrowed("inferred"), programs: vec![compile(format).ok()?], w3c: false, exact: false })
    }

    /// A W3C log; `exact` when its columns are given by `#Fields:` directives, the likeliest first.
    pub(crate) fn from_columns(id: &'static str, programs: Vec<Program>, exact: bool) -> Self {
        Self { id: Cow::Borrowed(id), programs, w3c: true, exact }
    }

    /// Format id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// True of a W3C log, whose directives may rename the columns.
    pub fn has_directives(&self) -> bool {
        self.w3c
    }

    /// The format of the lines that follow `line`, when it is a `#Fields:` directive with other columns (IIS writes
    /// one at every restart). Reading stays a function of one line: whoever reads lines in order may ask here.
    pub fn after(&self, line: &str) -> Option<Self> {
        if !self.w3c || !line.starts_with('#') {
            return None;
        }
        let columns = w3c::columns(line)?;
        let mut programs = w3c::programs(columns);
        programs.extend(self.programs.iter().cloned());
        programs.truncate(LOG_LAYOUTS_MAX);
        Some(Self { id: self.id.clone(), programs, w3c: true, exact: true })
    }

    /// Reads one line. `Ok(None)` for blank lines and directives.
    pub fn parse<'a>(&'a self, line: &'a str) -> Result<Option<Exchange<'a>>, Unreadable> {
        let line = line.trim_ascii();
        if line.is_empty() || (self.w3c && line.starts_with('#')) {
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
        if self.exact {
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
