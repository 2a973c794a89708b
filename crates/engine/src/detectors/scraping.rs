//! # scraping
//!
//! Somebody takes the whole: object after object, page after page.
//!
//! **Signals.** Different objects read, or pages turned, within a day, against what peers read at the same parameter;
//! less is enough where most of all known objects are covered.
//!
//! **False positives.** Search engines that say so are left out, and partners and jobs are compared with their own kind.
//! Somebody with much to do reads much: the tail is heavy, and a few times the busiest peer is not yet odd.
//!
//! **References.** OWASP API6:2023; OAT-011; ATT&CK T1119, T1213.

use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::calibrate::{Amount, MEMBERS_MIN, confidence};
use crate::watch::report::percent;
use crate::watch::world::{DAY_SECS, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "scraping",
        title: "Takes everything there is",
        severity: Severity::Medium,
        owasp: &["API6:2023", "API4:2023"],
        attack: &["T1119", "T1213"],
        response: &[
            "Limit how much one actor may read in a day, not only how fast",
            "Offer an export under an agreement to those who need much",
        ],
    },
    judge,
};

/// Objects or pages a day below which nobody scrapes.
const OBJECTS_MIN: usize = 40;

/// Share of all objects from which on it is the whole.
const WHOLE: f64 = 0.5;

/// What was read, by reader: times and calls of what was new to it, in order.
type Readers = HashMap<u32, Vec<u32>, FixedState>;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut slots: HashMap<u32, Readers, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        if !seen.succeeded() || world.place(seen.place).is_none_or(|place| place.writes) {
            continue;
        }
        // One new value a call: a search with ten fields is one page.
        for object in seen.objects.iter().filter(|object| object.fresh).take(2) {
            slots.entry(object.slot).or_default().entry(seen.who).or_default().push(number);
        }
    }
    let mut alarms: HashMap<u32, (f64, Alarm), FixedState> = HashMap::default();
    let mut slots: Vec<_> = slots.into_iter().collect();
    slots.sort_unstable_by_key(|(slot, _)| *slot);
    for (slot, readers) in slots {
        for (tail, alarm) in of_slot(world, slot, &readers).into_iter().chain(by_many(world, slot, &readers)) {
            let known = alarms.entry(alarm.who).or_insert_with(|| (tail, alarm.clone()));
            if tail < known.0 {
                *known = (tail, alarm);
            }
        }
    }
    let mut alarms: Vec<Alarm> = alarms.into_values().map(|(_, alarm)| alarm).collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

fn of_slot(world: &World<'_>, slot: u32, readers: &Readers) -> Vec<(f64, Alarm)> {
    let day_of = |(who, calls): (&u32, &Vec<u32>)| {
        let range = world.busiest(calls, DAY_SECS);
        (*who, range.len(), range)
    };
    let mut days: Vec<(u32, usize, Range<usize>)> = readers.iter().map(day_of).collect();
    days.sort_unstable_by_key(|(who, ..)| *who);
    let known = world.users.keys().filter(|(of, _)| *of == slot).count();
    let mut found = Vec::new();
    let mut fits: HashMap<(&str, u32), Amount, FixedState> = HashMap::default();
    for (who, most, range) in &days {
        let Some(person) = world.person_at(*who).filter(|person| !person.crawler && !person.shared) else { continue };
        if *most < OBJECTS_MIN {
            continue;
        }
        let amount = *fits.entry((person.kind, person.role)).or_insert_with(|| {
            let same = |role: bool| {
                let alike = days.iter().filter(|(other, ..)| {
                    let other = world.person_at(*other);
                    other.is_some_and(|o| o.kind == person.kind && (!role || o.role == person.role))
                });
                alike.map(|(_, most, _)| *most as f64).collect::<Vec<f64>>()
            };
            let peers = same(true);
            Amount::fit(if peers.len() >= MEMBERS_MIN { peers } else { same(false) })
        });
        let tail = amount.tail(*most as f64);
        let covered = *most as f64 / known.max(1) as f64;
        let bar = if covered >= WHOLE { world.alpha * 20.0 } else { world.alpha };
        if tail >= bar || (*most as f64) < amount.high * 3.0 {
            continue;
        }
        let calls = readers.get(who).and_then(|calls| calls.get(range.clone())).unwrap_or_default();
        found.extend(alarm(world, *who, slot, calls, (tail, covered, amount)).map(|alarm| (tail, alarm)));
    }
    found
}

/// Addresses that share a walk, at the least, and what they read together.
const WALKERS_MIN: usize = 5;
const WALK_MIN: usize = 100;

/// Share of what a crowd of visitors reads that nobody of them reads twice, at the most; a walk that is shared out reads
/// everything once.
const ONCE: f64 = 0.85;

/// Many addresses with one program that read nothing else, and each something else.
fn by_many(world: &World<'_>, slot: u32, readers: &Readers) -> Option<(f64, Alarm)> {
    let mut programs: HashMap<u32, (Vec<u32>, Vec<u32>), FixedState> = HashMap::default();
    for (who, calls) in readers {
        let Some(person) = world.person_at(*who).filter(|person| person.kind == "address" && !person.shared) else {
            continue;
        };
        let Some(seen) = calls.first().and_then(|number| world.seen(*number)) else { continue };
        if calls.len() * 10 >= person.calls.len() * 7 && !person.crawler {
            let (people, all) = programs.entry(seen.call.program).or_default();
            people.push(*who);
            all.extend(calls);
        }
    }
    let walk = programs.into_values().find(|(people, calls)| {
        let mut values: Vec<u32> = calls.iter().filter_map(|number| value_of(world, *number, slot)).collect();
        values.sort_unstable();
        values.dedup();
        people.len() >= WALKERS_MIN && calls.len() >= WALK_MIN && values.len() as f64 >= calls.len() as f64 * ONCE
    });
    let (mut people, mut calls) = walk?;
    people.sort_unstable();
    calls.sort_unstable();
    let place = world.seen(*calls.last()?)?.place;
    let mut addresses: Vec<_> = calls.iter().filter_map(|number| world.seen(*number)?.address()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses.truncate(20);
    let alarm = Alarm {
        who: world.seen(*calls.get(OBJECTS_MIN)?)?.who,
        at: *calls.get(OBJECTS_MIN)?,
        place,
        confidence: 0.85,
        explanation: format!(
            "{} addresses with one program read {} objects of `{}` between them, hardly one twice, and nothing else.",
            people.len(),
            calls.len(),
            world.place_name(place)
        ),
        addresses,
        calls,
        ..Alarm::default()
    };
    Some((1e-6, alarm))
}

fn value_of(world: &World<'_>, number: u32, slot: u32) -> Option<u32> {
    world.seen(number)?.objects.iter().find(|object| object.slot == slot).map(|object| object.value)
}

fn alarm(
    world: &World<'_>,
    who: u32,
    slot: u32,
    calls: &[u32],
    (tail, covered, amount): (f64, f64, Amount),
) -> Option<Alarm> {
    let sure = calls.get((amount.high * 3.0) as usize).or(calls.get(OBJECTS_MIN - 1)).copied()?;
    let place = world.seen(*calls.last()?)?.place;
    let name = world.slots.get(slot as usize).map_or("page", |slot| slot.name.as_str());
    let whole = if covered >= WHOLE { format!(", {} of all there are", percent(covered)) } else { String::new() };
    Some(Alarm {
        who,
        at: sure,
        place,
        confidence: confidence(tail, world.alpha),
        explanation: format!(
            "Read {} different `{name}` at `{}` within a day{whole}; half of its peers read at most {:.0}, nearly all at \
             most {:.0}.",
            calls.len(),
            world.place_name(place),
            amount.median,
            amount.high
        ),
        calls: calls.to_vec(),
        ..Alarm::default()
    })
}
