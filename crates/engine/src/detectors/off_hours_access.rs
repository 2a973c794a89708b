//! # off-hours-access
//!
//! Somebody who works by day reaches sensitive things by night.
//!
//! **Signals.** People of one role have hours, when nearly all of their calls are made. Several calls to sensitive or
//! administrative endpoints in hours in which the role, and the person otherwise, never works.
//!
//! **False positives.** An incident at night for those on call: then several are up.
//!
//! **References.** ATT&CK T1078; Chandola, Banerjee, Kumar: "Anomaly Detection: A Survey" (2009), contextual anomalies.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::call::NONE;
use crate::watch::report::percent;
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "off-hours-access",
        title: "Works when its role never does",
        severity: Severity::Medium,
        owasp: &["API2:2023"],
        attack: &["T1078"],
        response: &["Ask the person by telephone", "End the session if nobody can say why"],
    },
    judge,
};

/// Functions that matter at night.
const SENSITIVE: &[&str] = &["admin", "export", "payment", "invoice", "transfer", "payout", "download", "refund"];

/// Calls of a role before its hours are known, and people who make them.
const CALLS_MIN: u32 = 120;
const PEOPLE_MIN: usize = 2;

/// Hours of deep night that a role has, at the least, for it to have hours.
const REST_HOURS_MIN: usize = 1;

/// Share of a role's calls in an hour below which it rests.
const REST: f64 = 0.004;

/// Hours around those that are worked which are no night either.
const MARGIN_HOURS: usize = 3;

/// Calls at night before it is no accident.
const NIGHT_MIN: usize = 8;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut hours: HashMap<u32, HashMap<u32, [u32; 24], FixedState>, FixedState> = HashMap::default();
    for seen in world.calls.iter().filter(|seen| seen.call.at != 0) {
        let Some(person) = world.person_at(seen.who).filter(|person| world.is_of_few(person)) else { continue };
        let own = hours.entry(person.group).or_default().entry(seen.who).or_default();
        if let Some(hour) = own.get_mut(hour_of(seen.secs())) {
            *hour += 1;
        }
    }
    let mut alarms: Vec<Alarm> = hours
        .iter()
        .flat_map(|(_, people)| people.iter().filter_map(|(who, own)| of_person(world, *who, own, people)))
        .collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

fn hour_of(secs: i64) -> usize {
    (secs.div_euclid(3_600).rem_euclid(24)) as usize
}

fn of_person(
    world: &World<'_>,
    who: u32,
    own: &[u32; 24],
    people: &HashMap<u32, [u32; 24], FixedState>,
) -> Option<Alarm> {
    let mut others = [0_u32; 24];
    for (_, theirs) in people.iter().filter(|(other, _)| **other != who) {
        others.iter_mut().zip(theirs).for_each(|(sum, n)| *sum += n);
    }
    let all: u32 = others.iter().sum();
    if all < CALLS_MIN || people.len() < PEOPLE_MIN + 1 {
        return None;
    }
    let active: Vec<bool> = others.iter().map(|n| f64::from(*n) >= f64::from(all) * REST).collect();
    // Overtime is no night: hours next to those that are worked do not count.
    let near =
        |hour: usize| (0..=2 * MARGIN_HOURS).any(|by| active.get((hour + 24 + by - MARGIN_HOURS) % 24) == Some(&true));
    let rests: Vec<bool> = (0..24).map(|hour| !near(hour)).collect();
    let rest_hours = rests.iter().filter(|rests| **rests).count();
    let at_rest = |secs: i64| rests.get(hour_of(secs)).copied().unwrap_or(false);
    let mut nights: HashSet<i64> = HashSet::new();
    let calls: Vec<u32> = world
        .calls_of(who)
        .filter(|(_, seen)| seen.place != NONE && at_rest(seen.secs()) && seen.call.at != 0)
        .inspect(|(_, seen)| {
            nights.insert(seen.secs().div_euclid(43_200));
        })
        .map(|(number, _)| number)
        .collect();
    let day: u32 = own.iter().zip(&rests).filter(|(_, rests)| !**rests).map(|(n, _)| n).sum();
    // Who is always up at night has other hours.
    let mostly_by_day = day as usize * 3 >= calls.len() && day >= 5;
    let sensitive = calls.iter().filter(|number| is_sensitive(world, **number)).count();
    if rest_hours < REST_HOURS_MIN || calls.len() < NIGHT_MIN || !mostly_by_day || sensitive < 2 {
        return None;
    }
    let seen = world.seen(*calls.get(NIGHT_MIN - 1)?)?;
    Some(Alarm {
        who,
        at: *calls.get(NIGHT_MIN - 1)?,
        place: seen.place,
        confidence: 0.85,
        explanation: format!(
            "Made {} calls around {:02}:00 UTC, {sensitive} of them to sensitive endpoints; of the calls of its role ({}) \
             under {} are made in such an hour.",
            calls.len(),
            hour_of(seen.secs()),
            world.role(world.person_at(who)?.role),
            percent(REST)
        ),
        calls,
        ..Alarm::default()
    })
}

fn is_sensitive(world: &World<'_>, number: u32) -> bool {
    let place = world.seen(number).and_then(|seen| world.place(seen.place));
    place.is_some_and(|place| SENSITIVE.contains(&place.function) || !place.endpoint.data_classes.response.is_empty())
}
