use std::fs;
use std::io::Read;
use std::path::PathBuf;

use serde_json::Value;

use super::*;

fn committed(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples/harbor").join(name)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "read up to a limit")]
fn the_committed_sample_is_what_its_seed_makes() {
    let sample = generate(SEED);
    let mut traffic = String::new();
    let file = fs::File::open(committed("traffic.har.ndjson.gz")).unwrap();
    // What gzip makes of the same text may differ between processors; the text may not.
    flate2::read::GzDecoder::new(file).take(64 << 20).read_to_string(&mut traffic).unwrap();
    let again = "regenerate with `cargo run -p vedette-testkit -- sample --out samples/harbor`";
    assert!(traffic == sample.traffic, "{again}");
    for (name, text) in [
        ("templates.truth.ndjson", &sample.truth),
        ("access.log", &sample.access_log),
        ("posture.json", &sample.posture),
    ] {
        assert!(&fs::read_to_string(committed(name)).unwrap() == text, "{name}: {again}");
    }
}

#[test]
fn the_same_text_compresses_to_the_same_bytes() {
    let text = generate(5).access_log;
    assert_eq!(crate::output::gzip(text.as_bytes()).unwrap(), crate::output::gzip(text.as_bytes()).unwrap());
}

#[test]
fn every_line_is_an_entry_and_lines_up_with_the_truth() {
    let sample = generate(7);
    let (mut lines, mut before) = (0, String::new());
    let mut truth = sample.truth.lines();
    for line in sample.traffic.lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let row: Value = serde_json::from_str(truth.next().unwrap()).unwrap();
        let url = entry["request"]["url"].as_str().unwrap();
        let path = url.split_once("://").unwrap().1.split_once('/').unwrap().1.split('?').next().unwrap();
        assert_eq!(row["path"], format!("/{path}"));
        assert_eq!((&row["method"], &row["status"]), (&entry["request"]["method"], &entry["response"]["status"]));
        if let Some(template) = row["template"].as_str() {
            let fits = |(t, s): (&str, &str)| (t.starts_with('{') && !s.is_empty()) || t == s;
            let path = row["path"].as_str().unwrap();
            assert!(template.split('/').zip(path.split('/')).all(fits), "{template} {path}");
            assert_eq!(template.split('/').count(), path.split('/').count());
        }
        for body in [&entry["request"]["postData"]["text"], &entry["response"]["content"]["text"]] {
            assert!(body.is_null() || serde_json::from_str::<Value>(body.as_str().unwrap()).is_ok());
        }
        let at = vedette_model::Timestamp::parse_rfc3339(entry["startedDateTime"].as_str().unwrap()).unwrap();
        assert!(format!("{:020}", at.0) >= before, "time order");
        before = format!("{:020}", at.0);
        lines += 1;
    }
    assert!((6_000..12_000).contains(&lines) && truth.next().is_none(), "{lines} exchanges");
}

#[test]
fn the_log_has_a_few_lines_that_nobody_can_read() {
    let log = generate(SEED).access_log;
    let broken = log.lines().filter(|l| !l.contains("HTTP/")).count();
    assert_eq!(broken, 5);
    assert!((2_500..3_500).contains(&log.lines().count()), "{}", log.lines().count());
}

#[test]
fn every_planted_weakness_is_in_the_traffic() {
    let entries = exchanges(SEED);
    let planted: Vec<Value> = serde_json::from_str(&posture::document()).unwrap();
    assert!(planted.len() >= 20);
    for row in planted {
        let of = |e: &&Entry| {
            let service = format!(r#"{{"service":{}}}"#, row["service"]);
            e.method == row["method"]
                && e.template.as_deref() == row["template"].as_str()
                && e.extensions.iter().any(|(n, v)| *n == "_server" && v.to_string() == service)
        };
        let at: Vec<&Entry> = entries.iter().filter(of).collect();
        assert!(shows(row["kind"].as_str().unwrap(), &at), "{row}");
    }
}

/// The plainest sign of a weakness, looked for without any of the code that is to find it.
fn shows(kind: &str, at: &[&Entry]) -> bool {
    let answer = |e: &Entry| e.response_body.as_ref().map_or(String::new(), |b| b.text.clone());
    let answers = |text: &str| at.iter().any(|e| e.status < 300 && answer(e).contains(text));
    let header = |e: &Entry, name: &str| e.response_headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    let credential = |e: &Entry| {
        ["Authorization", "Cookie", "X-Api-Key"].iter().any(|h| e.request_header(h).is_some())
            || e.query.iter().any(|(n, _)| n == "token" || n == "api_key")
    };
    let succeeded = |e: &&&Entry| e.status < 300;
    let bearer = |e: &Entry| e.request_header("Authorization").unwrap_or_default().to_owned();
    match kind {
        "unauthenticated-sensitive" => at.iter().filter(succeeded).all(|e| !credential(e)) && answers("date_of_birth"),
        "mixed-authentication" => {
            let (with, without): (Vec<&Entry>, Vec<&Entry>) =
                at.iter().filter(succeeded).copied().partition(|e| credential(e));
            with.len() > without.len() && without.len() >= 5
        }
        "credential-in-url" => at.iter().any(|e| e.query.iter().any(|(n, _)| n == "token" || n == "api_key")),
        "weak-authentication" => at.iter().any(|e| bearer(e).starts_with("Basic ") && e.origin.starts_with("http://")),
        "east-west-plaintext" | "east-west-unauthenticated" => at.iter().all(|e| {
            let internal = e.extensions.iter().any(|(n, v)| *n == "_direction" && v.to_string() == "\"internal\"");
            internal && e.origin.starts_with("http://") && (kind != "east-west-unauthenticated" || !credential(e))
        }),
        "debug-endpoint" | "secret-in-response" => answers("AWS_SECRET_ACCESS_KEY") || answers("password_hash"),
        "verbose-error" => at.iter().any(|e| e.status == 500 && answer(e).contains(".java:")),
        "internal-leak" => at.iter().any(|e| header(e, "X-Backend-Server").is_some()),
        "cors-open" => {
            let reflected = |e: &&Entry| {
                let origin = header(e, "Access-Control-Allow-Origin");
                origin.filter(|o| {
                    header(e, "Access-Control-Allow-Credentials").is_some() && e.request_header("Origin") == Some(o)
                })
            };
            let mut origins: Vec<String> = at.iter().filter_map(reflected).collect();
            origins.sort();
            origins.dedup();
            origins.len() >= 2
        }
        "guessable-ids" => {
            let mut ids: Vec<i64> = at.iter().filter_map(|e| e.path.rsplit('/').next()?.parse().ok()).collect();
            ids.sort_unstable();
            ids.dedup();
            ids.len() >= 40 && ids[ids.len() - 1] - ids[0] < 3 * i64::try_from(ids.len()).unwrap()
        }
        "jwt-weak" => at.iter().any(|e| e.status == 200 && bearer(e).starts_with("Bearer eyJhbGciOiJub25l")),
        "long-lived-token" => {
            at.iter().any(|e| e.status == 200 && bearer(e).starts_with("Bearer eyJhbGciOiJIUzI1NiIs"))
        }
        "no-rate-limit-observed" => {
            at.iter().filter(|e| e.client_ip == "198.51.100.77" && e.status == 401).count() > 200
                && at.iter().all(|e| e.status != 429)
        }
        "unbounded-pagination" => {
            let large = |e: &&&Entry| e.query.contains(&("limit".into(), "5000".into())) && answer(e).len() > 90_000;
            at.iter().filter(succeeded).any(|e| large(&e))
        }
        "zombie-endpoint" | "old-version-alive" => {
            at.iter().any(|e| e.status == 200 && header(e, "Deprecation").is_some())
        }
        "graphql-introspection" => answers("__schema"),
        "admin-exposed" | "sensitive-in-url" => at
            .iter()
            .any(|e| e.status == 200 && e.path.starts_with("/admin/") && e.query.iter().any(|(n, _)| n == "email")),
        "third-party-sensitive" => {
            at.iter().any(|e| e.request_body.as_ref().is_some_and(|b| b.text.contains("\"phone\"")))
        }
        _ => false,
    }
}
