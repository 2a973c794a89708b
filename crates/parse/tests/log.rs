//! Log formats by example: each file of `tests/log` names a format, gives lines (`> …`) and what they are read as.
//! `UPDATE=1` rewrites the readings; review the diff.

#![allow(missing_docs, reason = "a test binary has no readers of its documentation")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use vedette_model::{Exchange, Scheme};
use vedette_parse::decode::Decoder;
use vedette_parse::log::{self, JsonLog, LogFormat};

#[test]
fn every_line_is_read_as_its_file_says() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for path in fixtures() {
        let text = std::fs::read_to_string(&path).unwrap();
        let written = rewrite(&path, &text);
        if written != text {
            if update {
                std::fs::write(&path, &written).unwrap();
            }
            wrong.push(format!("{}\n{}", path.display(), difference(&text, &written)));
        }
    }
    assert!(update || wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_built_in_format_has_a_file_and_is_detected_in_it() {
    let fixtures = fixtures();
    for id in log::format_ids() {
        let path = fixtures.iter().find(|p| p.file_stem().is_some_and(|stem| stem == id));
        let text = std::fs::read_to_string(path.unwrap_or_else(|| panic!("no file tests/log/{id}.txt"))).unwrap();
        let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("> ")).collect();
        let detected = log::detect(&lines).unwrap_or_else(|| panic!("{id} is not detected"));
        assert_eq!(detected.decoder.id(), id, "{}", detected.reason);
    }
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/log");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The file with its readings replaced by those of today.
fn rewrite(path: &Path, text: &str) -> String {
    let decoder = decoder(path, text);
    let mut out = String::new();
    for line in text.lines() {
        if line.starts_with("  ") {
            continue;
        }
        writeln!(out, "{line}").unwrap();
        if let Some(record) = line.strip_prefix("> ") {
            match decoder.decode(record) {
                Ok(Some(exchange)) => out.push_str(&render(&exchange)),
                Ok(None) => out.push_str("  nothing\n"),
                Err(error) => writeln!(out, "  unreadable: {}", error.reason).unwrap(),
            }
        }
    }
    out
}

/// The format that the first line of a file names: `id: …`, `format: …` (a format string) or `mapping: …` (YAML in
/// one line).
fn decoder(path: &Path, text: &str) -> Decoder {
    let header = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    match header.split_once(": ") {
        Some(("id", id)) => log::by_id(id).unwrap_or_else(|| panic!("no format {id}")),
        Some(("format", format)) => Decoder::Log(LogFormat::compile(format).unwrap()),
        Some(("mapping", yaml)) => Decoder::Json(JsonLog::with_mapping("mapping.yaml", yaml).unwrap()),
        _ => panic!("{} does not begin with the name of a format", path.display()),
    }
}

/// What is known of an exchange, a line each for request and response.
fn render(e: &Exchange<'_>) -> String {
    let mut out = String::new();
    let scheme = match e.scheme {
        Scheme::Unknown => "",
        Scheme::Http => "http://",
        Scheme::Https => "https://",
    };
    let host = e.host.as_deref().unwrap_or_default();
    let query = e.query.as_ref().map(|q| format!("?{q}")).unwrap_or_default();
    let version = e.http_version.as_deref().unwrap_or("-");
    writeln!(out, "  {} {scheme}{host}{}{query} {version} => {}", e.method, e.path, e.status).unwrap();
    let mut facts = Vec::new();
    let mut fact = |name: &str, value: Option<String>| facts.extend(value.map(|v| format!("{name}={v}")));
    fact("at", e.at.map(|v| v.to_string()));
    fact("client", e.client_ip.map(|v| v.to_string()));
    fact("service", e.service.as_ref().map(ToString::to_string));
    fact("tls", e.tls_version.as_ref().map(ToString::to_string));
    fact("us", e.duration_us.map(|v| v.to_string()));
    fact("in", e.request_bytes.map(|v| v.to_string()));
    fact("out", e.response_bytes.map(|v| v.to_string()));
    fact("user", e.user.as_ref().map(|v| format!("{v:?}")));
    fact("agent", e.user_agent.as_ref().map(|v| format!("{v:?}")));
    fact("referer", e.referer.as_ref().map(|v| format!("{v:?}")));
    writeln!(out, "  {}", facts.join(" ")).unwrap();
    for (side, headers) in [("request", &e.request_headers), ("response", &e.response_headers)] {
        for (name, value) in headers.iter() {
            writeln!(out, "  {side} {name}: {value}").unwrap();
        }
    }
    if !e.anomalies.is_empty() {
        writeln!(out, "  anomalies {:?}", e.anomalies).unwrap();
    }
    out
}

/// The first line that differs.
fn difference(old: &str, new: &str) -> String {
    let at = old.lines().zip(new.lines()).position(|(a, b)| a != b).unwrap_or(old.lines().count());
    let line = |text: &str| text.lines().nth(at).unwrap_or("(end)").to_owned();
    format!("  line {}\n  - {}\n  + {}", at + 1, line(old), line(new))
}
