//! What a user sees of [`Results`] outside of the report: the terminal summary, JSON and CSV.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result};
use vedette_model::Severity;
use vedette_model::results::{Finding, Owner, Results};

pub(crate) mod compliance;
pub(crate) mod csv;
pub(crate) mod evaluation;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod page;
pub(crate) mod plot;
pub(crate) mod sarif;
pub(crate) mod summary;

pub(crate) use compliance::compliance;
pub(crate) use csv::findings_csv;
pub(crate) use json::json;
pub(crate) use junit::junit;
pub(crate) use markdown::markdown;
pub(crate) use sarif::sarif;
pub(crate) use summary::summary;

/// Columns when the terminal does not tell: the narrowest the summary is laid out for.
const WIDTH_DEFAULT: usize = 80;

/// Columns past which lines are hard to read.
const WIDTH_MAX: usize = 110;

/// True when there is a finding or detection at least this bad (`--fail-on`).
pub(crate) fn fail_on(results: &Results, severity: Severity) -> bool {
    results.findings.iter().any(|finding| finding.severity >= severity)
        || results.detections.iter().any(|detection| detection.severity >= severity)
}

/// Names of the owners of findings: that of the endpoint, or of the service when a finding is about it whole.
pub(crate) struct Owners<'r> {
    endpoints: BTreeMap<&'r str, &'r str>,
    services: BTreeMap<&'r str, &'r str>,
}

impl<'r> Owners<'r> {
    /// Those of an analysis.
    pub(crate) fn of(results: &'r Results) -> Self {
        let named = |owner: &'r Option<Owner>| owner.as_ref().map(|owner| owner.name.as_str());
        let endpoints = results.endpoints.iter().filter_map(|one| Some((one.id.as_str(), named(&one.owner)?)));
        let services = results.services.iter().filter_map(|one| Some((one.name.as_str(), named(&one.owner)?)));
        Self { endpoints: endpoints.collect(), services: services.collect() }
    }

    /// Who owns the place of a finding.
    pub(crate) fn owner(&self, finding: &Finding) -> Option<&'r str> {
        if finding.endpoint.is_empty() {
            return self.services.get(finding.service.as_str()).copied();
        }
        self.endpoints.get(finding.endpoint.as_str()).copied()
    }
}

/// Whether standard output takes colors: a terminal that is not dumb, and `NO_COLOR` (no-color.org) unset or empty.
pub(crate) fn wants_color() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdout().is_terminal() && !unwanted && !dumb
}

/// Columns of the terminal, within what the summary is laid out for.
pub(crate) fn terminal_width() -> usize {
    let columns = terminal_size::terminal_size().map(|(terminal_size::Width(columns), _)| usize::from(columns));
    columns.unwrap_or(WIDTH_DEFAULT).clamp(40, WIDTH_MAX)
}

/// A file by the end of its path, for lists in which long paths would leave no room.
pub(crate) fn file_tail(file: &str) -> &str {
    let second = file.rmatch_indices('/').nth(1);
    second.map_or(file, |(at, _)| file.get(at + 1..).unwrap_or(file))
}

/// Writes a file whole or not at all: beside it first, then renamed over it.
pub(crate) fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let partial = path.with_extension("partial");
    let written = || -> Result<()> {
        let mut out = BufWriter::new(fs::File::create(&partial)?);
        write(&mut out)?;
        out.flush()?;
        fs::rename(&partial, path)?;
        Ok(())
    };
    written().with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_closes_at_its_severity() {
        let results = summary::tests::sample();
        assert!(fail_on(&results, Severity::Critical));
        let mut mild = results;
        mild.findings.retain(|finding| finding.severity < Severity::High);
        assert!(!fail_on(&mild, Severity::High));
        assert!(fail_on(&mild, Severity::Low));
    }
}
