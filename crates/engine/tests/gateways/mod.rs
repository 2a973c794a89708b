//! Configurations as people write them: for each `bad` one what is found where, for each `good` one nothing.
//!
//! A file `NAME.expect` holds a line for each place: severity, kind, file, line. `UPDATE=1` rewrites it.

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be read must fail the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use vedette_engine::gateway::judge;
use vedette_parse::classes::Classifier;

static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateways")
}

/// Names of the cases, and the file that each begins with.
fn cases() -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<(String, PathBuf)> = entries
        .filter(|path| path.extension().is_none_or(|end| end != "expect" && end != "rs"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, if path.is_dir() { path.join("nginx.conf") } else { path })
        })
        .collect();
    cases.sort();
    assert!(cases.len() >= 14, "{cases:?}");
    cases
}

/// Includes of the cases: a file, or all files of a folder.
fn fetch(including: &str, pattern: &str) -> Result<Vec<(String, String)>, String> {
    let base = folder().join(Path::new(including).parent().unwrap());
    let read = |path: &Path| {
        let name = path.strip_prefix(folder()).unwrap().to_string_lossy().into_owned();
        fs::read_to_string(path).map(|text| (name, text)).map_err(|error| error.to_string())
    };
    match pattern.strip_suffix("/*.conf") {
        Some(inner) => fs::read_dir(base.join(inner)).unwrap().map(|entry| read(&entry.unwrap().path())).collect(),
        None => Ok(vec![read(&base.join(pattern))?]),
    }
}

fn found(path: &Path) -> Vec<String> {
    let name = path.strip_prefix(folder()).unwrap().to_string_lossy().into_owned();
    let files = [(name, fs::read_to_string(path).unwrap())];
    let (gateways, problems) = vedette_parse::gateway::read(&files, &CLASSIFIER, &mut fetch);
    assert!(problems.is_empty(), "{problems:?}");
    let mut lines = Vec::new();
    for gateway in &gateways {
        assert!(gateway.problems.is_empty() && !gateway.routes.is_empty(), "{:?}", gateway.problems);
        for finding in judge(gateway) {
            let severity = format!("{:?}", finding.severity).to_lowercase();
            for one in &finding.evidence {
                let kind = finding.kind.trim_start_matches("gateway-hardening-");
                lines.push(format!(
                    "{severity} {kind} {}:{} {}",
                    one.file.as_deref().unwrap(),
                    one.line.unwrap(),
                    one.excerpt
                ));
            }
        }
    }
    lines
}

#[test]
fn what_is_wrong_with_each_configuration_is_found_at_its_line() {
    let mut wrong = Vec::new();
    for (name, path) in cases() {
        let text = found(&path).into_iter().map(|line| line + "\n").collect::<String>();
        let file = folder().join(format!("{name}.expect"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if expected != text {
            wrong.push(format!("{name}: expected\n{expected}found\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn secrets_of_the_configurations_are_masked() {
    for (_, path) in cases() {
        for line in found(&path) {
            for secret in [
                "b7c1f0a94e2d4f6c",
                "S0c0",
                "Winter-2026!",
                "4f6cb7c1f0a94e2d",
                "9f8e7d6c5b4a39281706",
                "5b4a392817069f8e7d6c",
                "Sommer",
            ] {
                assert!(!line.contains(secret), "{line}");
            }
        }
    }
}

#[test]
fn good_configurations_have_nothing_to_complain_about() {
    for (name, path) in cases().into_iter().filter(|(name, _)| name.ends_with("-good")) {
        assert_eq!(found(&path), [""; 0], "{name}");
    }
}
