//! # token-theft
//!
//! One session or token is used from two worlds at once.
//!
//! **Signals.** The same credential comes from a second network with another program while the first goes on, or takes
//! turns with it. Networks change when people move, and programs never do within a session: only both together count,
//! and only while so few of all credentials show it.
//!
//! **False positives.** API keys of a company are used by many machines: keys that show many programs are left out.
//!
//! **References.** OWASP API2:2023; ATT&CK T1539, T1528, T1550.001.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::report::percent;
use crate::watch::world::{World, network};

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

/// Seconds after its last call in which the first world still counts as in use.
const ALIVE_SECS: i64 = 3_600;

/// Share of credentials with two worlds above which it means nothing here.
const SHARE_MAX: f64 = 0.03;

/// Programs of one credential above which it is shared by machines.
const PROGRAMS_MAX: usize = 3;

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
    if programs.len() < 2 || programs.len() > PROGRAMS_MAX {
        return None;
    }
    let stolen = |number: &&u32| world_of(**number).is_some_and(|one| one.0 != first.0 && one.1 != first.1);
    let theirs: Vec<u32> = calls.iter().filter(stolen).copied().collect();
    let began = world_of(*theirs.first()?)?.2;
    let own = |number: &&u32| world_of(**number).is_some_and(|one| one.1 == first.1);
    let last_own = calls.iter().filter(own).filter_map(|n| world_of(*n)).map(|one| one.2).max()?;
    // The owner goes on after the other began, or had only just been there.
    let alive = calls.iter().filter(own).filter_map(|n| world_of(*n)).any(|one| (began - one.2).abs() <= ALIVE_SECS);
    if !alive || calls.len() < 3 {
        return None;
    }
    let seen = world.seen(*theirs.first()?)?;
    let turns = if last_own > began { "while its owner goes on" } else { "right after its owner" };
    let explanation = format!(
        "One credential made {} calls from another network with another program {turns}.",
        theirs.len()
    );
    let at = theirs.get(1).or(theirs.first()).copied()?;
    Some(Alarm {
        who: seen.who,
        at,
        place: seen.place,
        confidence: if last_own > began { 0.95 } else { 0.85 },
        explanation,
        calls: theirs,
        ..Alarm::default()
    })
}
