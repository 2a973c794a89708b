//! The file format of identity rules.

use serde::Deserialize;
use serde_saphyr::Spanned;
use vedette_model::Diagnostic;
use vedette_model::limits::IDENTITY_RULES_MAX;

use super::{ActorKind, Place, Rule, Step};
use crate::classes::definition::{diagnostic, unreadable};
use crate::classes::regex::compile_regex;

const HINT: &str = "a file has `actors:`, a list of rules with kind (user, client, session), one of header, cookie, query, \
                    json, claim, and steps (base64, json: path, regex: pattern)";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    actors: Vec<Spanned<Wanted>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    kind: ActorKind,
    header: Option<String>,
    cookie: Option<String>,
    query: Option<String>,
    json: Option<String>,
    claim: Option<String>,
    #[serde(default)]
    steps: Vec<Spanned<WantedStep>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum WantedStep {
    Base64,
    Json(String),
    Regex(String),
}

pub(super) fn read(file: &str, yaml: &str) -> Result<Vec<Rule>, Vec<Diagnostic>> {
    let wanted: File = serde_saphyr::from_str(yaml).map_err(|error| vec![unreadable(file, &error, HINT)])?;
    let mut wrong = Vec::new();
    if let Some(first) = wanted.actors.get(IDENTITY_RULES_MAX) {
        wrong.push(diagnostic(file, first, format!("more than {IDENTITY_RULES_MAX} rules"), None));
    }
    let rules = wanted.actors.iter().filter_map(|rule| rule_of(file, rule, &mut wrong)).collect();
    if wrong.is_empty() { Ok(rules) } else { Err(wrong) }
}

fn rule_of(file: &str, wanted: &Spanned<Wanted>, wrong: &mut Vec<Diagnostic>) -> Option<Rule> {
    let complaint = |message: &str| diagnostic(file, wanted, message.to_owned(), Some(HINT));
    let rule = &wanted.value;
    let mut places = [
        rule.header.as_ref().map(|name| Place::Header(name.to_ascii_lowercase())),
        rule.cookie.clone().map(Place::Cookie),
        rule.query.clone().map(Place::Query),
        rule.json.as_deref().map(|path| Place::Json(keys(path))),
        rule.claim.as_deref().map(|path| Place::Claim(keys(path))),
    ]
    .into_iter()
    .flatten();
    let (place, more) = (places.next(), places.next());
    if more.is_some() || place.is_none() {
        let what = if more.is_some() { "takes from more than one place" } else { "does not say where to take it from" };
        wrong.push(complaint(&format!("a rule that {what}")));
        return None;
    }
    let steps = rule.steps.iter().filter_map(|step| step_of(file, step, wrong)).collect();
    Some(Rule { kind: rule.kind, from: place?, steps })
}

fn step_of(file: &str, step: &Spanned<WantedStep>, wrong: &mut Vec<Diagnostic>) -> Option<Step> {
    match &step.value {
        WantedStep::Base64 => Some(Step::Base64),
        WantedStep::Json(path) => Some(Step::Json(keys(path))),
        WantedStep::Regex(pattern) => match compile_regex(pattern) {
            Ok(regex) => Some(Step::Regex(regex)),
            Err(error) => {
                let hint = Some("no look-around and no back references; the first group is taken, else the match");
                wrong.push(diagnostic(file, step, format!("the regular expression is not readable: {error}"), hint));
                None
            }
        },
    }
}

/// `user.id` and `$.user.id` alike.
fn keys(path: &str) -> Vec<String> {
    path.trim_start_matches('$').split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}
