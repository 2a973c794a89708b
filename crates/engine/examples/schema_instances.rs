//! Measures learned schemas: how many bodies that were not learned from are accepted.
//!
//! `schema_instances FOLDER` takes `test/NAME/*.json` (valid) and `negative_test/NAME/*.json`: learns each NAME from
//! every other valid instance and judges the rest and the negative ones. `schema_instances FILE.har.ndjson.gz
//! FILE.truth.ndjson` takes recorded exchanges with their true templates: learns each method, template and status from
//! the first half of its successful exchanges and judges the second half (and, as a second figure, every other one).

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use vedette_engine::schema::{Context, Schema};
use vedette_parse::classes::Classifier;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Bodies judged and accepted.
#[derive(Default)]
struct Score {
    judged: usize,
    accepted: usize,
    learned: usize,
}

impl Score {
    fn add(&mut self, other: &Self) {
        self.judged += other.judged;
        self.accepted += other.accepted;
        self.learned += other.learned;
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = 100.0 * self.accepted as f64 / self.judged.max(1) as f64;
        write!(f, "{} learned from, {} of {} accepted ({share:.2} %)", self.learned, self.accepted, self.judged)
    }
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [folder] => instances(Path::new(folder)),
        [recording, truth] => recording_halves(Path::new(recording), Path::new(truth)),
        _ => Err("usage: schema_instances FOLDER | schema_instances FILE.har.ndjson.gz FILE.truth.ndjson".into()),
    }
}

fn instances(folder: &Path) -> Outcome<()> {
    let classifier = Classifier::builtin();
    let (mut valid, mut negative, mut refused_by) = (Score::default(), Score::default(), 0);
    let mut out = io::stdout().lock();
    for name in sorted(&folder.join("test"))? {
        let bodies = bodies(&name)?;
        let learned: Vec<&[u8]> = bodies.iter().step_by(2).map(Vec::as_slice).collect();
        let held: Vec<&[u8]> = bodies.iter().skip(1).step_by(2).map(Vec::as_slice).collect();
        let negatives =
            name.file_name().map(|name| folder.join("negative_test").join(name)).filter(|path| path.is_dir());
        let negatives = negatives.map_or(Ok(Vec::new()), |path| self::bodies(&path))?;
        if learned.is_empty() {
            continue;
        }
        let score = judge(&classifier, &learned, &held, &mut |why| writeln!(out, "{}: {why}", name.display()))?;
        valid.add(&score);
        let negatives: Vec<&[u8]> = negatives.iter().map(Vec::as_slice).collect();
        let score = judge(&classifier, &learned, &negatives, &mut |_| Ok(()))?;
        refused_by += usize::from(score.accepted < score.judged);
        negative.add(&score);
    }
    writeln!(out, "valid: {valid}")?;
    writeln!(out, "negative: {negative}: {} refused, in {refused_by} schemas", negative.judged - negative.accepted)?;
    Ok(())
}

fn recording_halves(recording: &Path, truth: &Path) -> Outcome<()> {
    let classifier = Classifier::builtin();
    let mut groups: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    let entries = BufReader::new(MultiGzDecoder::new(File::open(recording)?)).lines();
    for (entry, row) in entries.zip(BufReader::new(File::open(truth)?).lines()) {
        let (entry, row): (Value, Value) = (serde_json::from_str(&entry?)?, serde_json::from_str(&row?)?);
        let status = entry.pointer("/response/status").and_then(Value::as_u64).unwrap_or(0);
        let told = |name| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let place = format!("{} {}", told("method"), told("template"));
        if !(200..400).contains(&status) {
            continue;
        }
        let sides = [("request", "/request/postData/text"), ("", "/response/content/text")];
        for (side, pointer) in sides {
            let body = entry.pointer(pointer).and_then(Value::as_str);
            if let Some(text) = body.filter(|text| serde_json::from_str::<Value>(text).is_ok()) {
                groups.entry(format!("{place} {status} {side}")).or_default().push(text.as_bytes().to_vec());
            }
        }
    }
    let (mut halves, mut turns) = (Score::default(), Score::default());
    let mut out = io::stdout().lock();
    for (place, bodies) in &groups {
        let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        let (first, second) = bodies.split_at(bodies.len().div_ceil(2));
        halves.add(&judge(&classifier, first, second, &mut |why| writeln!(out, "{place}: {why}"))?);
        let odd: Vec<&[u8]> = bodies.iter().copied().step_by(2).collect();
        let even: Vec<&[u8]> = bodies.iter().copied().skip(1).step_by(2).collect();
        turns.add(&judge(&classifier, &odd, &even, &mut |_| Ok(()))?);
    }
    writeln!(out, "{} groups", groups.len())?;
    writeln!(out, "first half, second half: {halves}")?;
    writeln!(out, "every other: {turns}")?;
    Ok(())
}

/// Learns from some bodies and judges others; `complain` is told of each refusal.
fn judge(
    classifier: &Classifier,
    learn: &[&[u8]],
    held: &[&[u8]],
    complain: &mut dyn FnMut(&str) -> io::Result<()>,
) -> Outcome<Score> {
    let mut schema = Schema::default();
    for body in learn {
        let mut context =
            Context { classifier, side: vedette_model::Side::Response, seen_at: (0, 0), on_scalar: &mut |_, _, _| {} };
        let _ = schema.observe(body, &mut context);
    }
    let validator =
        jsonschema::draft202012::options().should_validate_formats(true).build(&schema.to_json_schema(classifier))?;
    let mut score = Score { learned: learn.len(), ..Score::default() };
    for body in held {
        let Ok(instance) = serde_json::from_slice::<Value>(body) else { continue };
        score.judged += 1;
        match validator.iter_errors(&instance).next() {
            None => score.accepted += 1,
            Some(error) => complain(&format!("{} learned: {}: {error:.200}", learn.len(), error.instance_path()))?,
        }
    }
    Ok(score)
}

fn bodies(folder: &Path) -> Outcome<Vec<Vec<u8>>> {
    let json = sorted(folder)?.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "json"));
    let mut bodies = Vec::new();
    for path in json {
        let body = fs::read(path)?;
        if serde_json::from_slice::<Value>(&body).is_ok() {
            bodies.push(body);
        }
    }
    Ok(bodies)
}

fn sorted(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
