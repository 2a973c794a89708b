//! # unseen-type
//!
//! Somebody sends values of a type that nobody sends there: text where all send numbers, a truth value for a name.
//!
//! **Signals.** A field that twenty people and more send with one type, sent by this actor with another, several times.
//!
//! **False positives.** A client in a loosely typed language; it does so always and others with it.
//!
//! **References.** OWASP API8:2023; CWE-20; ATT&CK T1595.002.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::call::{Kind, NONE};
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "unseen-type",
        title: "Sends values of another type",
        severity: Severity::Low,
        owasp: &["API8:2023"],
        attack: &["T1595.002"],
        response: &["Validate requests against the schema", "Look for server errors in the answers"],
    },
    judge,
};

/// People who send a field before its type is known.
pub(super) const PEOPLE_MIN: usize = 15;

/// Calls with another type before it is trying.
const CALLS_MIN: usize = 3;

/// Share of people whose type may differ.
const SHARE_MAX: f64 = 0.02;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut types: HashMap<(u32, u32), ByKind, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls).filter(|(_, seen)| seen.place != NONE) {
        for sent in seen.details().map_or(&[][..], |details| details.sent.as_slice()) {
            let people = types.entry((seen.place, sent.name)).or_default();
            let [text, numbers, truths] = people.entry(seen.who).or_default();
            match sent.kind {
                Kind::Text => text.push(number),
                Kind::Number => numbers.push(number),
                Kind::Bool => truths.push(number),
            }
        }
    }
    let mut found: HashMap<u32, (Vec<u32>, u32, u32), FixedState> = HashMap::default();
    for ((place, name), people) in types.iter().filter(|(_, people)| people.len() >= PEOPLE_MIN) {
        let with =
            |kind: usize| people.values().filter(|own| own.get(kind).is_some_and(|calls| !calls.is_empty())).count();
        // Numbers are text in some queries: only what is rare for everybody is another type.
        for kind in (0..3).filter(|kind| (1..=rare(people.len())).contains(&with(*kind))) {
            for (who, own) in people {
                let calls = own.get(kind).map_or(&[][..], Vec::as_slice);
                if !calls.is_empty() {
                    let entry = found.entry(*who).or_insert_with(|| (Vec::new(), *place, *name));
                    entry.0.extend(calls);
                }
            }
        }
    }
    let mut alarms: Vec<Alarm> =
        found.into_iter().filter_map(|(who, (calls, place, name))| alarm(world, who, calls, place, name)).collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

/// Calls of each sender with text, numbers and truth values.
type ByKind = HashMap<u32, [Vec<u32>; 3], FixedState>;

fn rare(people: usize) -> usize {
    ((people as f64 * SHARE_MAX) as usize).max(1)
}

fn alarm(world: &World<'_>, who: u32, mut calls: Vec<u32>, place: u32, name: u32) -> Option<Alarm> {
    calls.sort_unstable();
    calls.dedup();
    Some(Alarm {
        who,
        at: calls.get(CALLS_MIN - 1).copied()?,
        place,
        confidence: 0.8,
        explanation: format!(
            "Sent values of a type that hardly anybody sends in {} calls, `{}` of `{}` among them.",
            calls.len(),
            world.field(name),
            world.place_name(place)
        ),
        calls,
        ..Alarm::default()
    })
}
