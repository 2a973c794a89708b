//! Exported OpenAPI documents against the true ones of the recordings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;
use vedette_parse::spec::{self, Body, Operation, Spec};

use super::Shared;
use crate::ci::output;
use crate::product::Product;
use crate::table::Table;

mod schemas;

use schemas::{Counts, compare};

/// Hits among what was claimed and what was true.
#[derive(Default)]
struct Score {
    claimed: usize,
    hits: usize,
    truth: usize,
}

impl Score {
    fn add(&mut self, claimed: &BTreeSet<&str>, truth: &BTreeSet<&str>) {
        self.claimed += claimed.len();
        self.truth += truth.len();
        self.hits += claimed.intersection(truth).count();
    }

    fn cells(&self) -> [String; 4] {
        let share = |of: usize| if of == 0 { "–".to_owned() } else { format!("{:.4}", self.hits as f64 / of as f64) };
        [self.claimed.to_string(), self.truth.to_string(), share(self.claimed), share(self.truth)]
    }
}

pub(super) fn measure(product: &Product, shared: &Shared) -> Result<Vec<Table>> {
    let mut table = Table::new(
        "Export against the true specifications",
        "`vedette openapi export` of each recording, learned without the specification, against it. Operations: those \
         that the recording met. Parameters, properties and what is required: within operations and objects that both \
         have; recall counts all that is declared, also what no exchange of the recording used. Types: of what both \
         have and both type.",
        &["recording", "what", "exported", "true", "precision", "recall"],
    );
    for (name, file) in [("monitoring-v1", "monitoring-v1.openapi.yaml"), ("cloud-v4", "cloud-v4.openapi.json")] {
        let truth = read(&shared.data.join("specs").join(file))?;
        let exported = export(product, &shared.data.join(format!("traffic/{name}.har.ndjson.gz")), name)?;
        let rows = std::fs::read_to_string(shared.data.join(format!("traffic/{name}.truth.ndjson")))?;
        score(&mut table, name, &truth, &exported, &rows)?;
    }
    Ok(vec![table])
}

/// The exported document with the most operations: recordings have a few calls to other hosts.
fn export(product: &Product, traffic: &Path, name: &str) -> Result<Spec> {
    let out = product.scratch.join(format!("{name}-openapi"));
    let _ = std::fs::remove_dir_all(&out);
    output(product.vedette().args(["openapi", "export"]).arg(traffic).arg("--out").arg(&out))?;
    let mut specs = Vec::new();
    for entry in std::fs::read_dir(&out)? {
        specs.push(read(&entry?.path())?);
    }
    specs.into_iter().max_by_key(|spec| spec.operations.len()).context("nothing was exported")
}

fn read(path: &Path) -> Result<Spec> {
    let text = std::fs::read_to_string(path)?;
    spec::read(&path.display().to_string(), &text, &mut |_| Err("not read here".to_owned()))
        .map_err(|error| anyhow::anyhow!("{error}"))
}

fn score(table: &mut Table, name: &str, truth: &Spec, exported: &Spec, rows: &str) -> Result<()> {
    let (mut met, mut unknown): (BTreeSet<String>, Vec<(String, String)>) = Default::default();
    for line in rows.lines() {
        let row: Value = serde_json::from_str(line)?;
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default();
        if row.get("status").and_then(Value::as_u64).is_some_and(|status| matches!(status, 404 | 405)) {
            continue;
        }
        match row.get("template").and_then(Value::as_str) {
            Some(template) => drop(met.insert(format!("{} {}", text("method"), shape(template)))),
            None => unknown.push((text("method").to_owned(), text("path").to_owned())),
        }
    }
    let ours = by_key(exported);
    let theirs = by_key(truth);
    let undeclared = |key: &str| unknown.iter().any(|(method, path)| takes(key, method, path));
    let claimed: BTreeSet<&str> =
        ours.keys().map(String::as_str).filter(|key| met.contains(*key) || !undeclared(key)).collect();
    let mut operations = Score::default();
    operations.add(&claimed, &met.iter().map(String::as_str).collect());
    let (mut parameters, mut required) = (Score::default(), Score::default());
    let mut counts = Counts::default();
    for (key, own) in &ours {
        let Some(declared) = met.contains(key).then(|| theirs.get(key)).flatten() else { continue };
        let query = |operation: &'_ Operation| -> Vec<(String, bool)> {
            let of_query = operation.parameters.iter().filter(|one| one.location == "query");
            of_query.map(|one| (one.name.clone(), one.required)).collect()
        };
        let (a, b) = (query(own), query(declared));
        parameters.add(&names(&a, |_| true), &names(&b, |_| true));
        let both = |one: &(String, bool)| a.iter().any(|(n, _)| *n == one.0) && b.iter().any(|(n, _)| *n == one.0);
        required.add(&names(&a, |one| one.1 && both(one)), &names(&b, |one| one.1 && both(one)));
        bodies(own.request.as_ref(), declared.request.as_ref(), (exported, truth), &mut counts);
        for (status, body) in &own.responses {
            let other = declared.responses.iter().find(|(known, _)| known == status);
            bodies(Some(body), other.map(|(_, body)| body), (exported, truth), &mut counts);
        }
    }
    let mut row = |what: &str, score: &Score| {
        let [claimed, all, precision, recall] = score.cells();
        table.row([name.to_owned(), what.to_owned(), claimed, all, precision, recall]);
    };
    row("operations", &operations);
    row("query parameters", &parameters);
    row("required query parameters", &required);
    row("properties", &counts.properties);
    row("required properties", &counts.required);
    let Counts { typed, agreeing, .. } = counts;
    let types = Score { claimed: typed, hits: agreeing, truth: typed };
    row("types", &types);
    Ok(())
}

fn names(all: &[(String, bool)], keep: impl Fn(&(String, bool)) -> bool) -> BTreeSet<&str> {
    all.iter().filter(|one| keep(one)).map(|(name, _)| name.as_str()).collect()
}

/// Operations by method and the shape of their path, with each base that the document names.
fn by_key(spec: &Spec) -> BTreeMap<String, &Operation> {
    let mut bases: Vec<&str> = spec.servers.iter().map(|server| server.base.as_str()).collect();
    bases.push("");
    let mut out = BTreeMap::new();
    for operation in &spec.operations {
        for base in &bases {
            out.insert(format!("{} {}", operation.method, shape(&format!("{base}{}", operation.path))), operation);
        }
    }
    out
}

/// A template without the names of its parameters and without a slash at its end.
fn shape(template: &str) -> String {
    let segment = |text: &str| match (text.find('{'), text.rfind('}')) {
        (Some(from), Some(to)) if from < to => {
            format!("{}{{}}{}", text.get(..from).unwrap_or_default(), text.get(to + 1..).unwrap_or_default())
        }
        _ => text.to_owned(),
    };
    template.trim_end_matches('/').split('/').map(segment).collect::<Vec<_>>().join("/")
}

/// True when an exported operation is one of the calls that the true document does not declare.
fn takes(key: &str, method: &str, path: &str) -> bool {
    let Some((own, template)) = key.split_once(' ') else { return false };
    let (template, path): (Vec<&str>, Vec<&str>) =
        (template.split('/').collect(), path.trim_end_matches('/').split('/').collect());
    own == method && template.len() == path.len() && template.iter().zip(&path).all(|(a, b)| a == b || a.contains("{}"))
}

fn bodies(own: Option<&Body>, declared: Option<&Body>, (exported, truth): (&Spec, &Spec), counts: &mut Counts) {
    let schema = |body: Option<&Body>| {
        let json = |(media, schema): &&(String, Option<String>)| media.contains("json") && schema.is_some();
        body.and_then(|body| body.content.iter().find(json)?.1.clone())
    };
    let (Some(own), Some(declared)) = (schema(own), schema(declared)) else { return };
    if let (Some(own), Some(declared)) = (exported.root.pointer(&own), truth.root.pointer(&declared)) {
        compare((&exported.root, own), (&truth.root, declared), counts);
    }
}

#[cfg(test)]
mod tests {
    use super::{shape, takes};

    #[test]
    fn names_of_parameters_do_not_matter() {
        assert_eq!(shape("/a/{b}/c{d}.json/"), "/a/{}/c{}.json");
        assert!(takes("GET /a/{}/b", "GET", "/a/7/b") && !takes("GET /a/{}", "GET", "/a/7/b"));
    }
}
