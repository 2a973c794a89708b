//! # query-intent
//!
//! Somebody who may look up many looks up a few, again and again: an insider with a private interest.
//!
//! **Signals.** Among people who work with many objects, how often one comes back to the same object at another time,
//! against all other pairs of person and object of that kind.
//!
//! **False positives.** A case that is worked on for days: others of the team come back to it as well.
//!
//! **References.** The Cyber5, Snap Finance; ATT&CK T1213.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::calibrate::{Amount, confidence};
use crate::watch::report::count;
use crate::watch::world::{SlotKind, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "query-intent",
        title: "Looks up the same few again and again",
        severity: Severity::Medium,
        owasp: &["API1:2023"],
        attack: &["T1213"],
        response: &["Ask what the lookups are for", "Keep a log of who reads whose record, and let owners see it"],
    },
    judge,
};

/// Objects from which on somebody works with many.
const OBJECTS_MIN: usize = 6;

/// Visits to one object before it is an interest.
const VISITS_MIN: usize = 5;

/// Seconds apart before it is another visit.
const APART_SECS: i64 = 1_800;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    type Visits = HashMap<u32, Vec<u32>, FixedState>;
    let mut slots: HashMap<u32, HashMap<u32, Visits, FixedState>, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls).filter(|(_, seen)| seen.succeeded()) {
        if world.place(seen.place).is_none_or(|place| place.writes) {
            continue;
        }
        let path_or_id = |slot: u32| world.slots.get(slot as usize).is_some_and(|slot| slot.kind != SlotKind::Field || is_search(&slot.name));
        for object in seen.objects.iter().filter(|object| path_or_id(object.slot)) {
            let visits = slots.entry(object.slot).or_default().entry(seen.who).or_default();
            let visits = visits.entry(object.value).or_default();
            let last = visits.last().and_then(|last| world.seen(*last)).map(|last| last.secs());
            if last.is_none_or(|last| seen.secs() - last >= APART_SECS) {
                visits.push(number);
            }
        }
    }
    let mut alarms = Vec::new();
    let mut slots: Vec<_> = slots.into_iter().collect();
    slots.sort_unstable_by_key(|(slot, _)| *slot);
    for (slot, people) in slots {
        let works = |person: u32, visits: &Visits| {
            let role = world.person_at(person).map_or(0, |person| person.role);
            visits.len() >= OBJECTS_MIN && (role != 0 || visits.len() >= 5 * OBJECTS_MIN)
        };
        let workers: Vec<(&u32, &Visits)> = people.iter().filter(|(who, visits)| works(**who, visits)).collect();
        let pairs: Vec<f64> = workers.iter().flat_map(|(_, v)| v.values().map(|visits| visits.len() as f64)).collect();
        let everybodys: HashSet<u32> = shared(&workers);
        let amount = Amount::fit(pairs);
        if std::env::var("DBG").is_ok() && workers.len() < 40 { for (who, v) in &workers { let m = v.values().map(Vec::len).max().unwrap_or(0); if m >= 4 { eprintln!("intent slot {} {} who {} max {} objects {} tail {} often {}", slot, world.slots[slot as usize].name, world.actors.identifier(world.people[**who as usize].key).map(|i| i.value).unwrap_or_default(), m, v.len(), amount.tail(m as f64), v.values().filter(|v| v.len() >= 5).count()); } } }
        for (who, visits) in &workers {
            let mut odd: Vec<&Vec<u32>> = visits
                .iter()
                .filter(|(value, visits)| visits.len() >= VISITS_MIN && !everybodys.contains(*value))
                .filter(|(_, visits)| amount.tail(visits.len() as f64) < (world.alpha * 10.0).min(2e-3))
                .map(|(_, visits)| visits)
                .collect();
            odd.sort_unstable();
            // Somebody who comes back to everything works that way.
            let often = visits.values().filter(|visits| visits.len() >= VISITS_MIN).count();
            if !odd.is_empty() && often * 3 <= visits.len() {
                alarms.extend(alarm(world, **who, slot, &odd, amount));
            }
        }
    }
    alarms.sort_by_key(|alarm| alarm.who);
    alarms.dedup_by_key(|alarm| alarm.who);
    alarms
}

/// Fields that hold what somebody looks for.
fn is_search(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "q" | "query" | "name" | "search" | "lastname" | "last_name" | "term")
}

/// What several workers come back to is work, not interest.
fn shared(workers: &[(&u32, &HashMap<u32, Vec<u32>, FixedState>)]) -> HashSet<u32> {
    let mut met: HashMap<u32, u32, FixedState> = HashMap::default();
    for (_, visits) in workers {
        for (value, _) in visits.iter().filter(|(_, visits)| visits.len() >= 3) {
            *met.entry(*value).or_default() += 1;
        }
    }
    met.into_iter().filter(|(_, n)| *n >= 3).map(|(value, _)| value).collect()
}

fn alarm(world: &World<'_>, who: u32, slot: u32, odd: &[&Vec<u32>], amount: Amount) -> Option<Alarm> {
    let most = odd.iter().max_by_key(|visits| visits.len())?;
    let mut calls: Vec<u32> = odd.iter().flat_map(|visits| visits.iter().copied()).collect();
    calls.sort_unstable();
    let place = world.seen(*calls.last()?)?.place;
    let tail = amount.tail(most.len() as f64);
    let name = world.slots.get(slot as usize).map_or("object", |slot| slot.name.as_str());
    Some(Alarm {
        who,
        at: *most.get(VISITS_MIN - 1)?,
        place,
        confidence: confidence(tail, world.alpha).max(0.72),
        explanation: format!(
            "Came back to {} of `{name}` at `{}` up to {} times, each time half an hour and more apart; nearly all lookups of \
             people who work there are done with {:.0}.",
            count(odd.len(), "value", "values"),
            world.place_name(place),
            most.len(),
            amount.high.max(1.0)
        ),
        calls,
        ..Alarm::default()
    })
}
