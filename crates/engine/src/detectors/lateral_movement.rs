//! # lateral-movement
//!
//! A service or an application goes where it never went: its credential is in other hands.
//!
//! **Signals.** Programs do the same every day. One with a history that suddenly calls several endpoints that existed
//! before and that neither it nor several of its peers ever called, most of all on another service.
//!
//! **False positives.** A deploy gives a program new work; it then goes on with it, and endpoints that are new
//! themselves do not count.
//!
//! **References.** OWASP API5:2023; NIST SP 800-228; ATT&CK T1550.001, T1078, T1210.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::checks::wording::count;
use crate::watch::calibrate::MEMBERS_MIN;
use crate::watch::call::NONE;
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "lateral-movement",
        title: "A program goes where it never went",
        severity: Severity::High,
        owasp: &["API5:2023"],
        attack: &["T1550.001", "T1210"],
        response: &["Rotate the credential", "Give each program only what it needs", "Look at the machine it runs on"],
    },
    judge,
};

/// Calls and seconds of history before anything is new.
const HISTORY_CALLS: usize = 60;
const HISTORY_SECS: i64 = 6 * 3_600;

/// New endpoints before it has moved.
const PLACES_MIN: usize = 3;

/// Peers who call an endpoint from which on it is work of such programs.
const PEERS_MIN: usize = 3;

/// Seconds in which they are met.
const WINDOW_SECS: i64 = 6 * 3_600;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut first_used: HashMap<u32, i64, FixedState> = HashMap::default();
    for seen in world.calls.iter().filter(|seen| seen.place != NONE) {
        first_used.entry(seen.place).or_insert(seen.secs());
    }
    let mut by_group: Users = Users::default();
    for seen in world.calls.iter().filter(|seen| seen.place != NONE) {
        let group = world.person_at(seen.who).map_or(0, |person| person.group);
        by_group.entry((seen.place, group)).or_default().insert(seen.who);
    }
    world.everybody().filter_map(|(who, _)| of_person(world, who, &first_used, &by_group)).collect()
}

/// Who calls a place, by peer group.
type Users = HashMap<(u32, u32), HashSet<u32>, FixedState>;

fn of_person(
    world: &World<'_>,
    who: u32,
    first_used: &HashMap<u32, i64, FixedState>,
    by_group: &Users,
) -> Option<Alarm> {
    let person = world.person_at(who)?;
    let internal = world.calls_of(who).next().is_some_and(|(_, seen)| seen.call.internal);
    if person.kind != "client" && person.kind != "token" && !internal {
        return None;
    }
    let peers = world.groups.get(person.group as usize).map_or(0, Vec::len);
    let usual_for_peers = |place: u32| {
        peers >= MEMBERS_MIN && by_group.get(&(place, person.group)).is_some_and(|users| users.len() >= PEERS_MIN)
    };
    let mut known: HashMap<u32, i64, FixedState> = HashMap::default();
    let mut services: HashSet<u16> = HashSet::new();
    let mut fresh: Vec<(u32, i64, bool)> = Vec::new();
    let mut began = None;
    for (at, (number, seen)) in world.calls_of(who).filter(|(_, seen)| seen.place != NONE).enumerate() {
        let start = *began.get_or_insert(seen.secs());
        let settled = at >= HISTORY_CALLS && seen.secs() - start >= HISTORY_SECS;
        if known.insert(seen.place, seen.secs()).is_none() && settled {
            let existed = first_used.get(&seen.place).is_some_and(|first| seen.secs() - first > WINDOW_SECS);
            let elsewhere = !services.contains(&seen.call.service);
            if (existed || elsewhere) && !usual_for_peers(seen.place) {
                fresh.push((number, seen.secs(), elsewhere));
            }
        }
        if !settled {
            services.insert(seen.call.service);
        }
    }
    let run = fresh.iter().enumerate().find_map(|(at, (_, secs, _))| {
        let inside = fresh.iter().skip(at).take_while(|(_, later, _)| later - secs <= WINDOW_SECS);
        let run: Vec<&(u32, i64, bool)> = inside.collect();
        let enough = run.len() >= PLACES_MIN || run.len() >= 2 && run.iter().any(|one| one.2);
        enough.then_some(run)
    })?;
    let calls: Vec<u32> = run.iter().map(|one| one.0).collect();
    let at = *calls.get(1)?;
    let place = world.seen(*calls.last()?)?.place;
    let elsewhere = if run.iter().any(|one| one.2) { ", on a service that it never used" } else { "" };
    Some(Alarm {
        who,
        at,
        place,
        confidence: 0.88,
        explanation: format!(
            "After {} calls that were always to the same endpoints it called {} that were new to it{elsewhere}; one is `{}`.",
            person.calls.len(),
            count(calls.len() as u64, "endpoint"),
            world.place_name(place)
        ),
        calls,
        ..Alarm::default()
    })
}
