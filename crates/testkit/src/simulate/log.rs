//! What was sent, in the order of time, with the truth about who attacked.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::har::Entry;
use crate::json::Json;
use crate::object;

/// Recorded exchanges and the attacks that some of them belong to.
pub(super) struct Log {
    bodies: bool,
    entries: Vec<Recorded>,
    attacks: Vec<Attack>,
    marking: Option<usize>,
}

struct Recorded {
    entry: Entry,
    attack: Option<usize>,
    /// Endpoint, finer than the template where one path serves many (`POST /graphql#query.invoice`).
    endpoint: Option<String>,
}

struct Attack {
    kind: &'static str,
    variant: &'static str,
    actors: Vec<(&'static str, String)>,
}

impl Log {
    pub(super) fn new(bodies: bool) -> Self {
        Self { bodies, entries: Vec::new(), attacks: Vec::new(), marking: None }
    }

    /// What is recorded from now on belongs to a new attack.
    pub(super) fn begin(&mut self, kind: &'static str, variant: &'static str) -> usize {
        self.attacks.push(Attack { kind, variant, actors: Vec::new() });
        self.marking = Some(self.attacks.len() - 1);
        self.attacks.len() - 1
    }

    /// Nothing belongs to an attack until [`Log::resume`].
    pub(super) fn pause(&mut self) {
        self.marking = None;
    }

    pub(super) fn resume(&mut self, attack: usize) {
        self.marking = Some(attack);
    }

    /// Records an exchange; `actors` are the identifiers that it shows of who sent it.
    pub(super) fn push(&mut self, mut entry: Entry, actors: Vec<(&'static str, String)>) {
        if let Some(attack) = self.marking.and_then(|m| self.attacks.get_mut(m)) {
            for actor in actors {
                if !attack.actors.contains(&actor) {
                    attack.actors.push(actor);
                }
            }
        }
        if !self.bodies {
            entry.response_bytes = entry.response_len();
            entry.request_body = None;
            entry.response_body = None;
        }
        let endpoint = entry.template.as_ref().map(|t| format!("{} {}", entry.method, nameless(t)));
        if let Some(template) = &mut entry.template {
            template.truncate(template.find('#').unwrap_or(template.len()));
        }
        self.entries.push(Recorded { entry, attack: self.marking, endpoint });
    }

    /// The exchanges up to `end` in the order of time, and a row of truth per attack that left any.
    pub(super) fn finish(mut self, end: i64) -> (Vec<Entry>, String) {
        self.entries.retain(|r| r.entry.at < end);
        self.entries.sort_by_key(|r| r.entry.at);
        let mut lines: Vec<Vec<usize>> = vec![Vec::new(); self.attacks.len()];
        let mut endpoints: Vec<BTreeMap<String, usize>> = vec![BTreeMap::new(); self.attacks.len()];
        for (line, recorded) in self.entries.iter().enumerate() {
            let Some(attack) = recorded.attack else { continue };
            if let Some(list) = lines.get_mut(attack) {
                list.push(line);
            }
            if let (Some(counts), Some(endpoint)) = (endpoints.get_mut(attack), &recorded.endpoint) {
                *counts.entry(endpoint.clone()).or_default() += 1;
            }
        }
        let mut truth = String::new();
        for ((attack, lines), endpoints) in self.attacks.iter().zip(lines).zip(endpoints) {
            if lines.is_empty() {
                continue;
            }
            let endpoint = endpoints.into_iter().max_by_key(|(_, n)| *n).map_or_else(|| "*".to_owned(), |(e, _)| e);
            let row = object! {
                "kind" => attack.kind, "variant" => attack.variant,
                "actor" => Json::array(attack.actors.iter().map(|(kind, id)| object! { *kind => id })),
                "endpoint" => endpoint, "exchanges" => Json::array(lines.into_iter().map(Json::from)),
            };
            let _ = writeln!(truth, "{row}");
        }
        (self.entries.into_iter().map(|r| r.entry).collect(), truth)
    }
}

/// The template with its parameters unnamed: `/v1/invoices/{}`.
fn nameless(template: &str) -> String {
    let segments = template.split('/').map(|s| if s.starts_with('{') { "{}" } else { s });
    segments.collect::<Vec<_>>().join("/")
}
