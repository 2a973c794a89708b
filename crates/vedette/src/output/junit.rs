//! Findings as test results, for build servers: JUnit XML as Jenkins and GitLab read it.
//!
//! A kind of finding is a test suite. Each finding is a test that failed; a kind without any is one that passed.

use std::fmt::Write as _;
use std::io::Write;

use vedette_engine::checks::CHECKS;
use vedette_model::results::{Finding, Results};

/// Writes one document with a suite per kind.
pub(crate) fn junit(results: &Results, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut suites = String::new();
    let mut tests = 0;
    let mut kinds: Vec<(&str, &str)> = CHECKS.iter().map(|check| (check.meta.id, check.meta.title)).collect();
    for finding in &results.findings {
        if !kinds.iter().any(|(kind, _)| *kind == finding.kind) {
            kinds.push((&finding.kind, &finding.title));
        }
    }
    for (kind, title) in kinds {
        let found: Vec<&Finding> = results.findings.iter().filter(|finding| finding.kind == kind).collect();
        let count = found.len().max(1);
        tests += count;
        writeln!(suites, r#"  <testsuite name="{kind}" tests="{count}" failures="{}" errors="0">"#, found.len())?;
        if found.is_empty() {
            writeln!(suites, r#"    <testcase classname="{kind}" name="{}"/>"#, escaped(title))?;
        }
        for finding in found {
            case(finding, &mut suites)?;
        }
        writeln!(suites, "  </testsuite>")?;
    }
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="vedette" tests="{tests}" failures="{}" errors="0">"#, results.findings.len())?;
    out.write_all(suites.as_bytes())?;
    Ok(writeln!(out, "</testsuites>")?)
}

fn case(finding: &Finding, out: &mut String) -> std::fmt::Result {
    let name = format!("{} {}", finding.service, finding.place);
    writeln!(out, r#"    <testcase classname="{}" name="{}">"#, escaped(&finding.kind), escaped(&name))?;
    let title = format!("{}: {}", finding.severity.id(), finding.title);
    writeln!(out, r#"      <failure type="{}" message="{}">"#, finding.severity.id(), escaped(&title))?;
    writeln!(out, "{}", escaped(&finding.explanation))?;
    for evidence in &finding.evidence {
        let at = match (&evidence.file, evidence.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (Some(file), None) => file.clone(),
            _ => format!("record {}", evidence.exchange),
        };
        let shown = format!("{} {} ({at})", evidence.location, evidence.excerpt);
        writeln!(out, "{}", escaped(&shown))?;
    }
    writeln!(out, "{}</failure>", escaped(&finding.fix))?;
    writeln!(out, "    </testcase>")
}

/// Text inside of XML 1.0: markup escaped, characters that it forbids replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::summary::tests::sample;

    #[test]
    fn findings_fail_and_other_kinds_pass() {
        let mut results = sample();
        if let Some(first) = results.findings.first_mut() {
            first.kind = "cors-open".into();
            first.explanation = "a < b & \u{1}".into();
        }
        let mut out = Vec::new();
        junit(&results, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains(r#"<testsuite name="cors-open" tests="1" failures="1" errors="0">"#), "{text}");
        assert!(text.contains("a &lt; b &amp; \u{fffd}"), "{text}");
        assert!(text.contains(r#"<testcase classname="guessable-ids" name="Ids that can be guessed"/>"#), "{text}");
    }
}
