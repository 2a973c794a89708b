//! # query-intent
//!
//! Somebody who may look up many looks up a few, again and again: an insider with a private interest.
//!
//! **Signals.** Among people who work with many objects, how often one comes back to the same few at another time, against
//! how often the others come back (geometric); searching for a name and opening its record add up.
//!
//! **False positives.** A case that is worked on for days: others of the team come back to it as well.
//!
//! **References.** The Cyber5, Snap Finance; ATT&CK T1213.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::checks::wording::count;
use crate::watch::calibrate::{combined, confidence};
use crate::watch::world::{Object, Seen, SlotKind, World};

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

/// Others who work with the objects before anything is usual.
const WORKERS_MIN: usize = 3;

/// Subjects of one interest.
const SUBJECTS_MAX: usize = 3;

/// Users from which on an object is everybody's.
const PUBLIC_MIN: usize = 8;

/// Seconds apart before it is another visit.
const APART_SECS: i64 = 1_800;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut slots: HashMap<u32, HashMap<u32, Visits, FixedState>, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls).filter(|(_, seen)| seen.succeeded()) {
        if world.place(seen.place).is_none_or(|place| place.writes) {
            continue;
        }
        let path_or_id = |slot: u32| {
            world.slots.get(slot as usize).is_some_and(|slot| slot.kind != SlotKind::Field || is_search(&slot.name))
        };
        let private = |o: &Object| world.users.get(&(o.slot, o.value)).is_none_or(|users| users.len() < PUBLIC_MIN);
        for object in seen.objects.iter().filter(|object| path_or_id(object.slot) && private(object)) {
            let visits = slots.entry(object.slot).or_default().entry(seen.who).or_default();
            let visits = visits.entry(object.value).or_default();
            let last = visits.last().and_then(|last| world.seen(*last)).map(Seen::secs);
            if last.is_none_or(|last| seen.secs() - last >= APART_SECS) {
                visits.push(number);
            }
        }
    }
    let mut slots: Vec<_> = slots.into_iter().collect();
    slots.sort_unstable_by_key(|(slot, _)| *slot);
    let mut found: HashMap<u32, Vec<Interest>, FixedState> = HashMap::default();
    for (slot, people) in &slots {
        let workers: Vec<(&u32, &Visits)> = people.iter().filter(|(who, v)| works(world, **who, v)).collect();
        let everybodys = shared(&workers);
        for (who, visits) in &workers {
            if let Some(interest) = interest(*slot, **who, visits, &workers, &everybodys) {
                found.entry(**who).or_default().push(interest);
            }
        }
    }
    let mut alarms: Vec<Alarm> = found.into_iter().filter_map(|(who, all)| alarm(world, who, all)).collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

/// Calls by object, each the first of a visit.
type Visits = HashMap<u32, Vec<u32>, FixedState>;

/// What somebody came back to at one parameter.
struct Interest {
    slot: u32,
    tail: f64,
    /// Visits of each object, most visited first.
    visits: Vec<Vec<u32>>,
    usual: f64,
}

/// Is of a role of few, who work with the objects of many.
fn works(world: &World<'_>, who: u32, visits: &Visits) -> bool {
    let few = world.person_at(who).is_some_and(|person| world.is_of_few(person) && person.kind != "client");
    few && visits.len() >= OBJECTS_MIN
}

/// How surprising the most visited objects are: visits of one object are geometric, with the mean that the others have.
fn interest(
    slot: u32,
    who: u32,
    visits: &Visits,
    workers: &[(&u32, &Visits)],
    everybodys: &HashSet<u32>,
) -> Option<Interest> {
    let others = workers.iter().filter(|(other, _)| **other != who);
    let means = others.map(|(_, v)| v.values().map(Vec::len).sum::<usize>() as f64 / v.len().max(1) as f64);
    let mut means: Vec<f64> = means.collect();
    if means.len() < WORKERS_MIN {
        return None;
    }
    // Those who come back most set the measure, not those in the middle.
    means.sort_by(f64::total_cmp);
    let usual = means.get(means.len() * 3 / 4).or(means.last()).copied()?.max(1.05);
    let again = 1.0 - 1.0 / usual;
    let own = visits.iter().filter(|(value, visits)| visits.len() >= 3 && !everybodys.contains(*value));
    let mut most: Vec<Vec<u32>> = own.map(|(_, visits)| visits.clone()).collect();
    most.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    most.truncate(SUBJECTS_MAX);
    if most.first().is_none_or(|first| first.len() < VISITS_MIN) {
        return None;
    }
    // Of one, two or three subjects: each choice costs as many as there are ways to choose.
    let (mut tail, mut ways, mut more) = (1.0_f64, 1.0, 0.0);
    for (at, one) in most.iter().enumerate() {
        ways *= (visits.len() - at) as f64 / (at + 1) as f64;
        more += (one.len() - 1) as f64;
        tail = tail.min(ways * again.powf(more) * SUBJECTS_MAX as f64);
    }
    Some(Interest { slot, tail: tail.clamp(1e-12, 1.0), visits: most, usual })
}

/// Fields that hold what somebody looks for.
fn is_search(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "q" | "query" | "name" | "search" | "lastname" | "last_name" | "term")
}

/// What several workers come back to is work, not interest.
fn shared(workers: &[(&u32, &Visits)]) -> HashSet<u32> {
    let mut met: HashMap<u32, u32, FixedState> = HashMap::default();
    for (_, visits) in workers {
        for (value, _) in visits.iter().filter(|(_, visits)| visits.len() >= 3) {
            *met.entry(*value).or_default() += 1;
        }
    }
    met.into_iter().filter(|(_, n)| *n >= 3).map(|(value, _)| value).collect()
}

fn alarm(world: &World<'_>, who: u32, mut all: Vec<Interest>) -> Option<Alarm> {
    all.sort_by(|a, b| a.tail.total_cmp(&b.tail).then(a.slot.cmp(&b.slot)));
    let tails: Vec<f64> = all.iter().map(|one| one.tail).take(2).collect();
    let tail = combined(&tails).min(tails.first().copied()? * all.len() as f64);
    if tail >= world.alpha * 5.0 {
        return None;
    }
    let first = all.first()?;
    let most = first.visits.first()?;
    let subjects = first.visits.iter().filter(|visits| visits.len() * 2 >= most.len()).count();
    let mut calls: Vec<u32> = all.iter().take(2).flat_map(|one| one.visits.iter().flatten().copied()).collect();
    calls.sort_unstable();
    let place = world.seen(*most.last()?)?.place;
    let name = world.slots.get(first.slot as usize).map_or("object", |slot| slot.name.as_str());
    Some(Alarm {
        who,
        at: *most.get(VISITS_MIN - 1)?,
        place,
        confidence: confidence(tail, world.alpha).max(0.72),
        explanation: format!(
            "Came back to {} of `{name}` at `{}` up to {} times, each time half an hour and more apart; others who work \
             there look at one {:.1} times.",
            count(subjects as u64, "value"),
            world.place_name(place),
            most.len(),
            first.usual
        ),
        calls,
        ..Alarm::default()
    })
}
