//! # parameter-tampering
//!
//! Somebody changes a value that the server decided: a price, a fee, a rate.
//!
//! **Signals.** Numbers that nearly everybody sends back just as they were given (in a quote, a cart, a product), sent by
//! this actor with another value; more so below all that others send, or negative.
//!
//! **False positives.** Amounts that people choose are never explained, and so are not looked at. A price that changed
//! between the page and the order is given as well.
//!
//! **References.** OWASP API3:2023, API6:2023; CWE-472; ATT&CK T1565.001.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::calibrate::{Share, confidence};
use crate::watch::report::percent;
use crate::watch::world::{SlotKind, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "parameter-tampering",
        title: "Changes values that the server decides",
        severity: Severity::High,
        owasp: &["API3:2023", "API6:2023"],
        attack: &["T1565.001", "T1657"],
        response: &[
            "Take prices and rates from the server's own quote, never from the request",
            "Check what was sold or transferred at the changed value",
        ],
    },
    judge,
};

/// Share of unexplained values above which people choose the value.
const CHOSEN: f64 = 0.12;

/// Values sent before it is known whether people choose them.
const USES_MIN: u32 = 40;

#[derive(Default)]
struct Use {
    tried: u32,
    odd: Vec<u32>,
    /// Lowest and highest value that was explained.
    range: Option<(f32, f32)>,
    lowest_odd: f32,
}

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut slots: HashMap<u32, HashMap<u32, Use, FixedState>, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        if !world.place(seen.place).is_some_and(|place| place.writes) || seen.call.status >= 500 {
            continue;
        }
        for object in seen.objects.iter().filter(|object| object.number.is_finite()) {
            if world.slots.get(object.slot as usize).is_none_or(|slot| slot.kind != SlotKind::Field) {
                continue;
            }
            let one = slots.entry(object.slot).or_default().entry(seen.who).or_default();
            one.tried += 1;
            // Nothing is given anywhere, and so says nothing.
            if object.explained && object.number != 0.0 {
                let (low, high) = one.range.unwrap_or((object.number, object.number));
                one.range = Some((low.min(object.number), high.max(object.number)));
            } else {
                one.lowest_odd = if one.odd.is_empty() { object.number } else { one.lowest_odd.min(object.number) };
                one.odd.push(number);
            }
        }
    }
    let mut slots: Vec<_> = slots.into_iter().collect();
    slots.sort_unstable_by_key(|(slot, _)| *slot);
    let mut alarms: Vec<Alarm> = slots.iter().flat_map(|(slot, members)| of_slot(world, *slot, members)).collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

fn of_slot(world: &World<'_>, slot: u32, members: &HashMap<u32, Use, FixedState>) -> Vec<Alarm> {
    let counted: Vec<(u32, u32)> = members.values().map(|one| (one.odd.len() as u32, one.tried)).collect();
    let share = Share::fit(&counted);
    if share.mean() > CHOSEN || counted.iter().map(|(_, n)| n).sum::<u32>() < USES_MIN {
        return Vec::new();
    }
    let lowest = |but: u32| {
        let lows = members.iter().filter(|(who, _)| **who != but).filter_map(|(_, one)| one.range).map(|range| range.0);
        lows.fold(f32::INFINITY, f32::min)
    };
    let mut alarms = Vec::new();
    for (who, one) in members.iter().filter(|(_, one)| !one.odd.is_empty()) {
        let below = one.lowest_odd < 0.0 || one.lowest_odd < lowest(*who);
        let tail = share.tail(one.odd.len() as u32, one.tried) * if below { 0.02 } else { 1.0 };
        if tail >= world.alpha * if below { 4.0 } else { 1.0 } {
            continue;
        }
        let Some(seen) = one.odd.last().and_then(|number| world.seen(*number)) else { continue };
        let name = world.slots.get(slot as usize).map_or("?", |slot| slot.name.as_str());
        alarms.push(Alarm {
            who: *who,
            at: one.odd.first().copied().unwrap_or(0),
            place: seen.place,
            confidence: confidence(tail, world.alpha),
            explanation: format!(
                "Sent a `{name}` of its own {} of {} times to `{}`{}; others send back what they were given, but for {}.",
                one.odd.len(),
                one.tried,
                world.place_name(seen.place),
                if below { ", below everything that others pay" } else { "" },
                percent(share.mean())
            ),
            calls: one.odd.clone(),
            ..Alarm::default()
        });
    }
    alarms
}
