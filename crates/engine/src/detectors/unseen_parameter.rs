//! # unseen-parameter
//!
//! Somebody sends parameters that nobody else sends, to see what they do.
//!
//! **Signals.** Names of query parameters or fields, at endpoints with twenty callers and more, that no other caller of
//! the endpoint sends; three of them, or two when one is a word of testers (`debug`, `test`, `admin`).
//!
//! **False positives.** A new version of a client: others send the name soon. Tracking parameters of links.
//!
//! **References.** OWASP API8:2023; CWE-912; ATT&CK T1595.003.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "unseen-parameter",
        title: "Sends parameters that nobody sends",
        severity: Severity::Low,
        owasp: &["API8:2023", "API3:2023"],
        attack: &["T1595.003"],
        response: &["Refuse parameters that are not declared", "Look whether an answer changed because of one"],
    },
    judge,
};

/// Callers of an endpoint before its names are known.
pub(super) const CALLERS_MIN: u32 = 20;

/// Names before it is trying.
const NAMES_MIN: usize = 3;

/// Words of those who try.
const TESTERS: &[&str] = &[
    "debug", "test", "admin", "trace", "internal", "dev", "verbose", "isadmin", "bypass", "mock", "dryrun", "sudo",
    "root",
];

/// Beginnings of names that links carry.
const TRACKING: &[&str] = &["utm", "gclid", "fbclid", "msclkid", "ref", "mc"];

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut senders: HashMap<(u32, u32), HashMap<u32, u32, FixedState>, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        let crawler = world.person_at(seen.who).is_some_and(|person| person.crawler);
        if world.place(seen.place).is_none_or(|place| place.callers < CALLERS_MIN) || crawler {
            continue;
        }
        for sent in seen.details().map_or(&[][..], |details| details.sent.as_slice()) {
            let people = senders.entry((seen.place, sent.name)).or_default();
            if people.len() < 3 {
                people.entry(seen.who).or_insert(number);
            }
        }
    }
    let mut found: HashMap<u32, (HashSet<u32>, Vec<u32>), FixedState> = HashMap::default();
    for ((_, name), people) in senders.iter().filter(|(_, people)| people.len() == 1) {
        let tracks = TRACKING.iter().any(|start| world.field(*name).starts_with(start));
        for (who, number) in people.iter().filter(|_| !tracks) {
            let (names, calls) = found.entry(*who).or_default();
            names.insert(*name);
            calls.push(*number);
        }
    }
    // Where many send something that only they send, requests are rich here, and only testers' words tell.
    let rich = found.len() * 12 > world.people.iter().filter(|person| person.calls.len() >= 3).count();
    let mut alarms: Vec<Alarm> =
        found.into_iter().filter_map(|(who, (names, calls))| alarm(world, who, &names, calls, rich)).collect();
    // Where many send something of their own, names are data here.
    if alarms.len() * 50 > world.people.len() && alarms.len() > 3 {
        return Vec::new();
    }
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

fn alarm(world: &World<'_>, who: u32, names: &HashSet<u32>, mut calls: Vec<u32>, rich: bool) -> Option<Alarm> {
    let mut shown: Vec<&str> = names.iter().map(|name| world.field(*name)).collect();
    shown.sort_unstable();
    let is_tester = |name: &&str| {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        TESTERS.contains(&plain.to_ascii_lowercase().as_str())
    };
    let tester = shown.iter().any(is_tester);
    if (shown.len() < NAMES_MIN || rich) && !(tester && shown.len() >= 2) {
        return None;
    }
    calls.sort_unstable();
    calls.dedup();
    let place = world.seen(*calls.last()?)?.place;
    let more = shown.len().saturating_sub(5);
    shown.truncate(5);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(Alarm {
        who,
        at: calls.get(1).or(calls.first()).copied()?,
        place,
        confidence: if tester { 0.88 } else { 0.8 },
        explanation: format!(
            "Sent `{}`{rest}, which no other caller of these endpoints sends (one is `{}`).",
            shown.join("`, `"),
            world.place_name(place)
        ),
        calls,
        ..Alarm::default()
    })
}
