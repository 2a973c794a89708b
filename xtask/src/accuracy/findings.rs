//! Findings on recordings of legitimate traffic: every severe one is listed, to be read by a person.

use anyhow::Result;
use vedette_model::Severity;

use super::Shared;
use crate::product::Product;
use crate::table::Table;

/// Recordings, all legitimate.
const RECORDINGS: &[&str] =
    &["traffic/monitoring-v1.har.ndjson.gz", "traffic/cloud-v4.har.ndjson.gz", "traffic/shop.har"];

pub(super) fn measure(product: &Product, shared: &Shared) -> Result<Vec<Table>> {
    let mut counts = Table::new(
        "Findings on legitimate recordings",
        "Recordings of legitimate use. A finding of a true weakness may be there; a false one of high severity is a \
         defect. All of high and critical severity are listed below.",
        &["recording", "critical", "high", "medium", "low", "info"],
    );
    let mut list = Table::new(
        "The severe ones",
        "To be judged by reading: the place, what was observed, and where.",
        &["recording", "severity", "kind", "place", "explanation"],
    );
    for recording in RECORDINGS {
        let name = recording.split(['/', '.']).nth(1).unwrap_or(recording);
        let (results, _) = product.analyze(&shared.data.join(recording), &format!("findings-{name}"))?;
        let count =
            |severity| results.findings.iter().filter(|finding| finding.severity == severity).count().to_string();
        counts.row([
            name.to_owned(),
            count(Severity::Critical),
            count(Severity::High),
            count(Severity::Medium),
            count(Severity::Low),
            count(Severity::Info),
        ]);
        for finding in results.findings.iter().filter(|finding| finding.severity >= Severity::High) {
            list.row([
                name.to_owned(),
                format!("{:?}", finding.severity).to_lowercase(),
                finding.kind.clone(),
                finding.place.clone(),
                finding.explanation.clone(),
            ]);
        }
    }
    Ok(vec![counts, list])
}
