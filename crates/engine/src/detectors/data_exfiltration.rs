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
use hashbrown::{HashMap, HashSet};
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::checks::wording::size;
use crate::watch::calibrate::{Amount, MEMBERS_MIN, confidence};
use crate::watch::world::{DAY_SECS, Place, Seen, SlotKind, World};

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

/// Bytes a day below which nothing was taken away.
const BYTES_MIN: f64 = 100_000.0;

/// Times the largest of one's own other days that is odd even when peers differ much.
const OWN_FACTOR: f64 = 4.0;

/// Records a day below which nothing was taken away.
const RECORDS_MIN: f64 = 200.0;

/// Different subjects a day below which nothing was taken away.
const SUBJECTS_MIN: f64 = 30.0;

/// Exports a day below which nothing was taken away.
const EXPORTS_MIN: f64 = 8.0;

/// Times more that customers may take.
const CUSTOMERS: f64 = 4.0;

#[derive(Default)]
struct Day {
    bytes: f64,
    /// Rows, at least one an answer.
    records: f64,
    subjects: HashSet<(u32, u32)>,
    /// Calls of exports and downloads.
    exports: f64,
    calls: Vec<u32>,
}

/// What is counted of a day, its least, and how it is said.
struct Measure {
    of: fn(&Day) -> f64,
    of_call: fn(&Seen<'_>) -> f64,
    least: f64,
    say: fn(f64) -> String,
}

const MEASURES: &[Measure] = &[
    Measure { of: |day| day.bytes, of_call: bytes, least: BYTES_MIN, say: size },
    Measure {
        of: |day| day.subjects.len() as f64,
        of_call: |_| 1.0,
        least: SUBJECTS_MIN,
        say: |n| format!("the data of {n:.0} subjects"),
    },
    Measure { of: |day| day.exports, of_call: |_| 1.0, least: EXPORTS_MIN, say: |n| format!("{n:.0} exports") },
    Measure { of: |day| day.records, of_call: records, least: RECORDS_MIN, say: |n| format!("{n:.0} records") },
];

fn bytes(seen: &Seen<'_>) -> f64 {
    f64::from(seen.call.response_bytes)
}

fn records(seen: &Seen<'_>) -> f64 {
    seen.details().map_or(1.0, |details| f64::from(details.records.max(1)))
}

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut days: HashMap<(u32, i64), Day, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        if seen.succeeded() && world.place(seen.place).is_some_and(holds_data) {
            let day = days.entry((seen.who, seen.secs().div_euclid(DAY_SECS))).or_default();
            day.bytes += bytes(seen);
            day.records += records(seen);
            let function = world.place(seen.place).map_or("", |place| place.function);
            day.exports += f64::from(u8::from(matches!(function, "export" | "download")));
            let named = seen
                .objects
                .iter()
                .filter(|o| world.slots.get(o.slot as usize).is_some_and(|s| s.kind == SlotKind::Path));
            day.subjects.extend(named.map(|object| (object.slot, object.value)));
            day.calls.push(number);
        }
    }
    let mut by_person: HashMap<u32, Vec<&Day>, FixedState> = HashMap::default();
    let mut order: Vec<_> = days.iter().collect();
    order.sort_unstable_by_key(|(key, _)| **key);
    for ((who, _), day) in order {
        by_person.entry(*who).or_default().push(day);
    }
    let mut people: Vec<_> = by_person.iter().collect();
    people.sort_unstable_by_key(|(who, _)| **who);
    let mut alarms: Vec<Alarm> = Vec::new();
    for measure in MEASURES {
        let mut fits: HashMap<u32, Amount, FixedState> = HashMap::default();
        for (who, own) in &people {
            let Some(person) = world.person_at(**who).filter(|person| !person.crawler && !person.shared) else {
                continue;
            };
            let group = world.groups.get(person.group as usize).map_or(&[][..], Vec::as_slice);
            let days_of = |people: &[u32], but: Option<u32>| {
                let others = people.iter().filter(|peer| Some(**peer) != but);
                let days = others.filter_map(|peer| by_person.get(peer)).flatten();
                days.map(|day| (measure.of)(day)).collect::<Vec<f64>>()
            };
            // A role of few is judged without the one who is judged, day by day.
            let few = world.is_of_few(person);
            let of_few = if few { days_of(group, Some(**who)) } else { Vec::new() };
            let amount = if of_few.len() >= MEMBERS_MIN {
                Amount::fit(of_few)
            } else {
                *fits.entry(person.group).or_insert_with(|| Amount::fit(days_of(&world.peers(person), None)))
            };
            // Customers take what is their own; who works with others' data takes theirs.
            let least = measure.least * if few { 1.0 } else { CUSTOMERS };
            if alarms.iter().all(|alarm| alarm.who != **who) {
                alarms.extend(of_person(world, **who, own, (measure, amount, least)));
            }
        }
    }
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

fn of_person(
    world: &World<'_>,
    who: u32,
    own: &[&Day],
    (measure, amount, least): (&Measure, Amount, f64),
) -> Option<Alarm> {
    let of = |day: &Day| (measure.of)(day);
    let (at, day) = own.iter().enumerate().max_by(|a, b| of(a.1).total_cmp(&of(b.1)))?;
    let most = of(day);
    let before = own.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, day)| of(day)).fold(0.0, f64::max);
    let tail = amount.tail(most);
    let changed = before > 0.0 && most / before >= OWN_FACTOR;
    // Where peers are few or mixed, far more than before and than nearly all of them is odd too.
    let odd = tail < world.alpha || changed && (tail < world.alpha * 30.0 || most >= amount.high * OWN_FACTOR);
    if !odd || most < least || most < amount.high * 2.0 {
        return None;
    }
    let mut sum = 0.0;
    let bar = amount.high.max(before) * 2.0;
    let sure = day.calls.iter().copied().find(|number| {
        sum += world.seen(*number).map_or(0.0, measure.of_call);
        sum >= bar
    });
    let place = world.seen(*day.calls.last()?)?.place;
    let say = measure.say;
    let own_days =
        if before > 0.0 { format!(", on its own other days at most {}", say(before)) } else { String::new() };
    Some(Alarm {
        who,
        at: sure.or(day.calls.last().copied())?,
        place,
        confidence: confidence(tail, world.alpha).max(0.75),
        explanation: format!(
            "Took {}, personal or exported, in {} calls of one day; nearly all peers take at most {} a day{own_days}.",
            say(most),
            day.calls.len(),
            say(amount.high)
        ),
        calls: day.calls.clone(),
        ..Alarm::default()
    })
}

/// Answers here hold data about people, or whole collections.
fn holds_data(place: &Place<'_>) -> bool {
    let classes = &place.endpoint.data_classes.response;
    let weak = ["url", "ip-address", "user-name", "username", "geolocation"];
    matches!(place.function, "export" | "download") || classes.iter().any(|class| !weak.contains(&class.as_str()))
}
