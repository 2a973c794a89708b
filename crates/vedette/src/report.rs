//! The report: one self-contained HTML file with the results embedded.
//!
//! The page is the web app in `ui/` built as one file (see `build.rs`). It reads the results from a JSON block, and
//! nothing in there may end that block or start a script: much of it was written by whoever sent the traffic.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use vedette_model::results::Results;

/// The built app, or the plain page when the app was not built.
const PAGE: &str = include_str!(concat!(env!("OUT_DIR"), "/report.html"));

/// What the results replace; stands in the page once, as the content of its JSON block.
const MARKER: &str = "\"vedette:results\"";

/// Writes the report of an analysis. Streams: the results are never a second time in memory as text.
pub(crate) fn write_report(results: &Results, out: &mut impl Write) -> io::Result<()> {
    let (before, after) = PAGE.split_once(MARKER).ok_or_else(|| io::Error::other("the page has no results block"))?;
    out.write_all(before.as_bytes())?;
    results.serialize(&mut Serializer::with_formatter(&mut *out, Inert))?;
    out.write_all(after.as_bytes())
}

/// JSON that means nothing to an HTML parser: `<`, `>` and `&` are escaped (`</script>` and `<!--` cannot occur), and
/// the two line separators that older JavaScript would not take inside a string.
struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, character)) = rest.char_indices().find(|(_, c)| escape(*c).is_some()) {
            let (plain, tail) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            writer.write_all(escape(character).unwrap_or_default().as_bytes())?;
            rest = tail.split_at(character.len_utf8()).1;
        }
        writer.write_all(rest.as_bytes())
    }
}

fn escape(character: char) -> Option<&'static str> {
    match character {
        '<' => Some("\\u003c"),
        '>' => Some("\\u003e"),
        '&' => Some("\\u0026"),
        '\u{2028}' => Some("\\u2028"),
        '\u{2029}' => Some("\\u2029"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use vedette_model::results::{Endpoint, Finding, Service};

    use super::*;

    const HOSTILE: &str = "/</script><img src=x onerror=alert(1)><!--<script>\u{2028}\u{2029}&lt;\"\\\u{1F600}";

    fn report(results: &Results) -> String {
        let mut out = Vec::new();
        write_report(results, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn block(report: &str) -> &str {
        let (_, rest) = report.split_once(r#"id="vedette-results">"#).unwrap();
        rest.split_once("</script>").unwrap().0
    }

    #[test]
    fn the_page_has_one_place_for_the_results() {
        assert_eq!(PAGE.matches(MARKER).count(), 1);
        assert!(PAGE.contains("Content-Security-Policy"));
    }

    #[test]
    fn the_page_needs_nothing_from_outside() {
        for outside in ["src=\"http", "href=\"http", "src=\"/", "href=\"/", "@import"] {
            assert!(!PAGE.contains(outside), "{outside}");
        }
    }

    #[test]
    fn hostile_traffic_cannot_leave_its_block() {
        let results = Results {
            services: vec![Service { name: HOSTILE.into(), ..Service::default() }],
            endpoints: vec![Endpoint { template: HOSTILE.into(), ..Endpoint::default() }],
            findings: vec![Finding { explanation: HOSTILE.into(), ..Finding::default() }],
            ..Results::default()
        };
        let report = report(&results);
        for tag in ["</script", "<script", "<!--", "<img", "onerror=alert(1)>"] {
            assert_eq!(report.matches(tag).count(), PAGE.matches(tag).count(), "{tag}");
        }
        let block = block(&report);
        assert!(!block.contains(['<', '>', '&', '\u{2028}', '\u{2029}']));
        let read: serde_json::Value = serde_json::from_str(block).unwrap();
        assert_eq!(read, serde_json::to_value(&results).unwrap());
    }

    #[test]
    fn results_that_hold_the_marker_stay_whole() {
        let marked = "\"vedette:results\"";
        let results =
            Results { services: vec![Service { name: marked.into(), ..Service::default() }], ..Results::default() };
        let report = report(&results);
        let read: Results = serde_json::from_str(block(&report)).unwrap();
        assert_eq!(read.services.first().map(|service| service.name.as_str()), Some(marked));
    }
}
