//! # sequence-anomaly
//!
//! Somebody skips a step that everybody takes: confirms what was never quoted, pays what was never in a cart.
//!
//! **Signals.** For every function that changes something, the call that nearly everybody makes before it within the
//! hour, and that means something (it is not made everywhere). Who comes without it, several times or where hardly
//! anybody ever does.
//!
//! **False positives.** A step that happened before the watch began: first calls of an actor do not count.
//!
//! **References.** OWASP API6:2023; CWE-841.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::calibrate::{Share, confidence};
use crate::watch::call::NONE;
use crate::watch::report::percent;
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "sequence-anomaly",
        title: "Skips steps of a flow",
        severity: Severity::Medium,
        owasp: &["API6:2023"],
        attack: &["T1190"],
        response: &["Check on the server that the steps before were taken", "Look at what was confirmed without them"],
    },
    judge,
};

/// Seconds in which a step counts as taken before.
const BEFORE_SECS: i64 = 3_600;

/// People who make a call before it has a usual way to it.
pub(super) const PEOPLE_MIN: usize = 15;

/// Share of calls that a step must precede.
const STEP_MIN: f64 = 0.95;

/// Times that a step must be more frequent before this call than among all of its actors' hours.
const TELLING: f64 = 1.5;

/// A call of a function, with the places visited in the hour before.
struct Arrival {
    who: u32,
    number: u32,
    before: SmallVec<[u32; 12]>,
}

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut arrivals: HashMap<u32, Vec<Arrival>, FixedState> = HashMap::default();
    let mut visits: HashMap<u32, u32, FixedState> = HashMap::default();
    let mut hours = 0_u32;
    for (who, _) in world.everybody().filter(|(_, person)| !matches!(person.kind, "unknown" | "client")) {
        let calls: Vec<_> = world.calls_of(who).collect();
        let mut begin = 0;
        let mut hour = i64::MIN;
        for (at, (number, seen)) in calls.iter().enumerate() {
            while calls.get(begin).is_some_and(|(_, first)| seen.secs() - first.secs() > BEFORE_SECS) {
                begin += 1;
            }
            let recent = calls.get(begin..at).unwrap_or_default();
            let mut before: SmallVec<[u32; 12]> = SmallVec::new();
            for (_, one) in recent.iter().rev().filter(|(_, one)| one.succeeded() && one.place != NONE) {
                if one.place != seen.place && !before.contains(&one.place) && before.len() < 24 {
                    before.push(one.place);
                }
            }
            if seen.secs() / BEFORE_SECS != hour {
                hour = seen.secs() / BEFORE_SECS;
                hours += 1;
                before.iter().for_each(|place| *visits.entry(*place).or_default() += 1);
            }
            let about = world.place(seen.place).filter(|place| place.writes && seen.succeeded());
            // The very first call may have had its steps before the watch began.
            if about.is_some_and(|place| !matches!(place.function, "login" | "token" | "logout" | "analytics"))
                && at > 0
            {
                arrivals.entry(seen.place).or_default().push(Arrival { who, number: *number, before });
            }
        }
    }
    let mut best: HashMap<u32, Alarm, FixedState> = HashMap::default();
    let mut arrivals: Vec<_> = arrivals.into_iter().collect();
    arrivals.sort_unstable_by_key(|(place, _)| *place);
    for (place, arrivals) in &arrivals {
        for alarm in of_place(world, *place, arrivals, &visits, hours) {
            let known = best.entry(alarm.who).or_insert_with(|| alarm.clone());
            if alarm.confidence > known.confidence {
                *known = alarm;
            }
        }
    }
    let mut alarms: Vec<Alarm> = best.into_values().collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

/// The step before that nearly everybody takes, and those who do not.
fn of_place(
    world: &World<'_>,
    place: u32,
    arrivals: &[Arrival],
    visits: &HashMap<u32, u32, FixedState>,
    hours: u32,
) -> Vec<Alarm> {
    let mut people: HashMap<u32, u32, FixedState> = HashMap::default();
    for arrival in arrivals {
        *people.entry(arrival.who).or_default() += 1;
    }
    if people.len() < PEOPLE_MIN {
        return Vec::new();
    }
    // Each person weighs alike.
    let mut steps: HashMap<u32, f64, FixedState> = HashMap::default();
    for arrival in arrivals {
        let weight = 1.0 / f64::from(people.get(&arrival.who).copied().unwrap_or(1));
        arrival.before.iter().for_each(|step| *steps.entry(*step).or_default() += weight);
    }
    let all = people.len() as f64;
    let telling = |step: u32, share: f64| {
        let base = f64::from(visits.get(&step).copied().unwrap_or(0)) / f64::from(hours.max(1));
        share / base.max(0.01)
    };
    let candidates = steps.iter().map(|(step, weight)| (*step, weight / all));
    let kept = candidates.filter(|(step, share)| *share >= STEP_MIN && telling(*step, *share) >= TELLING);
    let Some((step, share)) =
        kept.max_by(|a, b| (telling(a.0, a.1) * a.1).total_cmp(&(telling(b.0, b.1) * b.1)).then(b.0.cmp(&a.0)))
    else {
        return Vec::new();
    };
    let mut skipped: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
    for arrival in arrivals.iter().filter(|arrival| !arrival.before.contains(&step)) {
        skipped.entry(arrival.who).or_default().push(arrival.number);
    }
    let counted: Vec<(u32, u32)> =
        people.iter().map(|(who, n)| (skipped.get(who).map_or(0, |calls| calls.len() as u32), *n)).collect();
    let fit = Share::fit(&counted);
    let mut alarms = Vec::new();
    for (who, calls) in skipped {
        let all = people.get(&who).copied().unwrap_or(0);
        let tail = fit.tail(calls.len() as u32, all);
        if calls.len() < 2 || tail >= world.alpha * 3.0 {
            continue;
        }
        alarms.push(Alarm {
            who,
            at: calls.get(1).copied().unwrap_or(0),
            place,
            confidence: confidence(tail, world.alpha).max(0.75),
            explanation: format!(
                "Called `{}` {} of {all} times without `{}` before; in {} of all cases it comes first.",
                world.place_name(place),
                calls.len(),
                world.place_name(step),
                percent(share)
            ),
            calls,
            ..Alarm::default()
        });
    }
    alarms
}
