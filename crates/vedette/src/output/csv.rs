//! Findings as a table for spreadsheets and ticket systems (RFC 4180).

use std::borrow::Cow;
use std::io::Write;

use vedette_model::results::{Finding, Results};

use super::Owners;

const HEADER: [&str; 17] = [
    "id",
    "severity",
    "kind",
    "title",
    "service",
    "endpoint",
    "explanation",
    "evidence",
    "fix",
    "owasp",
    "cwe",
    "compliance",
    "confidence",
    "occurrences",
    "first_seen",
    "last_seen",
    "owner",
];

/// Writes a header and a row per finding, worst first.
pub(crate) fn findings_csv(results: &Results, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(HEADER)?;
    let owners = Owners::of(results);
    for finding in &results.findings {
        writer.write_record(row(finding, owners.owner(finding)).iter().map(|cell| inert(cell).into_owned()))?;
    }
    writer.flush()?;
    Ok(())
}

fn row(finding: &Finding, owner: Option<&str>) -> [String; 17] {
    let evidence = finding.evidence.iter().map(|item| format!("{} {}", item.location, item.excerpt));
    let time = |at: Option<vedette_model::Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    [
        finding.id.clone(),
        format!("{:?}", finding.severity).to_lowercase(),
        finding.kind.clone(),
        finding.title.clone(),
        finding.service.clone(),
        finding.place.clone(),
        finding.explanation.clone(),
        evidence.collect::<Vec<_>>().join("; "),
        finding.fix.clone(),
        finding.owasp.join("; "),
        finding.cwe.join("; "),
        finding.compliance.join("; "),
        format!("{:.2}", finding.confidence),
        finding.occurrences.to_string(),
        time(finding.first_seen),
        time(finding.last_seen),
        owner.unwrap_or_default().to_owned(),
    ]
}

/// A cell that no spreadsheet takes for a formula: traffic decides what stands in a path or an excerpt, so an
/// attacker would otherwise run code on the desk of whoever opens the file (OWASP, CSV injection).
fn inert(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use vedette_model::results::{Endpoint, Owner};

    use super::*;

    #[test]
    fn rows_survive_quotes_newlines_and_formulas() {
        let mut results = Results::default();
        results.findings.push(Finding {
            id: "f1".into(),
            kind: "debug-endpoint".into(),
            endpoint: "e1".into(),
            place: "=HYPERLINK(\"x\") /a,b".into(),
            explanation: "two\nlines, \"quoted\"".into(),
            ..Finding::default()
        });
        let owner = Owner { name: "@harbor/fulfillment".into(), ..Owner::default() };
        results.endpoints.push(Endpoint { id: "e1".into(), owner: Some(owner), ..Endpoint::default() });
        let mut out = Vec::new();
        findings_csv(&results, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with("\r\n"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let row = reader.records().next().unwrap().unwrap();
        assert_eq!(&row[5], "'=HYPERLINK(\"x\") /a,b");
        assert_eq!(&row[6], "two\nlines, \"quoted\"");
        assert_eq!(&row[16], "'@harbor/fulfillment", "an owner is no formula either");
        assert_eq!(row.len(), HEADER.len());
    }

    #[test]
    fn only_beginnings_of_formulas_are_quoted() {
        for (cell, expected) in
            [("=1", "'=1"), ("@x", "'@x"), ("-1", "'-1"), ("a=1", "a=1"), ("", ""), ("GET /", "GET /")]
        {
            assert_eq!(inert(cell), expected);
        }
    }
}
