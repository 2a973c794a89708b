//! A summary for a pull request: Markdown as GitHub and GitLab show it.

use std::io::Write;

use vedette_model::Severity;
use vedette_model::results::{Finding, Results};

use super::Owners;

/// Findings listed; the rest is counted.
const FINDINGS_MAX: usize = 15;

/// Fixes said in full.
const FIXES_MAX: usize = 3;

/// Writes the summary.
pub(crate) fn markdown(results: &Results, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "## API security: {}", headline(results))?;
    writeln!(out)?;
    let apis = results.endpoints.iter().filter(|endpoint| endpoint.is_api()).count();
    let stats = &results.stats;
    if stats.exchanges > 0 {
        let services = results.services.len();
        writeln!(out, "{apis} API endpoints of {services} services, learned from {} exchanges.", stats.exchanges)?;
    }
    for gateway in &results.gateways {
        writeln!(out, "\n`{}`: {}, {} routes.", code(&gateway.file), gateway.product, gateway.route_count)?;
    }
    if let Some(baseline) = &results.baseline {
        writeln!(
            out,
            "Compared with `{}`: {} known findings left out, {} resolved, {} new endpoints.",
            code(&baseline.name),
            baseline.known,
            baseline.resolved,
            baseline.new_endpoints
        )?;
    }
    if results.findings.is_empty() {
        return Ok(());
    }
    let owners = results.ownership.as_ref().map(|_| Owners::of(results));
    let (title, line) = if owners.is_some() { (" owner |", "---|") } else { ("", "") };
    writeln!(out, "\n| severity | what | where |{title}\n|---|---|---|{line}")?;
    for finding in results.findings.iter().take(FINDINGS_MAX) {
        let place = if finding.place == finding.service {
            format!("`{}`", code(&finding.service))
        } else {
            format!("`{}` of {}", code(&finding.place), cell(&finding.service))
        };
        let owner = owners.as_ref().map(|owners| format!(" {} |", cell(owners.owner(finding).unwrap_or("–"))));
        let (severity, title) = (finding.severity.id(), cell(&finding.title));
        writeln!(out, "| {severity} | {title} | {place} |{}", owner.unwrap_or_default())?;
    }
    if results.findings.len() > FINDINGS_MAX {
        writeln!(out, "\n{} more are in the report.", results.findings.len() - FINDINGS_MAX)?;
    }
    for finding in distinct(&results.findings).take(FIXES_MAX) {
        writeln!(
            out,
            "\n**{}** {} *What to do:* {}",
            cell(&finding.title),
            cell(&finding.explanation),
            cell(&finding.fix)
        )?;
    }
    Ok(())
}

fn headline(results: &Results) -> String {
    let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    let counts = severities.iter().filter_map(|severity| {
        let count = results.findings.iter().filter(|finding| finding.severity == *severity).count();
        (count > 0).then(|| format!("{count} {}", severity.id()))
    });
    let counts: Vec<String> = counts.collect();
    match (counts.is_empty(), results.baseline.is_some()) {
        (true, true) => "nothing new".to_owned(),
        (true, false) => "no findings".to_owned(),
        (false, true) => format!("{} new", counts.join(", ")),
        (false, false) => counts.join(", "),
    }
}

/// The first finding of each kind.
fn distinct(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    let mut seen = std::collections::BTreeSet::new();
    findings.iter().filter(move |finding| seen.insert(finding.kind.clone()))
}

/// Text in a table cell: what would end the cell or begin markup is escaped, and names from traffic make no links.
pub(super) fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '@' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Text inside of back quotes in a table.
pub(super) fn code(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '`' { ' ' } else { c }).collect::<String>().replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use vedette_model::results::{Owner, Ownership};

    use super::*;
    use crate::output::summary::tests::sample;

    #[test]
    fn the_summary_is_a_table_with_the_fixes_below() {
        let mut out = Vec::new();
        markdown(&sample(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("## API security: 1 critical, 1 high, 2 medium, 2 low\n"), "{text}");
        assert!(
            text.contains("| critical | Personal data without authentication | `GET /v1/boats/{boatId}/owner` of"),
            "{text}"
        );
    }

    #[test]
    fn owners_have_a_column_when_they_are_known() {
        let mut results = sample();
        results.ownership = Some(Ownership::default());
        let owner = Owner { name: "@harbor/fulfillment".into(), ..Owner::default() };
        results.services[0].owner = Some(owner);
        let mut out = Vec::new();
        markdown(&results, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("| severity | what | where | owner |\n|---|---|---|---|"), "{text}");
        assert!(text.contains("of api.harbor.example | \\@harbor/fulfillment |"), "nobody is notified: {text}");
    }

    #[test]
    fn traffic_cannot_write_markup() {
        assert_eq!(cell("a|b [x](y) <script>"), "a\\|b \\[x\\](y) \\<script\\>");
        assert_eq!(code("a`b|c"), "a b\\|c");
    }
}
