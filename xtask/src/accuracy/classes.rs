//! Data classes: secrets against the examples of secret rules, structured personal data against annotated sentences.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use vedette_parse::classes::Classifier;

use super::Shared;
use crate::product::{Product, unpack};
use crate::table::{Table, percent, verdict};

/// Share of positive secret examples to find, of negative ones that may be flagged, and F1 of structured classes.
const FOUND_MIN: f64 = 0.95;
const FLAGGED_MAX: f64 = 0.02;
const F1_MIN: f64 = 0.95;

/// Names of the annotated data and of our classes; the rest of the annotations is free text (names, places).
const STRUCTURED: &[(&str, &str)] = &[
    ("EMAIL_ADDRESS", "email"),
    ("PHONE_NUMBER", "phone"),
    ("CREDIT_CARD", "payment-card"),
    ("IBAN_CODE", "iban"),
    ("US_SSN", "us-ssn"),
    ("IP_ADDRESS", "ip-address"),
    ("DOMAIN_NAME", "url"),
];

pub(super) fn measure(product: &Product, shared: &Shared) -> Result<Vec<Table>> {
    Ok(vec![secrets(product, shared)?, personal(product, shared)?])
}

#[derive(Deserialize)]
struct RuleFile {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    id: String,
    pattern: String,
    #[serde(default)]
    categories: Vec<String>,
    // A key without a value is a null in YAML.
    examples: Option<Vec<String>>,
    negative_examples: Option<Vec<String>>,
}

fn secrets(product: &Product, shared: &Shared) -> Result<Table> {
    let folder = product.scratch.join("secret-rules");
    unpack(&shared.data.join("sensitive/secret-rules.tar.gz"), &folder)?;
    let rules = rules(&folder)?;
    let of = |examples: fn(&Rule) -> &Option<Vec<String>>| -> Vec<(&str, &str)> {
        let texts = |rule| examples(rule).iter().flatten().map(|text| (rule.id.as_str(), text.as_str()));
        rules.iter().flat_map(|rule| texts(rule).collect::<Vec<_>>()).collect()
    };
    let (positive, negative) = (of(|rule| &rule.examples), of(|rule| &rule.negative_examples));
    let classifier = Classifier::builtin();
    let patterns = patterns(&rules);
    let level = |id: &str, level: &str| classifier.classes().iter().any(|class| class.id == id && class.level == level);
    let mut table = secrets_table();
    let matched = |examples: &[(&str, &str)]| -> Result<Vec<Vec<(String, String)>>> {
        let lines: Vec<Value> =
            examples.iter().enumerate().map(|(id, (_, text))| json!({"id": id, "text": text})).collect();
        let answers = product.classify(&lines)?;
        let cut = |text: &str, start: usize, end: usize| text.chars().skip(start).take(end - start).collect();
        Ok(answers
            .iter()
            .zip(examples)
            .map(|(answer, (_, text))| {
                matches(answer).map(|(class, s, e)| (class.to_owned(), cut(text, s, e))).collect()
            })
            .collect())
    };
    let (found, flagged) = (matched(&positive)?, matched(&negative)?);
    let secret = |(class, _): &(String, String)| level(class, "secret");
    let known = |(class, _): &(String, String)| level(class, "secret") || class == "cloud-resource";
    let elsewhere = |(_, value): &(String, String)| positive.iter().any(|(_, text)| text.contains(value.as_str()));
    let count = |all: &[Vec<(String, String)>], is: &dyn Fn(&(String, String)) -> bool| {
        all.iter().filter(|matches| matches.iter().any(is)).count()
    };
    let mut row = |name: &str, all: usize, count: usize, goal: Option<(String, bool)>| {
        let (goal, verdict) = goal.map_or_else(Default::default, |(goal, met)| (goal, verdict(met)));
        table.row([name.to_owned(), all.to_string(), format!("{count} ({})", percent(count, all)), goal, verdict]);
    };
    let share = |count: usize, all: usize| count as f64 / all.max(1) as f64;
    let strict = count(&found, &secret);
    let goal = format!("≥ {:.0} %", 100.0 * FOUND_MIN);
    row("positive, as a secret", positive.len(), strict, Some((goal, share(strict, positive.len()) >= FOUND_MIN)));
    row("positive, as a secret or a cloud resource", positive.len(), count(&found, &known), None);
    let secrets: Vec<_> = positive.iter().zip(&found).filter(|((rule, _), _)| !identifies(&rules, rule)).collect();
    let seen = secrets.iter().filter(|(_, matches)| matches.iter().any(secret)).count();
    row("positive of rules for secrets, as a secret", secrets.len(), seen, None);
    let wrong = count(&flagged, &secret);
    let goal = format!("≤ {:.0} %", 100.0 * FLAGGED_MAX);
    row("negative, as a secret", negative.len(), wrong, Some((goal, share(wrong, negative.len()) <= FLAGGED_MAX)));
    let unknown = count(&flagged, &|found| secret(found) && !elsewhere(found));
    row("negative, as a secret that is none elsewhere", negative.len(), unknown, None);
    let bare = |text: &str| !patterns.iter().any(|pattern| pattern.is_match(text));
    let bare: Vec<_> = negative.iter().zip(&flagged).filter(|((_, text), _)| bare(text)).collect();
    let wrong = bare.iter().filter(|(_, matches)| matches.iter().any(secret)).count();
    row("negative in which no rule of the set finds anything, as a secret", bare.len(), wrong, None);
    for (kind, examples, matches, wanted) in
        [("positive", &positive, &found, true), ("negative", &negative, &flagged, false)]
    {
        let wrong = examples.iter().zip(matches).filter(|(_, matches)| matches.iter().any(secret) != wanted);
        table.notes.extend(judged_wrongly(kind, wrong.map(|((rule, _), _)| *rule).collect()));
    }
    Ok(table)
}

/// What the table of secrets says of itself.
fn secrets_table() -> Table {
    Table::new(
        "Secrets",
        "Examples that secret-scanning rules of another project give for themselves, each classified as free text. An \
         example counts as found when any class of the level `secret` is seen in it. Some of these rules look for \
         names that identify an account and open nothing (ARNs, buckets, client ids): Vedette has a class of its own \
         for them, `cloud-resource`; the rules of the category `identifier` are left out of the third row. A negative \
         example of one rule may be a secret by another. One row leaves out matches that stand in a positive example \
         of any rule; the last one leaves out examples in which some rule of the set finds something itself: there \
         even the set that they come from would report.",
        &["examples", "count", "flagged", "goal", "verdict"],
    )
}

/// Which rules the examples of a kind that are judged wrongly belong to.
fn judged_wrongly(kind: &str, mut rules: Vec<&str>) -> Option<String> {
    rules.dedup();
    (!rules.is_empty()).then(|| format!("{kind} examples judged wrongly belong to: {}", rules.join(", ")))
}

/// True when a rule says of itself that it finds names and no secrets.
fn identifies(rules: &[Rule], id: &str) -> bool {
    let categories = rules.iter().find(|rule| rule.id == id).map(|rule| rule.categories.as_slice()).unwrap_or_default();
    categories.iter().any(|category| category == "identifier")
        && !categories.iter().any(|category| category == "secret")
}

/// The expressions of the rules, but those of rules for names.
fn patterns(rules: &[Rule]) -> Vec<regex_automata::meta::Regex> {
    let syntax = regex_automata::util::syntax::Config::new().unicode(false).utf8(false);
    let config = regex_automata::meta::Config::new().utf8_empty(false);
    let compile = |rule: &Rule| {
        regex_automata::meta::Regex::builder().configure(config.clone()).syntax(syntax).build(&rule.pattern).ok()
    };
    rules.iter().filter(|rule| !identifies(rules, &rule.id)).filter_map(compile).collect()
}

fn rules(folder: &std::path::Path) -> Result<Vec<Rule>> {
    let mut rules = Vec::new();
    for file in super::files(folder, "yml")? {
        let text = std::fs::read_to_string(&file)?;
        let parsed: RuleFile = serde_saphyr::from_str(&text).with_context(|| file.display().to_string())?;
        rules.extend(parsed.rules);
    }
    Ok(rules)
}

/// Class, first and past-the-last position of each match of one answer.
fn matches(answer: &Value) -> impl Iterator<Item = (&str, usize, usize)> {
    let matches = answer.get("matches").and_then(Value::as_array).into_iter().flatten();
    matches.filter_map(|found| {
        let position = |name| found.get(name).and_then(Value::as_u64).map(|at| at as usize);
        Some((found.get("class")?.as_str()?, position("start")?, position("end")?))
    })
}

#[derive(Deserialize)]
struct Sentence {
    full_text: String,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    entity_type: String,
    start_position: usize,
    end_position: usize,
}

/// Right, wrong and missed spans of one class.
#[derive(Default)]
struct Tally {
    exact: usize,
    found: usize,
    wrong: usize,
    annotated: usize,
}

impl Tally {
    fn f1(right: usize, reported: usize, annotated: usize) -> f64 {
        2.0 * right as f64 / (reported + annotated).max(1) as f64
    }
}

fn personal(product: &Product, shared: &Shared) -> Result<Table> {
    let text = std::fs::read_to_string(shared.data.join("sensitive/pii-sentences.json"))?;
    let sentences: Vec<Sentence> = serde_json::from_str(&text)?;
    let lines = sentences.iter().enumerate().map(|(id, sentence)| json!({"id": id, "text": sentence.full_text}));
    let answers = product.classify(&lines.collect::<Vec<_>>())?;
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (sentence, answer) in sentences.iter().zip(&answers) {
        for (entity, class) in STRUCTURED {
            count(tallies.entry(class).or_default(), sentence, answer, entity, class);
        }
    }
    let mut table = Table::new(
        "Structured personal data",
        "Synthetic sentences with annotated spans. A match is exact when both ends agree, and overlaps when it shares \
         more than half of the joint span. The goal is F1 over all seven classes together, by overlap.",
        &["class", "annotated", "exact F1", "overlap F1", "false", "missed", "goal", "verdict"],
    );
    let mut all = Tally::default();
    for (class, tally) in &tallies {
        table.row(cells(class, tally, None));
        all.exact += tally.exact;
        all.found += tally.found;
        all.wrong += tally.wrong;
        all.annotated += tally.annotated;
    }
    table.row(cells("all", &all, Some(F1_MIN)));
    Ok(table)
}

fn cells(class: &str, tally: &Tally, goal: Option<f64>) -> [String; 8] {
    let reported = tally.found + tally.wrong;
    let f1 = Tally::f1(tally.found, reported, tally.annotated);
    [
        class.to_owned(),
        tally.annotated.to_string(),
        format!("{:.4}", Tally::f1(tally.exact, reported, tally.annotated)),
        format!("{f1:.4}"),
        tally.wrong.to_string(),
        (tally.annotated - tally.found).to_string(),
        goal.map(|goal| format!("≥ {goal}")).unwrap_or_default(),
        goal.map(|goal| verdict(f1 >= goal)).unwrap_or_default(),
    ]
}

/// Matches each annotated span of one class with at most one reported one.
fn count(tally: &mut Tally, sentence: &Sentence, answer: &Value, entity: &str, class: &str) {
    let mut reported: Vec<(usize, usize)> =
        matches(answer).filter(|(found, _, _)| *found == class).map(|(_, start, end)| (start, end)).collect();
    for span in sentence.spans.iter().filter(|span| span.entity_type == entity) {
        tally.annotated += 1;
        let (start, end) = (span.start_position, span.end_position);
        let overlaps = |&(from, to): &(usize, usize)| {
            let shared = to.min(end).saturating_sub(from.max(start));
            2 * shared > to.max(end) - from.min(start)
        };
        if let Some(at) = reported.iter().position(overlaps) {
            let hit = reported.swap_remove(at);
            tally.found += 1;
            tally.exact += usize::from(hit == (start, end));
        }
    }
    tally.wrong += reported.len();
}
