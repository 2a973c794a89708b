//! # token-theft
//!
//! One session or token is used from two worlds at once.
//!
//! **Signals.** The same credential takes turns between two networks within minutes: people who move change the network
//! once. Fewer turns are enough when the program differs too. Only while few of all credentials show it.
//!
//! **False positives.** API keys of a company are used by many machines: keys that show many programs are left out.
//!
//! **References.** OWASP API2:2023; ATT&CK T1539, T1528, T1550.001.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::report::percent;
use crate::watch::world::{DAY_SECS, Seen, World, network};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "token-theft",
        title: "A session is used from two places at once",
        severity: Severity::High,
        owasp: &["API2:2023"],
        attack: &["T1539", "T1550.001"],
        response: &[
            "End the session, and have its owner log in anew",
            "Bind tokens to the client (RFC 8705, RFC 9449), and shorten their life",
        ],
    },
    judge,
};

/// Seconds between two calls of one session within which nobody changes the network twice.
const TURN_SECS: i64 = 600;

/// Turns between two networks that one program takes before it is two people: telephones change back and forth a little.
const TURNS_MIN: usize = 10;

/// The same with two programs.
const TURNS_OF_PROGRAMS_MIN: usize = 2;

/// Calls of the other, at the least.
const CALLS_MIN: usize = 5;

/// Seconds before the other began from which on a network counts as known.
const BEFORE_SECS: i64 = 3_600;

/// Share of credentials with two worlds above which it means nothing here.
const SHARE_MAX: f64 = 0.02;

/// Programs of one credential above which it is shared by machines.
const PROGRAMS_MAX: usize = 4;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut by_credential: HashMap<u64, Vec<u32>, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        if let Some(details) = seen.details().filter(|details| details.credential != 0)
            && seen.call.program != 0
            && seen.call.status != 401
            && !seen.call.internal
        {
            by_credential.entry(details.credential).or_default().push(number);
        }
    }
    let several = by_credential.values().filter(|calls| calls.len() >= 3).count();
    let mut credentials: Vec<(u64, Vec<u32>)> = by_credential.into_iter().collect();
    credentials.sort_unstable();
    let alarms: Vec<Alarm> = credentials.iter().filter_map(|(_, calls)| two_worlds(world, calls)).collect();
    let share = alarms.len() as f64 / several.max(1) as f64;
    if share > SHARE_MAX && alarms.len() > 3 {
        return Vec::new();
    }
    alarms
        .into_iter()
        .map(|alarm| Alarm {
            explanation: format!("{} Of all sessions {} do.", alarm.explanation, percent(share)),
            ..alarm
        })
        .collect()
}

fn two_worlds(world: &World<'_>, calls: &[u32]) -> Option<Alarm> {
    let world_of = |number: u32| {
        let seen = world.seen(number)?;
        Some((network(seen.address()?), seen.call.program, seen.secs()))
    };
    let first = world_of(*calls.first()?)?;
    let mut programs: Vec<u32> = calls.iter().filter_map(|n| world_of(*n)).map(|(_, program, _)| program).collect();
    programs.sort_unstable();
    programs.dedup();
    let (mut turns, mut both, mut sure) = (0, 0, None);
    let mut before = first;
    for number in calls {
        let now = world_of(*number)?;
        if now.0 != before.0 && now.2 - before.2 <= TURN_SECS {
            turns += 1;
            both += usize::from(now.1 != before.1);
            if sure.is_none() && (turns >= TURNS_MIN || both >= TURNS_OF_PROGRAMS_MIN) {
                sure = Some(*number);
            }
        }
        before = now;
    }
    let at = sure.filter(|_| programs.len() <= PROGRAMS_MAX)?;
    // Whoever was there first is the owner.
    let theirs: Vec<u32> =
        calls.iter().filter(|number| world_of(**number).is_some_and(|one| one.0 != first.0)).copied().collect();
    let seen = world.seen(*theirs.first()?)?;
    if theirs.len() < CALLS_MIN && turns < TURNS_MIN {
        return None;
    }
    // A second device of the owner was there before, and will be there again.
    let began = seen.secs();
    let networks: Vec<u64> = theirs.iter().filter_map(|number| world_of(*number)).map(|one| one.0).collect();
    let known = |seen: &Seen<'_>| seen.address().is_some_and(|address| networks.contains(&network(address)));
    let before =
        world.calls_of(seen.who).take_while(|(_, one)| one.secs() < began - BEFORE_SECS).any(|(_, one)| known(one));
    let mut days: Vec<i64> =
        theirs.iter().filter_map(|n| world.seen(*n)).map(|one| one.secs() / (DAY_SECS / 2)).collect();
    days.dedup();
    if before || days.len() > 2 {
        return None;
    }
    let other = if both > 0 { " with another program" } else { "" };
    let explanation = format!(
        "One credential made {} calls from another network{other}, taking turns with its owner {turns} times within minutes.",
        theirs.len()
    );
    Some(Alarm {
        who: seen.who,
        at,
        place: seen.place,
        confidence: if both > 0 { 0.95 } else { 0.85 },
        explanation,
        calls: theirs,
        ..Alarm::default()
    })
}
