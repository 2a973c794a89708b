//! Findings of documents that users have, as commands print them: the places, then the fix.

use vedette_model::results::{Finding, Results};

use crate::output::file_tail;
use crate::output::page::{Page, Style};

/// Places of one finding that are printed without `--all`.
const PLACES_SHOWN: usize = 3;

/// Prints all findings, those of one kind together.
pub(crate) fn findings(results: &Results, all: bool, page: &mut Page) {
    if results.findings.is_empty() {
        page.line(&[("nothing to complain about", Style::Plain)]);
    }
    let mut kinds: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in &results.findings {
        match kinds.iter_mut().find(|(kind, _)| *kind == finding.kind) {
            Some((_, all)) => all.push(finding),
            None => kinds.push((&finding.kind, vec![finding])),
        }
    }
    for (_, of_kind) in &kinds {
        let Some(worst) = of_kind.first() else { continue };
        page.title(&format!("{}  {}", worst.severity.id().to_uppercase(), worst.title));
        places(of_kind, if all { usize::MAX } else { PLACES_SHOWN }, page);
        page.paragraph(("  fix  ", Style::Dim), &worst.fix, 3);
    }
}

fn places(of_kind: &[&Finding], most: usize, page: &mut Page) {
    let listed = || of_kind.iter().flat_map(|finding| finding.evidence.iter().map(|one| (finding.severity, one)));
    for (severity, one) in listed().take(most) {
        let place = match (&one.file, one.line) {
            (Some(file), Some(line)) => format!("  {}:{line}  ", file_tail(file)),
            (Some(file), None) => format!("  {}  ", file_tail(file)),
            _ => "  ".to_owned(),
        };
        page.paragraph((&place, Style::Severity(severity)), &one.excerpt, 3);
    }
    let listed = listed().count();
    let all: u64 = of_kind.iter().map(|finding| finding.occurrences).sum();
    let left = all.saturating_sub(listed.min(most) as u64);
    if left > 0 {
        let more = if most < listed { "; --all lists them" } else { "" };
        page.line(&[(&format!("  and {left} more{more}"), Style::Dim)]);
    }
}
