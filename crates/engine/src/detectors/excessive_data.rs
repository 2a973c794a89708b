//! # excessive-data
//!
//! One answer holds far more than answers there do: a hundred thousand records where one page is normal.
//!
//! **Signals.** Rows and bytes of one successful answer against those of all others at the endpoint; a page size that is
//! many times the largest that anybody else asks for.
//!
//! **False positives.** An endpoint whose answers differ by nature (reports): its largest answers come from many people.
//!
//! **References.** OWASP API3:2023, API4:2023; CWE-770.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use vedette_model::results::Severity;

use super::{Alarm, Detector, Meta};
use crate::checks::wording::size;
use crate::watch::world::{Seen, World};

pub(super) const DETECTOR: Detector = Detector {
    meta: Meta {
        id: "excessive-data",
        title: "One answer holds far more than is normal",
        severity: Severity::High,
        owasp: &["API4:2023", "API3:2023"],
        attack: &["T1213", "T1119"],
        response: &["Limit the page size on the server", "Find out which records the answer held"],
    },
    judge,
};

/// Times what is usual from which on it is far more.
const FACTOR: f64 = 8.0;

/// The same where only bytes are told.
const FACTOR_UNTOLD: f64 = 20.0;

/// Rows and bytes below which an answer is small.
const ROWS_MIN: f64 = 200.0;
const BYTES_MIN: f64 = 60_000.0;

/// Rows asked for below which nobody wants too much.
const ASKED_MIN: f64 = 500.0;

/// Answers of others before anything is usual.
const ANSWERS_MIN: usize = 20;

fn judge(world: &World<'_>) -> Vec<Alarm> {
    let mut places: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
    for (number, seen) in (0..).zip(&world.calls) {
        let api = world.place(seen.place).is_some_and(|place| place.endpoint.is_api());
        let crawler = world.person_at(seen.who).is_some_and(|person| person.crawler);
        if seen.succeeded() && api && !crawler {
            places.entry(seen.place).or_default().push(number);
        }
    }
    let mut places: Vec<_> = places.into_iter().filter(|(_, calls)| calls.len() >= ANSWERS_MIN).collect();
    places.sort_unstable_by_key(|(place, _)| *place);
    let mut alarms: Vec<Alarm> = places.iter().flat_map(|(place, calls)| of_place(world, *place, calls)).collect();
    alarms.sort_by_key(|alarm| alarm.who);
    alarms
}

fn rows(seen: &Seen<'_>) -> f64 {
    seen.details().map_or(0.0, |details| f64::from(details.records))
}

fn of_place(world: &World<'_>, place: u32, calls: &[u32]) -> Vec<Alarm> {
    let seen = || calls.iter().filter_map(|number| Some((*number, world.seen(*number)?)));
    // What the second most of people get at most is usual, whatever one alone gets.
    let usual = |of: &dyn Fn(&Seen<'_>) -> f64| {
        let mut by_person: HashMap<u32, f64, FixedState> = HashMap::default();
        for (_, seen) in seen() {
            let most = by_person.entry(seen.who).or_default();
            *most = most.max(of(seen));
        }
        let mut most: Vec<f64> = by_person.into_values().collect();
        most.sort_by(f64::total_cmp);
        let place = (most.len() as f64 * 0.95) as usize;
        most.get(place.min(most.len().saturating_sub(2))).copied().unwrap_or(f64::INFINITY)
    };
    let (usual_rows, usual_bytes) = (usual(&rows), usual(&|seen| f64::from(seen.call.response_bytes)));
    let usual_asked = usual(&|seen| world.page_size(seen));
    let mut by_person: HashMap<u32, Vec<u32>, FixedState> = HashMap::default();
    for (number, seen) in seen() {
        let (rows, bytes, asked) = (rows(seen), f64::from(seen.call.response_bytes), world.page_size(seen));
        let many = rows >= ROWS_MIN && rows >= usual_rows * FACTOR;
        // Where rows are not told, sizes differ for more reasons.
        let factor = if rows > 0.0 { FACTOR } else { FACTOR_UNTOLD };
        let large = bytes >= BYTES_MIN && bytes >= usual_bytes * factor;
        let wanted = asked >= ASKED_MIN && usual_asked > 0.0 && asked >= usual_asked * FACTOR;
        if many || wanted || large && (rows >= usual_rows * 2.0 || rows <= 1.0) {
            by_person.entry(seen.who).or_default().push(number);
        }
    }
    // What many get is how it is.
    if by_person.len() > (world.people.len() / 100).max(3) {
        return Vec::new();
    }
    let mut found: Vec<_> = by_person.into_iter().collect();
    found.sort_unstable();
    found.into_iter().filter_map(|(who, calls)| alarm(world, who, place, calls, (usual_rows, usual_bytes))).collect()
}

fn alarm(
    world: &World<'_>,
    who: u32,
    place: u32,
    calls: Vec<u32>,
    (rows_usual, bytes_usual): (f64, f64),
) -> Option<Alarm> {
    let largest = calls.iter().filter_map(|number| world.seen(*number)).max_by_key(|seen| seen.call.response_bytes)?;
    let told = rows(largest);
    let records = if told > 1.0 {
        format!(
            "{told:.0} rows, {} in all, where one answer has at most {rows_usual:.0} rows",
            size(f64::from(largest.call.response_bytes))
        )
    } else {
        format!("{}, where one answer has at most {}", size(f64::from(largest.call.response_bytes)), size(bytes_usual))
    };
    let most =
        calls.iter().filter_map(|number| world.seen(*number)).map(|seen| world.page_size(seen)).fold(0.0, f64::max);
    let small = told < ROWS_MIN && f64::from(largest.call.response_bytes) < BYTES_MIN;
    let explanation = if small {
        format!("Asked `{}` for {most:.0} rows at once, many times what others ask for.", world.place_name(place))
    } else {
        format!("One answer of `{}` held {records}.", world.place_name(place))
    };
    Some(Alarm {
        who,
        at: *calls.first()?,
        place,
        confidence: 0.9,
        severity: small.then_some(Severity::Low),
        explanation,
        calls,
        ..Alarm::default()
    })
}
