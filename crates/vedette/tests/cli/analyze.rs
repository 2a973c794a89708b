use std::fs;

use super::{access_log, folder, har_entry, vedette};

#[test]
fn a_log_becomes_a_summary_on_one_screen() {
    let folder = folder("summary");
    fs::write(folder.join("access.log"), access_log()).unwrap();
    let said = vedette(&folder, &["analyze", "access.log"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    for part in ["60 exchanges", "access.log: combined", "What you expose", "What to do next"] {
        assert!(said.stdout.contains(part), "{part} is missing:\n{}", said.stdout);
    }
    assert!(said.stdout.lines().count() <= 24, "{}", said.stdout);
    assert!(!said.stdout.contains('\u{1b}'), "no colors in a pipe");
    assert_eq!(said.stderr, "", "silence in a pipe");
}

#[test]
fn json_has_the_documented_parts() {
    let folder = folder("json");
    fs::write(folder.join("access.log"), access_log()).unwrap();
    let results = vedette(&folder, &["analyze", "access.log", "--json"], b"").results();
    let parts =
        ["version", "sources", "services", "endpoints", "findings", "detections", "incidents", "actors", "stats"];
    for part in parts {
        assert!(results.get(part).is_some(), "{part}");
    }
    let endpoint = &results["endpoints"][0];
    assert_eq!(endpoint["method"], "GET");
    let template = endpoint["template"].as_str().unwrap();
    assert!(template.starts_with("/v1/boats/{") && template.ends_with('}'), "{template}");
    assert_eq!(results["stats"]["exchanges"], 60);
}

#[test]
fn standard_input_and_ndjson_are_read() {
    let folder = folder("stdin");
    let entries: Vec<String> = (0..20).map(har_entry).collect();
    let results = vedette(&folder, &["analyze", "-", "--json"], entries.join("\n").as_bytes()).results();
    assert_eq!(results["sources"][0]["format"], "har-ndjson");
    assert_eq!(results["stats"]["exchanges"], 20);
    assert_eq!(results["endpoints"][0]["authentication"][0], "bearer");
}

#[test]
fn the_gate_fails_the_build_only_when_asked() {
    let folder = folder("gate");
    fs::write(folder.join("access.log"), access_log()).unwrap();
    assert_eq!(vedette(&folder, &["analyze", "access.log"], b"").code, 0);
    assert_eq!(vedette(&folder, &["analyze", "access.log", "--fail-on", "low"], b"").code, 1);
    assert_eq!(vedette(&folder, &["analyze", "access.log", "--fail-on", "nonsense"], b"").code, 2);
}

#[test]
fn a_folder_with_report_json_and_csv_is_written() {
    let folder = folder("out");
    fs::write(folder.join("access.log"), access_log()).unwrap();
    let said = vedette(&folder, &["analyze", "access.log", "--out", "report"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("report/report.html"), "{}", said.stdout);
    let results: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("report/results.json")).unwrap()).unwrap();
    let csv = fs::read_to_string(folder.join("report/findings.csv")).unwrap();
    assert_eq!(csv.lines().count(), 1 + results["findings"].as_array().unwrap().len());
    let report = fs::read_to_string(folder.join("report/report.html")).unwrap();
    assert!(report.contains("/v1/boats/{"), "results are embedded");
    for outside in ["src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!report.contains(outside), "{outside}: the report must load nothing");
    }
}

#[test]
fn the_same_input_gives_the_same_output_on_any_number_of_threads() {
    let folder = folder("threads");
    let entries: Vec<String> = (0..400).map(har_entry).collect();
    fs::write(folder.join("a.har.ndjson"), entries.join("\n")).unwrap();
    let analyzed = |threads| {
        let arguments = ["analyze", "a.har.ndjson", "--json", "--threads", threads];
        let mut results = vedette(&folder, &arguments, b"").results();
        results["stats"]["elapsed_secs"].take();
        results
    };
    let one = analyzed("1");
    assert_eq!(one, analyzed("1"), "twice the same");
    assert_eq!(one, analyzed("3"), "one thread as three");
}

#[test]
fn a_missing_file_is_named_with_a_hint() {
    let said = vedette(&folder("missing"), &["analyze", "nowhere.log"], b"");
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("nowhere.log") && said.stderr.contains("hint:"), "{}", said.stderr);
}

#[test]
fn classes_are_told_with_their_positions() {
    let input = "{\"id\":\"a\",\"text\":\"write to ada@example.org today\"}\n{\"id\":2,\"text\":\"nothing\"}\n";
    let said = vedette(&folder("classify"), &["classify"], input.as_bytes());
    assert_eq!(said.code, 0, "{}", said.stderr);
    let lines: Vec<serde_json::Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["id"], "a");
    let found = &lines[0]["matches"][0];
    assert_eq!((&found["class"], &found["start"], &found["end"]), (&"email".into(), &9.into(), &24.into()));
    assert_eq!(lines[1]["matches"], serde_json::json!([]));
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let said = vedette(&folder("completions"), &["completions", shell], b"");
        assert!(said.code == 0 && said.stdout.contains("analyze"), "{shell}");
    }
}

#[test]
fn a_baseline_leaves_what_is_new_and_tools_get_their_formats() {
    let folder = folder("baseline");
    fs::write(folder.join("access.log"), access_log()).unwrap();
    let first = vedette(&folder, &["analyze", "access.log", "--out", "first", "--fail-on", "low"], b"");
    assert_eq!(first.code, 1, "{}", first.stdout);
    assert!(folder.join("first/findings.sarif").exists());
    let tools = ["--sarif", "s.sarif", "--junit", "j.xml", "--markdown", "m.md", "--fail-on", "info"];
    let again: Vec<&str> =
        ["analyze", "access.log", "--baseline", "first/results.json"].into_iter().chain(tools).collect();
    let said = vedette(&folder, &again, b"");
    assert_eq!(said.code, 0, "nothing is new: {}", said.stdout);
    assert!(said.stdout.contains("nothing new since results.json"), "{}", said.stdout);
    let sarif: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("s.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
    assert!(fs::read_to_string(folder.join("j.xml")).unwrap().contains("failures=\"0\""));
    assert!(fs::read_to_string(folder.join("m.md")).unwrap().starts_with("## API security: nothing new\n"));
    let wrong = vedette(&folder, &["analyze", "access.log", "--baseline", "m.md"], b"");
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("m.md is no results document") && wrong.stderr.contains("hint:"), "{}", wrong.stderr);
}
