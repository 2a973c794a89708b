//! The compliance view as Markdown: a table per framework, the violated requirements with their findings below.

use std::collections::BTreeMap;
use std::io::Write;

use vedette_model::results::{Finding, Framework, RequirementStatus, Results};

use super::markdown::{cell, code};

/// Findings listed per requirement; the rest is counted.
const FINDINGS_MAX: usize = 10;

/// Writes the view.
pub(crate) fn compliance(results: &Results, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "# Compliance\n")?;
    writeln!(
        out,
        "Evidence from {} exchanges, for those who assess. \"Nothing found\" covers what was observed, and certifies \
         nothing.",
        results.stats.exchanges
    )?;
    let findings: BTreeMap<&str, &Finding> = results.findings.iter().map(|one| (one.id.as_str(), one)).collect();
    for framework in &results.compliance {
        table(framework, out)?;
        for requirement in framework.requirements.iter().filter(|one| !one.findings.is_empty()) {
            writeln!(out, "\n### {} {}: {}\n", framework.name, requirement.id, requirement.title)?;
            let mut listed = 0;
            let found = requirement.findings.iter().filter_map(|id| findings.get(id.as_str()));
            for finding in found.take(FINDINGS_MAX) {
                let (severity, place) = (finding.severity.id(), code(&finding.place));
                let service = cell(&finding.service);
                let of = if finding.place == finding.service { String::new() } else { format!(" of {service}") };
                writeln!(out, "- {severity}: {}, `{place}`{of}", cell(&finding.title))?;
                listed += 1;
            }
            if requirement.findings.len() > listed {
                writeln!(out, "- {} more", requirement.findings.len() - listed)?;
            }
        }
    }
    Ok(())
}

fn table(framework: &Framework, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "\n## {} {}\n\n{}\n", framework.name, framework.version, framework.outside)?;
    writeln!(out, "| requirement | status | why | looked for |\n|---|---|---|---|")?;
    for requirement in &framework.requirements {
        let status = match requirement.status {
            RequirementStatus::Violated => "**violated**",
            RequirementStatus::Clean => "nothing found",
            RequirementStatus::NotAssessable => "not assessable",
        };
        let kinds: Vec<String> = requirement
            .kinds
            .iter()
            .map(|kind| if requirement.blind.contains(kind) { format!("~~{kind}~~") } else { kind.clone() })
            .collect();
        writeln!(
            out,
            "| {} {} | {status} | {} | {} |",
            requirement.id,
            requirement.title,
            requirement.reason,
            kinds.join(", ")
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vedette_model::results::Requirement;

    use super::*;
    use crate::output::summary::tests::sample;

    #[test]
    fn violated_requirements_name_their_findings() {
        let mut results = sample();
        for (at, finding) in results.findings.iter_mut().enumerate() {
            finding.id = format!("f{at}");
        }
        let requirement = |id: &str, status, findings: &[&str]| Requirement {
            id: id.into(),
            title: "Something is asked for".into(),
            status,
            reason: "Because.".into(),
            kinds: vec!["cors-open".into(), "jwt-weak".into()],
            blind: vec!["jwt-weak".into()],
            findings: findings.iter().map(ToString::to_string).collect(),
        };
        results.compliance = vec![Framework {
            id: "pci-dss".into(),
            name: "PCI DSS".into(),
            version: "4.0.1".into(),
            outside: "Storage is not seen.".into(),
            requirements: vec![
                requirement("6.2.4", RequirementStatus::Violated, &["f0", "left out by a baseline"]),
                requirement("6.3.2", RequirementStatus::Clean, &[]),
            ],
        }];
        let mut out = Vec::new();
        compliance(&results, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
        # Compliance

        Evidence from 12345 exchanges, for those who assess. "Nothing found" covers what was observed, and certifies nothing.

        ## PCI DSS 4.0.1

        Storage is not seen.

        | requirement | status | why | looked for |
        |---|---|---|---|
        | 6.2.4 Something is asked for | **violated** | Because. | cors-open, ~~jwt-weak~~ |
        | 6.3.2 Something is asked for | nothing found | Because. | cors-open, ~~jwt-weak~~ |

        ### PCI DSS 6.2.4: Something is asked for

        - critical: Personal data without authentication, `GET /v1/boats/{boatId}/owner` of api.harbor.example
        - 1 more
        "#);
    }
}
