//! Whether the times of a source can be relied on. There is no wall clock here: sources are compared with each other.

use vedette_model::Timestamp;
use vedette_model::results::{Clock, Source};

use super::facts::Fact;
use super::share;
use super::tally::SourceTally;

/// Share of steps back from which a log is out of order. A log written when requests end shows slow ones late, and
/// several workers write in turn.
const BACKWARD_MIN: f64 = 0.5;

/// A step back that is more than a slow answer, in seconds.
const STEP_BACK_MIN_SECS: f64 = 300.0;

/// Time zones differ by whole quarters of an hour, at most 14 hours (RFC 9557 keeps to the same database).
const ZONE_STEP_SECS: i64 = 900;
const ZONE_MAX_SECS: i64 = 14 * 3_600;

/// How exactly the beginnings and the ends must be apart by the same, in seconds.
const ZONE_SLACK_SECS: i64 = 90;

/// Seconds that a source must span before its beginning and its end are two observations.
const SPAN_MIN_SECS: i64 = 2 * 3_600;

/// A record that lies this far behind all other sources is from the future, in seconds: nobody analyzes the logs of
/// two seasons together and has nothing in between.
const FUTURE_MIN_SECS: i64 = 180 * 86_400;

/// The sources that a clock is compared with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Others<'a> {
    /// The one with the most exchanges.
    pub(super) busiest: Option<&'a Source>,
    /// Last time of any other source.
    pub(super) last_seen: Option<Timestamp>,
}

/// What the clock of a source is worth, and points of `of` with the reason of those that are missing.
pub(super) fn judge(tally: &SourceTally, source: &Source, others: Others<'_>, of: u8) -> (Clock, u8, String) {
    let order = &source.order;
    let clock = Clock {
        resolution: resolution(tally).to_owned(),
        backward_share: share(order.backward, order.compared),
        step_back_secs: order.step_back_us as f64 / 1e6,
        skew: others.busiest.and_then(|busiest| skew(source, busiest)).or_else(|| future(source, others.last_seen)),
    };
    let (points, reason) = if tally.told(Fact::Time) == 0 {
        (0, "there are no times".to_owned())
    } else if let Some(skew) = &clock.skew {
        (0, skew.clone())
    } else if clock.resolution == "minutes" {
        (0, "all times are whole minutes".to_owned())
    } else if clock.step_back_secs >= STEP_BACK_MIN_SECS {
        (of / 2, format!("time steps back by up to {} s between records", clock.step_back_secs.round()))
    } else if clock.backward_share > BACKWARD_MIN {
        (of / 2, format!("{:.0}% of the records lie before the one above", clock.backward_share * 100.0))
    } else {
        (of, String::new())
    };
    (clock, points, reason)
}

/// Begins with the others and ends long after all of them.
fn future(source: &Source, others: Option<Timestamp>) -> Option<String> {
    let (first, last, others) = (source.first_seen?, source.last_seen?, others?);
    let ahead = last.secs() - others.secs();
    (first <= others && ahead >= FUTURE_MIN_SECS).then(|| {
        format!("some of its times lie {} days after the last of any other source: its clock was wrong", ahead / 86_400)
    })
}

fn resolution(tally: &SourceTally) -> &'static str {
    let times = tally.told(Fact::Time);
    match () {
        () if times == 0 => "",
        () if tally.off_millisecond > 0 => "microseconds",
        () if tally.told(Fact::Subsecond) > 0 => "milliseconds",
        () if tally.off_minute > 0 || times < 10 => "seconds",
        () => "minutes",
    }
}

/// Begins and ends apart from the reference by the same time zone offset, while both overlap.
fn skew(source: &Source, reference: &Source) -> Option<String> {
    let (first, last) = (source.first_seen?.secs(), source.last_seen?.secs());
    let (other_first, other_last) = (reference.first_seen?.secs(), reference.last_seen?.secs());
    let (at_start, at_end) = (first - other_first, last - other_last);
    let zones = (at_start as f64 / ZONE_STEP_SECS as f64).round() as i64 * ZONE_STEP_SECS;
    let long = (last - first).min(other_last - other_first) >= SPAN_MIN_SECS.max(zones.abs());
    let same = (at_start - zones).abs() <= ZONE_SLACK_SECS && (at_end - zones).abs() <= ZONE_SLACK_SECS;
    (zones != 0 && zones.abs() <= ZONE_MAX_SECS && long && same).then(|| {
        let (side, zones) = if zones > 0 { ("ahead of", zones) } else { ("behind", -zones) };
        format!(
            "its times begin and end {} h {side} those of {}: one of the clocks is set to another time zone",
            zones as f64 / 3_600.0,
            reference.name
        )
    })
}
