//! # bfla
//!
//! Somebody calls functions that are not for people like him (broken function level authorization, API5:2023).
//!
//! **Signals.** Which roles use which endpoint is learned from claims and from answers about oneself. A call counts
//! where nobody else of the actor's role ever succeeds and people of another role do, or the endpoint is one for
//! administrators: once answered with success, or refused at two such places. Where no roles are told, people who
//! administer spend much of their time there; somebody else who comes by among many other calls does not.
//!
//! **False positives.** Somebody who was promoted; the new role is then told by new tokens. A curious click that is
//! refused once.
//!
//! **References.** OWASP API5:2023; CWE-285.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::checks::wording::count;
use crate::watch::calibrate::MEMBERS_MIN;
use crate::watch::call::NONE;
use crate::watch::world::{Person, Seen, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "bfla",
        title: "Calls functions of another role",
        severity: Severity::High,
        owasp: &["API5:2023"],
        attack: &["T1190", "T1078"],
        response: &[
            "Check the role on the server for every function, and deny by default",
            "Find out what the calls that succeeded did, and undo it",
        ],
    },
    judge,
};

/// Share of somebody's calls below which administration is not what he does.
const ADMINISTERS_MIN: f64 = 0.2;

/// Calls of other kinds before the first to an administrator's endpoint, of somebody who does not administer.
const BEFORE_MIN: usize = 10;

/// All within hours, as no work is.
fn in_one_go(world: &World<'_>, done: &[u32], refused: &[u32]) -> bool {
    let secs = |number: Option<&u32>| number.and_then(|number| world.seen(*number)).map(Seen::secs);
    let first = secs(done.first()).into_iter().chain(secs(refused.first())).min();
    let last = secs(done.last()).into_iter().chain(secs(refused.last())).max();
    first.zip(last).is_some_and(|(first, last)| last - first <= 6 * 3_600)
}

/// Who succeeds where, by role.
pub(super) struct Matrix {
    /// People who succeeded at a place.
    people: HashMap<u32, HashSet<u32>, FixedState>,
    /// Members of each role.
    members: HashMap<u32, u32, FixedState>,
}

impl Matrix {
    pub(super) fn new(world: &World<'_>) -> Self {
        let mut people: HashMap<u32, HashSet<u32>, FixedState> = HashMap::default();
        for seen in world.calls.iter().filter(|seen| seen.succeeded() && seen.place != NONE) {
            people.entry(seen.place).or_default().insert(seen.who);
        }
        let mut members: HashMap<u32, u32, FixedState> = HashMap::default();
        for (_, person) in world.everybody().filter(|(_, person)| person.role != 0) {
            *members.entry(person.role).or_default() += 1;
        }
        Self { people, members }
    }

    /// A large role: of ordinary people.
    pub(super) fn is_common(&self, role: u32) -> bool {
        let all: u32 = self.members.values().sum();
        self.members.get(&role).is_some_and(|n| *n as usize >= MEMBERS_MIN && *n * 10 >= all)
    }

    /// Nobody else of his role succeeds there, while it is another role's or an administrator's place.
    pub(super) fn is_foreign(&self, world: &World<'_>, who: u32, person: &Person, place: u32) -> bool {
        let Some(about) = world.place(place) else { return false };
        let empty = HashSet::new();
        let others = || self.people.get(&place).unwrap_or(&empty).iter().filter(|other| **other != who);
        let role_of = |other: u32| world.person_at(other).map_or(0, |person| person.role);
        let admin = about.function == "admin";
        if person.role == 0 {
            return admin && others().count() <= (world.people.len() / 50).max(3);
        }
        let alike = others().filter(|other| role_of(**other) == person.role).count() as u32;
        // Another who does the same is another attacker, while they are few.
        let few = alike * 50 <= self.members.get(&person.role).copied().unwrap_or(0);
        let of_another = others().any(|other| !matches!(role_of(*other), 0) && role_of(*other) != person.role);
        self.is_common(person.role) && few && (of_another || admin)
    }
}

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let matrix = Matrix::new(world);
    let mut alarms: Vec<Alarm> =
        world.everybody().filter_map(|(who, person)| of_person(world, &matrix, who, person)).collect();
    let known: HashSet<u32> = alarms.iter().map(|alarm| alarm.who).collect();
    alarms.extend(switches(world).into_iter().filter(|alarm| !known.contains(&alarm.who)));
    alarms
}

/// Different calls answered 405 before it is trying methods.
const SWITCHES_MIN: usize = 5;

/// Those who try other methods on what they know: nobody who reads the documentation meets 405 again and again.
fn switches(world: &World<'_>) -> Vec<Alarm> {
    let mut refused: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls).filter(|(_, seen)| seen.call.status == 405 && seen.call.authenticated)
    {
        refused.entry(seen.who).or_default().push(number);
    }
    let often = refused.values().filter(|calls| calls.len() >= SWITCHES_MIN).count();
    if often * 100 > world.people.len() {
        return Vec::new();
    }
    let mut alarms = Vec::new();
    for (who, calls) in refused {
        let mut different: Vec<(u16, &str)> =
            calls.iter().filter_map(|n| world.seen(*n)).map(|seen| (seen.call.method, seen.path())).collect();
        different.sort_unstable();
        different.dedup();
        let Some(at) = calls.get(SWITCHES_MIN - 1).copied().filter(|_| different.len() >= SWITCHES_MIN) else {
            continue;
        };
        alarms.push(Alarm {
            who,
            at,
            place: world.seen(at).map_or(NONE, |seen| seen.place),
            confidence: 0.85,
            severity: Some(Severity::Low),
            title: Some("Tries methods that are not offered".to_owned()),
            explanation: format!(
                "Sent {} calls with methods that the endpoint does not take (405), on {} different paths; hardly anybody \
                 ever does.",
                calls.len(),
                different.len()
            ),
            calls,
            ..Alarm::default()
        });
    }
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

fn of_person(world: &World<'_>, matrix: &Matrix, who: u32, person: &Person) -> Option<Alarm> {
    if matches!(person.kind, "address" | "unknown") || person.calls.len() < 2 {
        return None;
    }
    let mut foreign: HashMap<u32, bool, FixedState> = HashMap::default();
    let (mut done, mut refused, mut places) = (Vec::new(), Vec::new(), HashSet::new());
    for (number, seen) in world.calls_of(who).filter(|(_, seen)| seen.place != NONE) {
        let is = *foreign.entry(seen.place).or_insert_with(|| matrix.is_foreign(world, who, person, seen.place));
        if is && seen.succeeded() {
            done.push(number);
            places.insert(seen.place);
        } else if is && matches!(seen.call.status, 401 | 403) {
            refused.push(number);
            places.insert(seen.place);
        }
    }
    let all = done.len() + refused.len();
    let enough = if person.role == 0 {
        // Without roles only what looks like trying counts: refused first, or a stray among much else.
        let share = all as f64 / person.calls.len() as f64;
        let first = done.first().into_iter().chain(refused.first()).min().copied().unwrap_or(0);
        let before = person.calls.iter().take_while(|number| **number < first).count();
        let stray = share < ADMINISTERS_MIN || before >= BEFORE_MIN && in_one_go(world, &done, &refused);
        all >= 2 && stray && (!done.is_empty() && !refused.is_empty() || places.len() >= 2)
    } else {
        !done.is_empty() || places.len() >= 2
    };
    if !enough {
        return None;
    }
    let mut calls: Vec<u32> = done.iter().chain(&refused).copied().collect();
    calls.sort_unstable();
    let at = if person.role != 0 { done.first().copied() } else { calls.get(1).copied() };
    let at = at.or(calls.last().copied())?;
    let shown = done.last().or(calls.last()).copied()?;
    let place = world.seen(shown)?.place;
    let of_role = match person.role {
        0 => "it is not one of the few who administer".to_owned(),
        role => format!("hardly anybody else with the role `{}` does", world.role(role)),
    };
    Some(Alarm {
        who,
        at,
        place,
        confidence: if done.is_empty() { 0.8 } else { 0.93 },
        severity: done.is_empty().then_some(Severity::Medium),
        explanation: format!(
            "Called {} that are not for it: {} succeeded, {} were refused; {of_role}. One is `{}`.",
            count(places.len() as u64, "function"),
            done.len(),
            refused.len(),
            world.place_name(place)
        ),
        calls,
        ..Alarm::default()
    })
}
