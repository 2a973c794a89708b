//! Findings of documents that users have, as commands print them: the places, then the fix.

use vedette_model::results::{Finding, Results};

use crate::output::page::{Page, Style};
use crate::output::word;

/// Places of one finding that are printed without `--all`.
const PLACES_SHOWN: usize = 3;

/// Prints all findings.
pub(crate) fn findings(results: &Results, all: bool, page: &mut Page) {
    if results.findings.is_empty() {
        page.line(&[("nothing to complain about", Style::Plain)]);
    }
    for finding in &results.findings {
        page.title(&format!("{}  {}", word(finding.severity).to_uppercase(), finding.title));
        places(finding, if all { usize::MAX } else { PLACES_SHOWN }, page);
        page.paragraph(("  fix  ", Style::Dim), &finding.fix, 3);
    }
}

fn places(finding: &Finding, most: usize, page: &mut Page) {
    for one in finding.evidence.iter().take(most) {
        let place = match (&one.file, one.line) {
            (Some(file), Some(line)) => format!("  {file}:{line}  "),
            (Some(file), None) => format!("  {file}  "),
            _ => "  ".to_owned(),
        };
        page.paragraph((&place, Style::Severity(finding.severity)), &one.excerpt, 3);
    }
    let left = finding.occurrences.saturating_sub(finding.evidence.len().min(most) as u64);
    if left > 0 {
        let more = if most < finding.evidence.len() { "; --all lists them" } else { "" };
        page.line(&[(&format!("  and {left} more{more}"), Style::Dim)]);
    }
}
