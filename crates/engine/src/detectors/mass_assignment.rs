//! # mass-assignment
//!
//! Somebody sends a field that nobody sends there, and that decides what he may do or owns (broken object property level
//! authorization, API3:2023).
//!
//! **Signals.** A field of a request body that means a privilege (role, verified, credit, owner, plan, price) or that only
//! the server's answers have, at an endpoint where eight people and more write without it.
//!
//! **False positives.** A new version of a client that sends a new field: others follow, and then it is usual.
//!
//! **References.** OWASP API3:2023; CWE-915.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::call::{NONE, name_hash};
use crate::watch::names;
use crate::watch::world::{Place, Seen, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "mass-assignment",
        title: "Sends fields that decide privileges",
        severity: Severity::High,
        owasp: &["API3:2023"],
        attack: &["T1190", "T1565.001"],
        response: &[
            "Bind only the fields that a caller may set, and refuse others",
            "Look whether the object now has the value that was sent",
        ],
    },
    judge,
};

/// People who write at a place before it is known what they send.
pub(super) const WRITERS_MIN: usize = 8;

/// Share of writers who may send a field that still counts as not sent there.
const SENDERS_MAX: f64 = 0.02;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut writers: HashMap<u32, HashSet<u32>, FixedState> = HashMap::default();
    let mut senders: HashMap<(u32, u32), Senders, FixedState> = HashMap::default();
    let mut answered = Answered::default();
    for (number, seen) in (0..).zip(&world.calls) {
        let Some(place) = world.place(seen.place).filter(|place| place.writes && seen.place != NONE) else { continue };
        let Some(details) = seen.details().filter(|_| place.function != "admin") else { continue };
        writers.entry(seen.place).or_default().insert(seen.who);
        let mut decides =
            |name: u32| names::is_privileged(world.field(name)) || is_answered(&mut answered, place, name);
        for sent in details.sent.iter().filter(|sent| decides(sent.name)) {
            senders.entry((seen.place, sent.name)).or_default().entry(seen.who).or_default().push(number);
        }
    }
    // Where many send some field of their own, bodies are rich and optional; only what makes a role still tells.
    let everybody: HashSet<u32> = writers.values().flatten().copied().collect();
    let mut alone: HashSet<u32> = HashSet::new();
    for (_, people) in senders.iter().filter(|(_, people)| people.len() == 1) {
        alone.extend(people.keys());
    }
    let rich = alone.len() > (everybody.len() / 30).max(3);
    let mut found: HashMap<u32, Found, FixedState> = HashMap::default();
    for ((place, name), people) in senders {
        if rich && !names::is_role_field(world.field(name)) {
            continue;
        }
        let all = writers.get(&place).map_or(0, HashSet::len);
        let allowed = (all as f64 * SENDERS_MAX).ceil() as usize;
        if all < WRITERS_MIN || people.len() > allowed.max(1) {
            continue;
        }
        for (who, calls) in people {
            let entry = found.entry(who).or_insert_with(|| (Vec::new(), Vec::new(), place, all));
            entry.0.extend(calls);
            entry.1.push(world.field(name).to_owned());
        }
    }
    let mut alarms: Vec<Alarm> = found.into_iter().filter_map(|(who, found)| alarm(world, who, found)).collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

/// Calls by who sent a field.
type Senders = HashMap<u32, Vec<u32>, FixedState>;

/// Calls and names of somebody, the place, and how many write there.
type Found = (Vec<u32>, Vec<String>, u32, usize);

/// Names of the fields of an endpoint's answers, by its id.
type Answered<'a> = HashMap<&'a str, HashSet<u32>, FixedState>;

/// The server tells this field, so it keeps it.
fn is_answered<'a>(answered: &mut Answered<'a>, place: &Place<'a>, name: u32) -> bool {
    let names = answered.entry(&place.endpoint.id).or_insert_with(|| {
        let fields = place.endpoint.fields.iter().filter(|field| field.side == "response" && field.location == "body");
        fields.map(|field| name_hash(field.name.rsplit(['.', ']']).next().unwrap_or(&field.name))).collect()
    });
    names.contains(&name)
}

fn alarm(world: &World<'_>, who: u32, (mut calls, mut names, place, all): Found) -> Option<Alarm> {
    calls.sort_unstable();
    calls.dedup();
    names.sort_unstable();
    names.dedup();
    let taken = calls.iter().any(|number| world.seen(*number).is_some_and(Seen::succeeded));
    Some(Alarm {
        who,
        at: *calls.first()?,
        place,
        confidence: if taken { 0.92 } else { 0.85 },
        severity: (!taken).then_some(Severity::Medium),
        explanation: format!(
            "Sent `{}` to `{}`, which none of {} others who write there sends; it was {}.",
            names.join("`, `"),
            world.place_name(place),
            all.saturating_sub(1),
            if taken { "taken" } else { "refused" }
        ),
        calls,
        ..Alarm::default()
    })
}
