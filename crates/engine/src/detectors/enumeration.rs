//! # enumeration
//!
//! Somebody tries values to see which exist: ids, names, coupon codes.
//!
//! **Signals.** Many different values of one parameter that the API answers with 4xx, against how often others miss
//! there (beta-binomial). At a sign-up or a password reset an answer that the name is taken counts as well.
//!
//! **False positives.** A job whose list is old misses too; it misses the same values again, which count once.
//!
//! **References.** OWASP API1:2023, API2:2023; CWE-204; ATT&CK T1087, T1595.003.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::calibrate::{Share, confidence};
use crate::watch::report::{lasting, percent};
use crate::watch::world::World;

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "enumeration",
        title: "Tries values to see which exist",
        severity: Severity::Medium,
        owasp: &["API1:2023", "API2:2023"],
        attack: &["T1087", "T1595.003"],
        response: &[
            "Answer alike whether the value exists or not",
            "Limit misses by actor, and use ids that cannot be guessed",
        ],
    },
    judge,
};

/// Different values that miss before it is no accident.
const MISSES_MIN: usize = 12;

#[derive(Default)]
struct Use {
    tried: HashSet<u32>,
    missed: HashSet<u32>,
    /// The first call of each value that missed.
    calls: Vec<u32>,
}

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut uses: HashMap<u32, HashMap<u32, Use, FixedState>, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        let Some(place) = world.place(seen.place) else { continue };
        if matches!(place.function, "login" | "token")
            || matches!(seen.call.status, 401 | 429)
            || seen.call.status >= 500
        {
            continue;
        }
        for object in &seen.objects {
            let one = uses.entry(object.slot).or_default().entry(seen.who).or_default();
            one.tried.insert(object.value);
            if seen.failed() && one.missed.insert(object.value) {
                one.calls.push(number);
            }
        }
    }
    let mut best: HashMap<u32, Alarm, FixedState> = HashMap::default();
    let mut uses: Vec<_> = uses.into_iter().collect();
    uses.sort_unstable_by_key(|(slot, _)| *slot);
    for (slot, members) in uses {
        let counted: Vec<(u32, u32)> =
            members.values().map(|one| (one.missed.len() as u32, one.tried.len() as u32)).collect();
        let share = Share::fit(&counted);
        for (who, one) in members.into_iter().filter(|(_, one)| one.missed.len() >= MISSES_MIN) {
            let tail = share.tail(one.missed.len() as u32, one.tried.len() as u32);
            // Where only a few ever come, a dozen misses out of hardly more tries speak for themselves.
            let plain = one.missed.len() * 10 >= one.tried.len() * 8 && share.mean() < 0.3;
            if (tail < world.alpha || plain)
                && let Some(alarm) = alarm(world, who, slot, one, tail, share.mean())
            {
                let known = best.entry(who).or_insert_with(|| alarm.clone());
                if known.calls.len() < alarm.calls.len() {
                    *known = alarm;
                }
            }
        }
    }
    let mut alarms: Vec<Alarm> = best.into_values().collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

fn alarm(world: &World<'_>, who: u32, slot: u32, one: Use, tail: f64, usual: f64) -> Option<Alarm> {
    let at = *one.calls.get(MISSES_MIN - 1)?;
    let (first, last) = (world.seen(*one.calls.first()?)?, world.seen(*one.calls.last()?)?);
    let name = world.slots.get(slot as usize).map_or("id", |slot| slot.name.as_str());
    let hits = one.tried.len() - one.missed.len();
    Some(Alarm {
        who,
        at,
        place: last.place,
        confidence: confidence(tail, world.alpha).max(0.8),
        severity: (hits > 0).then_some(Severity::High),
        explanation: format!(
            "Tried {} different values of `{name}` at `{}` within {}: {} missed, {hits} hit; others miss with {}.",
            one.tried.len(),
            world.place_name(last.place),
            lasting(last.secs() - first.secs()),
            one.missed.len(),
            percent(usual)
        ),
        calls: one.calls,
        ..Alarm::default()
    })
}
