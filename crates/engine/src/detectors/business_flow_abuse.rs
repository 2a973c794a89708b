//! # business-flow-abuse
//!
//! A flow that is meant for people is driven by a script: reservations, orders, coupons, transfers, votes (API6:2023).
//!
//! **Signals.** Successful calls of one business function in a day, against everybody else's who use it; and timing that
//! is more regular than people are, with less.
//!
//! **False positives.** Partners and jobs drive flows by contract: applications are compared with applications.
//!
//! **References.** OWASP API6:2023; CWE-840; OWASP Automated Threats OAT-005, OAT-013, OAT-021.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::calibrate::{Amount, confidence};
use crate::watch::report::lasting;
use crate::watch::world::{DAY_SECS, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "business-flow-abuse",
        title: "Drives a flow for people by script",
        severity: Severity::Medium,
        owasp: &["API6:2023"],
        attack: &["T1119", "T1657"],
        response: &[
            "Limit the function by actor and day, and ask for a proof of a person where it is exceeded",
            "Cancel what was reserved or redeemed",
        ],
    },
    judge,
};

/// Functions whose abuse costs.
const FUNCTIONS: &[&str] = &[
    "order",
    "reservation",
    "payment",
    "invoice",
    "coupon",
    "cart",
    "transfer",
    "payout",
    "refund",
    "feedback",
    "message",
    "newsletter",
    "sign-up",
];

/// Calls below which nobody drives anything.
const CALLS_MIN: usize = 8;

/// Variation of the time between calls below which a clock calls; people vary by more than their mean.
const REGULAR: f64 = 0.25;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut flows: HashMap<(&str, &str), Callers, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        let Some(place) = world.place(seen.place).filter(|place| place.writes) else { continue };
        // Of other endpoints nobody can say that they are meant for people: only much of it counts.
        let login = seen.details().is_some_and(|details| details.login.is_some());
        let other = place.function.is_empty() && place.endpoint.protocol.is_none() && !login && seen.call.authenticated;
        if (FUNCTIONS.contains(&place.function) || other) && seen.succeeded() {
            let flow = flows.entry((place.endpoint.service.as_str(), place.endpoint.template.as_str())).or_default();
            flow.entry(seen.who).or_default().push(number);
        }
    }
    let mut flows: Vec<_> = flows.into_iter().collect();
    flows.sort_unstable_by_key(|(flow, _)| *flow);
    let mut best: HashMap<u32, Alarm, FixedState> = HashMap::default();
    for (_, people) in &flows {
        for alarm in of_flow(world, people) {
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

/// Calls by who made them.
type Callers = HashMap<u32, Vec<u32>, FixedState>;

fn of_flow(world: &World<'_>, people: &Callers) -> Vec<Alarm> {
    let mut days: Vec<(u32, &[u32])> = Vec::new();
    for (who, calls) in people {
        days.push((*who, calls.get(world.busiest(calls, DAY_SECS)).unwrap_or_default()));
    }
    let mut alarms = Vec::new();
    for (who, day) in &days {
        let Some(person) = world.person_at(*who) else { continue };
        if day.len() < CALLS_MIN || person.crawler || person.shared {
            continue;
        }
        let alike = days.iter().filter(|(other, _)| world.person_at(*other).is_some_and(|o| o.kind == person.kind));
        let amount = Amount::fit(alike.map(|(_, day)| day.len() as f64).collect());
        let tail = amount.tail(day.len() as f64);
        let variation = variation(world, day);
        let regular = variation < REGULAR && !matches!(person.kind, "client" | "unknown");
        let named = day.first().and_then(|n| world.seen(*n)).and_then(|seen| world.place(seen.place));
        let named = named.is_some_and(|place| !place.function.is_empty());
        let bar = if regular && named { 0.01 } else { world.alpha };
        if tail < bar && day.len() as f64 >= amount.high * if named { 2.0 } else { 3.0 } {
            alarms.extend(alarm(world, *who, day, (tail, regular, variation, amount)));
        }
    }
    alarms
}

/// Standard deviation of the gaps between calls over their mean, without the longest tenth: scripts pause too.
pub(super) fn variation(world: &World<'_>, calls: &[u32]) -> f64 {
    let at: Vec<i64> = calls.iter().filter_map(|number| world.seen(*number)).map(|seen| seen.call.at).collect();
    let mut gaps: Vec<f64> = at.windows(2).filter_map(|pair| Some((pair.last()? - pair.first()?) as f64)).collect();
    gaps.sort_by(f64::total_cmp);
    gaps.truncate((gaps.len() * 9).div_ceil(10));
    let mean = gaps.iter().sum::<f64>() / gaps.len().max(1) as f64;
    let spread = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len().max(1) as f64;
    if mean > 0.0 && gaps.len() >= 5 { spread.sqrt() / mean } else { f64::INFINITY }
}

fn alarm(
    world: &World<'_>,
    who: u32,
    day: &[u32],
    (tail, regular, variation, amount): (f64, bool, f64, Amount),
) -> Option<Alarm> {
    let (first, last) = (world.seen(*day.first()?)?, world.seen(*day.last()?)?);
    let clock = if regular { format!(", as regular as a clock (variation {variation:.2})") } else { String::new() };
    Some(Alarm {
        who,
        at: *day.get(CALLS_MIN - 1)?,
        place: last.place,
        confidence: confidence(tail, world.alpha).max(0.8),
        explanation: format!(
            "Called `{}` {} times within {}{clock}; nearly all others call it at most {:.0} times a day.",
            world.place_name(last.place),
            day.len(),
            lasting(last.secs() - first.secs()),
            amount.high
        ),
        calls: day.to_vec(),
        ..Alarm::default()
    })
}
