//! # data-exfiltration
//!
//! Somebody takes away far more data of people than others, or than before.
//!
//! **Signals.** Bytes of answers that hold personal or secret data, or of exports and downloads, in a day: against the
//! days of peers, and against the actor's own other days.
//!
//! **False positives.** The end of a month, when everybody exports; then the days of peers are large too.
//!
//! **References.** OWASP API6:2023; ATT&CK T1213, T1030, T1567.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::watch::calibrate::{Amount, confidence};
use crate::watch::world::{Place, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "data-exfiltration",
        title: "Takes away much data",
        severity: Severity::High,
        owasp: &["API6:2023", "API4:2023"],
        attack: &["T1213", "T1567"],
        response: &[
            "Ask the person, or its manager, what the data is for",
            "Limit exports by day, and let a second person approve large ones",
        ],
    },
    judge,
};

/// Seconds of a day.
const DAY_SECS: i64 = 86_400;

/// Bytes a day below which nothing was taken away.
const BYTES_MIN: f64 = 100_000.0;

/// Times the largest of one's own other days that is odd even when peers differ much.
const OWN_FACTOR: f64 = 6.0;

#[derive(Default)]
struct Day {
    bytes: f64,
    calls: Vec<u32>,
}

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut days: HashMap<(u32, i64), Day, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        if seen.succeeded() && world.place(seen.place).is_some_and(holds_data) {
            let day = days.entry((seen.who, seen.secs().div_euclid(DAY_SECS))).or_default();
            day.bytes += f64::from(seen.call.response_bytes);
            day.calls.push(number);
        }
    }
    let mut by_person: HashMap<u32, Vec<&Day>, FixedState> = HashMap::default();
    let mut order: Vec<_> = days.iter().collect();
    order.sort_unstable_by_key(|(key, _)| **key);
    for ((who, _), day) in order {
        by_person.entry(*who).or_default().push(day);
    }
    let mut fits: HashMap<u32, Amount, FixedState> = HashMap::default();
    let mut alarms = Vec::new();
    let mut people: Vec<_> = by_person.iter().collect();
    people.sort_unstable_by_key(|(who, _)| **who);
    for (who, own) in people {
        let Some(person) = world.person_at(*who).filter(|person| !person.crawler) else { continue };
        let amount = *fits.entry(person.group).or_insert_with(|| {
            let peers = world.peers(person);
            let of_peers = peers.iter().filter_map(|peer| by_person.get(peer)).flatten();
            Amount::fit(of_peers.map(|day| day.bytes).collect())
        });
        alarms.extend(of_person(world, *who, own, amount));
    }
    alarms
}

fn of_person(world: &World<'_>, who: u32, own: &[&Day], amount: Amount) -> Option<Alarm> {
    let (at, most) = own.iter().enumerate().max_by(|a, b| a.1.bytes.total_cmp(&b.1.bytes))?;
    let before = own.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, day)| day.bytes).fold(0.0, f64::max);
    let tail = amount.tail(most.bytes);
    let factor = most.bytes / before.max(1.0);
    let changed = before > 0.0 && factor >= OWN_FACTOR;
    let odd = tail < world.alpha || changed && tail < (world.alpha * 30.0).min(0.02);
    if !odd || most.bytes < BYTES_MIN || most.bytes < amount.high * 2.0 {
        return None;
    }
    let mut sum = 0.0;
    let bar = amount.high.max(before) * 2.0;
    let sure = most.calls.iter().copied().find(|number| {
        sum += world.seen(*number).map_or(0.0, |seen| f64::from(seen.call.response_bytes));
        sum >= bar
    });
    let place = world.seen(*most.calls.last()?)?.place;
    let own_days = if before > 0.0 { format!(", on its own other days at most {}", size(before)) } else { String::new() };
    Some(Alarm {
        who,
        at: sure.or(most.calls.last().copied())?,
        place,
        confidence: confidence(tail, world.alpha).max(0.75),
        explanation: format!(
            "Took {} of personal or exported data in {} calls of one day; nearly all peers take at most {} a day{own_days}.",
            size(most.bytes),
            most.calls.len(),
            size(amount.high)
        ),
        calls: most.calls.clone(),
        ..Alarm::default()
    })
}

/// Answers here hold data about people, or whole collections.
fn holds_data(place: &Place<'_>) -> bool {
    let classes = &place.endpoint.data_classes.response;
    let weak = ["url", "ip-address", "user-name", "username", "geolocation"];
    matches!(place.function, "export" | "download") || classes.iter().any(|class| !weak.contains(&class.as_str()))
}

/// Bytes in words.
pub(super) fn size(bytes: f64) -> String {
    match bytes {
        ..1_000.0 => format!("{bytes:.0} bytes"),
        ..1_000_000.0 => format!("{:.0} kB", bytes / 1e3),
        ..1_000_000_000.0 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}
