//! From alarms to what people read: detections with evidence, and one incident for each actor.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::Timestamp;
use vedette_model::limits::{DETECTION_EVIDENCE_MAX, DETECTIONS_MAX};
use vedette_model::results::{ActorRef, Detection, Evidence, Identifier, Incident, Severity};

use super::world::{Seen, World};
use crate::checks::wording;
use crate::conclude::id;
use crate::detectors::{Alarm, Meta};

/// Addresses named of one actor.
const ADDRESSES_MAX: usize = 20;

/// Detections of one kind and actor that are told apart by place.
const PLACES_MAX: usize = 3;

/// A detection of an alarm.
pub(crate) fn detection(world: &World<'_>, meta: &Meta, alarm: &Alarm) -> Option<Detection> {
    let person = world.person_at(alarm.who)?;
    let mut calls = alarm.calls.clone();
    calls.sort_unstable();
    calls.dedup();
    let recognized = world.seen(alarm.at)?;
    let place = world.place(alarm.place).map(|place| place.endpoint.id.clone()).unwrap_or_default();
    let mut identifiers: Vec<Identifier> = Vec::new();
    match &person.name {
        Some(name) => identifiers.push(Identifier { kind: "user".to_owned(), value: name.to_string() }),
        None => identifiers.extend(world.actors.identifier(person.key)),
    }
    identifiers.extend(person.sessions.iter().filter_map(|key| world.actors.identifier(*key)).take(4));
    let mut addresses: Vec<_> = alarm.addresses.clone();
    for number in &calls {
        let address = world.seen(*number).and_then(Seen::address);
        addresses.extend(address.filter(|address| !addresses.contains(address)));
        if addresses.len() >= ADDRESSES_MAX {
            break;
        }
    }
    addresses.truncate(ADDRESSES_MAX);
    identifiers
        .extend(addresses.iter().map(|address| Identifier { kind: "ip".to_owned(), value: address.to_string() }));
    let evidence = calls.iter().take(DETECTION_EVIDENCE_MAX).filter_map(|number| {
        let seen = world.seen(*number)?;
        Some(Evidence {
            source: seen.call.seen_at.0,
            exchange: seen.call.seen_at.1,
            location: "request.path".to_owned(),
            excerpt: format!("{} answered {}", world.place_or_path(seen), seen.call.status),
            ..Evidence::default()
        })
    });
    Some(Detection {
        id: id(&["detection", meta.id, &person.key.id(), &place]),
        kind: meta.id.to_owned(),
        at: (recognized.call.at != 0).then_some(Timestamp(recognized.call.at)),
        actor: ActorRef { id: person.key.id(), identifiers },
        endpoint: place,
        severity: alarm.severity.unwrap_or(meta.severity),
        confidence: (alarm.confidence * 100.0).round() / 100.0,
        title: alarm.title.clone().unwrap_or_else(|| meta.title.to_owned()),
        explanation: alarm.explanation.clone(),
        evidence: evidence.collect(),
        owasp: meta.owasp.iter().map(|id| (*id).to_owned()).collect(),
        attack: meta.attack.iter().map(|id| (*id).to_owned()).collect(),
        response: meta.response.iter().map(|text| (*text).to_owned()).collect(),
    })
}

/// The surest of each kind, actor and place, newest first.
pub(crate) fn settle(mut detections: Vec<Detection>) -> Vec<Detection> {
    detections.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then_with(|| (a.at, &a.id).cmp(&(b.at, &b.id))));
    let mut kept: HashMap<(String, String), Vec<String>, FixedState> = HashMap::default();
    detections.retain(|detection| {
        let places = kept.entry((detection.actor.id.clone(), detection.kind.clone())).or_default();
        let fresh = places.len() < PLACES_MAX && !places.contains(&detection.endpoint);
        places.push(detection.endpoint.clone());
        fresh
    });
    detections.truncate(DETECTIONS_MAX);
    detections.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.id.cmp(&b.id)));
    detections
}

/// How far somebody has come.
const STAGES: &[(&str, &[&str])] = &[
    ("reconnaissance", &["recon-scan", "endpoint-spray", "enumeration", "unseen-parameter", "unseen-type"]),
    (
        "access",
        &[
            "credential-stuffing",
            "password-spraying",
            "brute-force",
            "token-theft",
            "jwt-tampering",
            "account-takeover",
        ],
    ),
    ("exfiltration", &["data-exfiltration", "scraping", "excessive-data"]),
];

/// The stage of a kind; what is in no list is abuse.
fn stage(kind: &str) -> &'static str {
    STAGES.iter().find(|(_, kinds)| kinds.contains(&kind)).map_or("abuse", |(stage, _)| stage)
}

/// Order of the stages.
fn depth(stage: &str) -> u8 {
    match stage {
        "reconnaissance" => 0,
        "access" => 1,
        "abuse" => 2,
        _ => 3,
    }
}

/// One incident for each actor, worst and newest first.
pub(crate) fn incidents(detections: &[Detection]) -> Vec<Incident> {
    let mut by_actor: HashMap<&str, Vec<&Detection>, FixedState> = HashMap::default();
    for detection in detections {
        by_actor.entry(&detection.actor.id).or_default().push(detection);
    }
    let mut incidents: Vec<Incident> = by_actor.into_values().filter_map(|own| incident(&own)).collect();
    incidents.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then_with(|| b.last_at.cmp(&a.last_at)).then_with(|| a.id.cmp(&b.id))
    });
    incidents
}

fn incident(own: &[&Detection]) -> Option<Incident> {
    let order = |d: &&&Detection| (d.severity, (d.confidence * 100.0) as u32);
    let worst = own.iter().max_by_key(order)?;
    let mut timeline: Vec<&&Detection> = own.iter().collect();
    timeline.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.id.cmp(&b.id)));
    let name = worst.actor.identifiers.first().map_or("somebody", |identifier| identifier.value.as_str());
    let rest = own.iter().map(|d| d.kind.as_str()).filter(|kind| *kind != worst.kind);
    let mut others: Vec<&str> = rest.collect();
    others.sort_unstable();
    others.dedup();
    let title = match others.len() {
        0 => format!("{}: {name}", worst.title),
        n => format!("{}, and {n} more: {name}", worst.title),
    };
    let stage = own.iter().map(|d| stage(&d.kind)).max_by_key(|stage| depth(stage)).unwrap_or("abuse");
    let gather = |of: fn(&Detection) -> &Vec<String>| {
        let mut all: Vec<String> = Vec::new();
        for text in timeline.iter().flat_map(|d| of(d)) {
            if !all.contains(text) {
                all.push(text.clone());
            }
        }
        all
    };
    // An actor that does several odd things is more than each of them.
    let severity = if others.len() >= 2 { worst.severity.max(Severity::High) } else { worst.severity };
    Some(Incident {
        id: id(&["incident", &worst.actor.id]),
        title,
        severity,
        detections: timeline.iter().map(|d| d.id.clone()).collect(),
        actor: worst.actor.clone(),
        stage: stage.to_owned(),
        story: timeline.iter().map(|d| d.explanation.as_str()).collect::<Vec<_>>().join(" "),
        started_at: timeline.iter().find_map(|d| d.at),
        last_at: timeline.iter().rev().find_map(|d| d.at),
        exchanges: timeline.iter().map(|d| d.evidence.len() as u64).sum(),
        attack: gather(|d| &d.attack),
        response: gather(|d| &d.response),
    })
}

/// Seconds between two calls in words; less than one counts as one.
pub(crate) fn lasting(secs: i64) -> String {
    wording::duration(secs.max(1).unsigned_abs())
}

/// A share in words.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 10.0 || percent == 0.0 {
        format!("{percent:.0} %")
    } else if percent >= 0.1 {
        format!("{percent:.1} %")
    } else {
        "under 0.1 %".to_owned()
    }
}
