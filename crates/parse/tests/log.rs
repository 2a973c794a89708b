//! Log formats by example: each file of `tests/log` names a format, gives lines (`> …`) and what they are read as.
//! `UPDATE=1` rewrites the readings; review the diff.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
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

#[test]
fn a_decoder_that_was_written_down_reads_every_line_the_same() {
    for path in fixtures() {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("> ")).collect();
        vedette_parse::fuzz::same_when_written_down(&decoder(&path, &text), &lines);
        if let Some(detected) = log::detect(&lines) {
            vedette_parse::fuzz::same_when_written_down(&detected.decoder, &lines);
        }
    }
    for id in ["har", "har-ndjson", "pcap", "pcapng"] {
        assert_eq!(Decoder::from_description(id).unwrap().describe(), id);
    }
    let w3c = log::detect(&["#Fields: date time cs-method cs-uri-stem", "#Fields: time cs-uri-stem"]).unwrap().decoder;
    assert_eq!(w3c.describe(), "iis #Fields: time cs-uri-stem\n#Fields: date time cs-method cs-uri-stem");
}

#[test]
fn a_description_of_nothing_known_is_refused() {
    for (description, message) in [
        ("", "there is no format \"\""),
        ("combinde", "there is no format \"combinde\""),
        ("combined $status", "there is no format \"combined\" with a layout of its own"),
        ("custom $status", "this format has no request in it, so nothing can be learned from it"),
        ("json urll: x", "there is no field \"urll\""),
        ("iis #Fields: a b", "the columns of iis have no request in them"),
    ] {
        assert_eq!(Decoder::from_description(description).unwrap_err().message, message, "{description}");
    }
}

#[test]
fn formats_are_chosen_with_a_reason() {
    let combined = r#"203.0.113.9 - - [17/May/2026:10:05:03 +0000] "GET /a HTTP/1.1" 200 1 "-" "curl""#;
    let forwarded = format!("{combined} \"198.51.100.20\"");
    let common = r#"203.0.113.9 - - [17/May/2026:10:05:03 +0000] "GET /a HTTP/1.1" 200 1"#;
    let vhost = format!("api.shop.example:443 {combined}");
    let vhost = vhost.as_str();
    let tenant = r#"api.shop.example 203.0.113.9 - t17 - [17/May/2026:10:05:03 +0000] "GET /a HTTP/1.1" 200 1 "-" "curl/8.5.0" 0.012"#;
    let uvicorn = r#"INFO: 203.0.113.9:52782 - "POST /login HTTP/1.1" 401 Unauthorized"#;
    let har = r#"{"startedDateTime":"2026-05-17T10:05:03Z","request":{"method":"GET","url":"https://a.example/"},"response":{"status":200}}"#;
    let about = r#"{"level":"error","msg":"login failed","method":"POST","path":"/login","remote_ip":"203.0.113.9"}"#;
    let error = "2026/05/17 10:05:11 [error] 12#12: *1 open() \"/srv/x\" failed";
    let json = r#"{"time":"2026-05-17T10:05:03Z","method":"GET","uri":"/a","status":200}"#;
    let message = r#"{"time":"2026-05-17T10:05:03Z","level":"info","msg":"started"}"#;
    let iis = "2026-05-17 10:05:03 10.0.0.1 GET /a - 80 - 203.0.113.9 - - 200 0 0 15";
    let fields = "#Fields: date time cs-method cs-uri-stem sc-status c-ip";
    for (lines, expected) in [
        (vec![combined, error, "", combined], Some("combined: 2 of 3 lines fit Apache and nginx combined")),
        (
            vec![&forwarded, &forwarded],
            Some("combined: 2 of 2 lines fit Apache and nginx combined, with values after it"),
        ),
        (vec![message, json, message], Some("json: 1 of 3 records are requests in a JSON log")),
        (vec![iis, iis], Some("iis: 2 of 2 lines fit the columns that IIS writes unless told otherwise")),
        (
            vec![fields, "2026-05-17 10:05:03 GET /a 200 203.0.113.9"],
            Some("iis: 1 of 1 lines fit the 6 columns of the #Fields directive"),
        ),
        (vec![error, error, combined], Some("combined: 1 of 3 lines fit Apache and nginx combined")),
        (
            vec![vhost, combined, common],
            Some("vhost-combined: 3 of 3 lines fit Apache combined with the virtual host in front"),
        ),
        (vec![combined, common, common], Some("combined: 3 of 3 lines fit Apache and nginx combined")),
        (
            vec![tenant, tenant],
            Some(
                "inferred: 2 of 2 lines fit the layout inferred from them: $host $remote_addr $_ $_ $_ [$time_iso8601] \
                 \"$request\" $status $body_bytes_sent \"$http_referer\" \"$http_user_agent\" $request_time",
            ),
        ),
        (
            vec![uvicorn, uvicorn],
            Some(
                "inferred: 2 of 2 lines fit the layout inferred from them: $_ $remote_addr $_ \"$request\" $status $_",
            ),
        ),
        (vec![error, error, error, error, combined], None),
        (vec![about, about], None),
        (vec![har, har], None),
        (vec![message, message], None),
        (vec!["", "hello", "world"], None),
        (vec![], None),
    ] {
        let detected = log::detect(&lines).map(|d| format!("{}: {}", d.decoder.id(), d.reason));
        assert_eq!(detected.as_deref(), expected, "{lines:#?}");
    }
}

#[test]
fn columns_may_change_within_a_w3c_log() {
    let Some(Decoder::Log(first)) = log::by_id("iis") else { panic!("iis is built in") };
    assert!(first.after("#Version: 1.0").is_none());
    let line = "2026-05-17 10:05:03 GET /a 200 203.0.113.9";
    assert!(first.parse(line).is_err());
    let second = first.after("#Fields: date time cs-method cs-uri-stem sc-status c-ip").unwrap();
    assert_eq!(second.parse(line).unwrap().unwrap().path, "/a");
}

#[test]
fn a_line_of_several_records_is_read_record_by_record() {
    let decoder = log::by_id("azure-api-management").unwrap();
    let record = |path: &str| {
        format!(r#"{{"category":"GatewayLogs","properties":{{"method":"GET","url":"https://a.example{path}"}}}}"#)
    };
    let line = format!(r#"{{"records": [{}, {}]}}"#, record("/a"), record("/b"));
    assert_eq!(decoder.decode(&line).unwrap_err().reason, "several records in one line");
    let mut paths = Vec::new();
    decoder.decode_each(&line, |read| paths.push(read.unwrap().unwrap().path.into_owned()));
    assert_eq!(paths, ["/a", "/b"]);
}

#[test]
fn wrong_formats_say_where_and_what_to_try() {
    for (format, column, message) in [
        ("", 1, "this format names no field"),
        ("just text", 1, "this format names no field"),
        ("$remote_addr $status", 1, "this format has no request in it, so nothing can be learned from it"),
        ("$remote_addr$status \"$request\"", 1, "the end of this field cannot be told: another field follows at once"),
        ("\"$request\" ${status", 12, "the brace is not closed"),
        ("%h %l %J \"%r\"", 7, "%J is no directive of Apache"),
        ("%h %{Referer \"%r\"", 4, "the brace is not closed"),
        ("\"%r\" %", 6, "a letter is missing after %"),
        ("%h %{%Q}t \"%r\"", 4, "the time pattern \"%Q\" is not read"),
    ] {
        let wrong = LogFormat::compile(format).unwrap_err();
        assert_eq!((wrong.column, wrong.message.as_str()), (column, message), "{format}");
        assert!(wrong.hint.is_some(), "{format}");
    }
}

#[test]
fn wrong_mappings_say_where_all_at_once() {
    let wrong = JsonLog::with_mapping("m.yaml", "method: verb\nurll: x\nstatus: []\n").unwrap_err();
    let places: Vec<_> = wrong.iter().map(|d| (d.line, d.column, d.message.as_str())).collect();
    assert_eq!(places, [(2, 1, "there is no field \"urll\""), (3, 1, "\"status\" names no key")]);
    assert_eq!(JsonLog::with_mapping("m.yaml", "- a\n").unwrap_err().len(), 1);
    assert_eq!(JsonLog::with_mapping("m.yaml", "a: {b: c}\n").unwrap_err().len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_line_makes_a_parser_panic(line in line()) {
        vedette_parse::fuzz::log_line(line.as_bytes());
    }

    #[test]
    fn no_format_makes_the_compiler_panic(format in format(), line in line()) {
        vedette_parse::fuzz::log_format(format!("{format}\n{line}").as_bytes());
    }

    #[test]
    fn no_description_makes_the_reader_panic(
        id in proptest::sample::select(vec!["custom ", "inferred ", "iis #Fields: ", "json ", "cloudfront ", "caddy", ""]),
        text in "[ -~]{0,40}", format in format(), line in line(),
    ) {
        vedette_parse::fuzz::decoder_description(format!("{id}{format}{text}\0{line}").as_bytes());
    }

    #[test]
    fn no_mapping_makes_the_reader_panic(text in "\\PC{0,60}", key in "[a-z_.]{1,12}") {
        vedette_parse::fuzz::log_mapping(text.as_bytes());
        vedette_parse::fuzz::log_mapping(format!("{key}: {text}\nmethod: [{key}, {key}]").as_bytes());
    }
}

/// Lines of the fixtures with a piece replaced, cut or repeated, or anything.
fn line() -> impl Strategy<Value = String> {
    let lines: Vec<String> = fixtures()
        .iter()
        .flat_map(|path| std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|line| line.strip_prefix("> ").map(str::to_owned))
        .collect();
    let broken = (proptest::sample::select(lines), any::<prop::sample::Index>(), 0..40_usize, "\\PC{0,4}");
    let broken = broken.prop_map(|(line, at, len, with)| {
        let chars: Vec<char> = line.chars().collect();
        let at = at.index(chars.len() + 1);
        let head = chars.iter().take(at);
        let tail = chars.iter().skip(at + len);
        head.copied().chain(with.chars()).chain(tail.copied()).collect()
    });
    prop_oneof![3 => broken, 1 => "\\PC{0,120}", 1 => r#"[-\[\]"' /:%?{}0-9A-Za-z\\]{0,120}"#]
}

/// Format strings from pieces of both languages.
fn format() -> impl Strategy<Value = String> {
    let pieces = [
        "$remote_addr",
        "$request",
        "$status",
        "${time_local}",
        "$http_x",
        "$uri",
        "$args",
        "$",
        "%h",
        "%r",
        "%>s",
        "%{Referer}i",
        "%{%d/%b}t",
        "%{msec}t",
        "%U",
        "%q",
        "%",
        "%{",
        "%^FB",
        " ",
        "\"",
        "\\\"",
        "[",
        "]",
        "-",
        "é",
        "log_format x '",
        "'",
        "LogFormat \"",
        ";",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
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
