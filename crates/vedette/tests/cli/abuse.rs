//! Scenarios with known attacks: made, scored, and refused when they are none.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Said, access_log, folder, vedette};

/// An attack on the traffic of [`access_log`].
const ROW: &str =
    r#"{"kind":"scraping","actor":[{"ip":"198.51.100.3"}],"endpoint":"GET /v1/boats/{}","exchanges":[3,10]}"#;

fn simulate(folder: &Path, out: &str, more: &[&str]) -> Said {
    let mut arguments = vec!["simulate", "--profile", "bank", "--seed", "7", "--exchanges", "1500", "--days", "1"];
    arguments.extend(["--out", out]);
    arguments.extend(more);
    let said = vedette(folder, &arguments, b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    said
}

/// A folder with the access log as a scenario.
fn harbor(name: &str, truth: &str) -> std::path::PathBuf {
    let folder = folder(name);
    fs::create_dir(folder.join("harbor")).unwrap();
    fs::write(folder.join("harbor/access.log"), access_log()).unwrap();
    fs::write(folder.join("harbor/truth.ndjson"), truth).unwrap();
    folder
}

#[track_caller]
fn refused(said: &Said, told: &str) {
    assert_eq!(said.code, 2, "{}{}", said.stdout, said.stderr);
    assert!(said.stderr.starts_with("error: ") && said.stderr.contains(told), "{told}: {}", said.stderr);
    assert!(said.stderr.contains("hint: "), "{}", said.stderr);
}

#[test]
fn what_is_simulated_can_be_evaluated() {
    let folder = folder("abuse");
    let said = simulate(&folder, "bank", &[]);
    assert!(said.stderr.contains("next: vedette evaluate bank\n"), "{}", said.stderr);
    let truth = fs::read_to_string(folder.join("bank/truth.ndjson")).unwrap();
    let said = vedette(&folder, &["evaluate", "bank", "--json", "--baselines", "--plot", "bank.svg"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    let report: Value = said.results();
    assert_eq!(report["overall"]["attacks"], truth.lines().count());
    let scenario = &report["scenarios"][0];
    assert_eq!(scenario["name"], "bank");
    let (found, missed) = (report["overall"]["found"].as_u64().unwrap(), scenario["missed"].as_array().unwrap().len());
    assert_eq!(found as usize + missed, truth.lines().count());
    let baselines: Vec<&String> = report["baselines"].as_object().unwrap().keys().collect();
    assert_eq!(baselines, ["fixed-threshold", "markov", "z-score"]);
    let picture = fs::read_to_string(folder.join("bank.svg")).unwrap();
    assert!(picture.starts_with("<svg ") && picture.contains(">markov, "), "{picture}");

    let text = vedette(&folder, &["evaluate", "bank", "--misses"], b"");
    let attacks = truth.lines().count();
    assert!(text.stdout.contains(&format!(" of {attacks} attacks found")), "{}", text.stdout);
    assert!(text.stdout.contains("\nBy kind\n") && !text.stdout.contains("By scenario"), "{}", text.stdout);
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    let folder = folder("abuse-again");
    simulate(&folder, "one", &["--no-bodies"]);
    simulate(&folder, "two", &["--no-bodies"]);
    for name in ["traffic.har.ndjson.gz", "truth.ndjson", "templates.truth.ndjson"] {
        let read = |run: &str| fs::read(folder.join(run).join(name)).unwrap();
        assert!(read("one") == read("two"), "{name}");
    }
}

#[test]
fn without_attacks_there_is_no_recall_and_every_alarm_is_false() {
    let folder = folder("abuse-clean");
    simulate(&folder, "clean", &["--clean"]);
    assert_eq!(fs::read_to_string(folder.join("clean/truth.ndjson")).unwrap(), "");
    let report = vedette(&folder, &["evaluate", "clean", "--json"], b"").results();
    let overall = &report["overall"];
    assert!(overall["recall"].is_null() && overall["alarmed_actors"] == overall["false_actors"], "{overall}");
    assert!(report["baselines"].is_null(), "not asked for");
}

#[test]
fn an_access_log_is_a_scenario_too_and_no_budget_finds_nothing() {
    let folder = harbor("abuse-log", &format!("{ROW}\n"));
    let report = vedette(&folder, &["evaluate", "harbor", "--json", "--budget", "0"], b"").results();
    let overall = &report["overall"];
    assert_eq!((&overall["attacks"], &overall["found"], &overall["alarmed_actors"]), (&1.into(), &0.into(), &0.into()));
    assert_eq!(report["scenarios"][0]["exchanges"], 60);
    assert_eq!(report["scenarios"][0]["missed"][0]["first"], serde_json::json!([3, 10]));
    let text = vedette(&folder, &["evaluate", "harbor", "harbor", "--misses", "--budget", "0"], b"").stdout;
    assert!(text.contains("2 scenarios, 120 exchanges") && text.contains("\nBy scenario\n"), "{text}");
    assert!(text.contains("ip 198.51.100.3 at GET /v1/boats/{}, 2 exchanges from number 3"), "{text}");
}

#[test]
fn what_is_no_scenario_is_refused_with_what_it_lacks() {
    let folder = harbor("abuse-bad", "");
    let evaluate = |scenario: &str| vedette(&folder, &["evaluate", scenario], b"");
    refused(&evaluate("nowhere"), "nowhere is not there");
    refused(&evaluate("harbor/access.log"), "access.log is no folder");
    fs::write(folder.join("harbor/truth.ndjson"), format!("{ROW}\n{{\"kind\":\"bola\"}}\n")).unwrap();
    refused(&evaluate("harbor"), "truth.ndjson:2:");
    fs::write(folder.join("harbor/truth.ndjson"), ROW.replace("[3,10]", "[7000]")).unwrap();
    refused(&evaluate("harbor"), "no exchange that the truth names is in ");
    fs::remove_file(folder.join("harbor/truth.ndjson")).unwrap();
    refused(&evaluate("harbor"), "no truth.ndjson in harbor");
    fs::write(folder.join("harbor/other.log"), access_log()).unwrap();
    refused(&evaluate("harbor"), "2 access logs in harbor");
    fs::create_dir(folder.join("empty")).unwrap();
    refused(&evaluate("empty"), "no traffic in empty");
}

#[test]
fn simulating_says_what_it_needs() {
    let folder = folder("abuse-profiles");
    refused(&vedette(&folder, &["simulate", "--profile", "casino", "--out", "x"], b""), "no profile 'casino'");
    refused(&vedette(&folder, &["simulate", "--profile", "bank"], b""), "no folder to write to");
    let listed = vedette(&folder, &["simulate", "--profile", "list"], b"");
    assert!(listed.code == 0 && listed.stdout.lines().any(|name| name == "bank"), "{}", listed.stdout);
    for arguments in [
        &["simulate", "--profile", "bank", "--out", "x", "--exchanges", "0"][..],
        &["analyze", "x.log", "--budget", "few"],
        &["evaluate", "x", "--budget", "NaN"],
    ] {
        let said = vedette(&folder, arguments, b"");
        assert!(said.code == 2 && said.stderr.starts_with("error: "), "{arguments:?}: {}", said.stderr);
    }
}
