use proptest::prelude::*;
use vedette_model::Timestamp;

use super::*;

/// Observes `values` in one sketch, and in parts merged in three ways; all must be equal.
fn merges<T, V: Copy>(values: &[V], cut: (usize, usize), new: fn() -> T, observe: fn(&mut T, V), merge: fn(&mut T, &T))
where
    T: Clone + PartialEq + std::fmt::Debug,
{
    let of = |part: &[V]| {
        let mut sketch = new();
        for v in part {
            observe(&mut sketch, *v);
        }
        sketch
    };
    let joined = |a: &T, b: &T| {
        let mut sum = a.clone();
        merge(&mut sum, b);
        sum
    };
    let (low, high) = (cut.0.min(cut.1) % (values.len() + 1), cut.0.max(cut.1) % (values.len() + 1));
    let (low, high) = (low.min(high), low.max(high));
    let (a, b, c) = (of(&values[..low]), of(&values[low..high]), of(&values[high..]));
    let all = of(values);
    assert_eq!(joined(&joined(&a, &b), &c), all, "one after the other");
    assert_eq!(joined(&a, &joined(&b, &c)), all, "associative");
    assert_eq!(joined(&joined(&c, &a), &b), all, "commutative");
    assert_eq!(joined(&all, &new()), all, "nothing changes nothing");
}

proptest! {
    #[test]
    fn distinct_counts_merge(values in prop::collection::vec(0u64..600, 0..800), cut in any::<(usize, usize)>()) {
        let spread = |v: u64| hash(&v.to_le_bytes());
        let values: Vec<u64> = values.into_iter().map(spread).collect();
        merges(&values, cut, DistinctCount::default, DistinctCount::observe, DistinctCount::merge);
        merges(&values, cut, DistinctFew::default, DistinctFew::observe, DistinctFew::merge);
    }

    #[test]
    fn quantiles_merge(values in prop::collection::vec(any::<u64>().prop_map(|v| v >> (v % 64)), 0..300), cut in any::<(usize, usize)>()) {
        merges(&values, cut, Quantiles::default, Quantiles::observe, Quantiles::merge);
    }

    #[test]
    fn quantiles_are_within_their_error(mut values in prop::collection::vec(any::<u64>().prop_map(|v| v >> (v % 64)), 1..300)) {
        let mut sketch = Quantiles::default();
        for v in &values {
 sketch.observe(*v);
}
        values.sort_unstable();
        for q in [0.01, 0.5, 0.95, 0.99, 1.0] {
            let exact = values[((q * values.len() as f64).ceil() as usize).max(1) - 1] as f64;
            let told = sketch.quantile(q);
            prop_assert!((told - exact).abs() <= exact * 0.031, "{q}: {told} for {exact}");
        }
    }

    #[test]
    fn timelines_merge(
        seconds in prop::collection::vec((0i64..40, 0u32..31).prop_map(|(a, b)| 1_700_000_000 + (a << b)), 0..400),
        cut in any::<(usize, usize)>(),
    ) {
        let observe = |t: &mut Timeline, s: i64| t.observe(Timestamp::from_secs(s), s % 3 == 0);
        merges(&seconds, cut, Timeline::default, observe, Timeline::merge);
    }

    #[test]
    fn timelines_lose_nothing_but_strays(seconds in prop::collection::vec(any::<i32>().prop_map(i64::from), 0..300)) {
        let mut timeline = Timeline::default();
        for s in &seconds {
 timeline.observe(Timestamp::from_secs(*s), true);
}
        let shown = timeline.to_results();
        prop_assert!(shown.exchanges.len() <= vedette_model::limits::TIMELINE_BUCKETS_MAX);
        prop_assert_eq!(shown.exchanges.iter().sum::<u64>(), seconds.len() as u64);
        prop_assert_eq!(&shown.errors, &shown.exchanges);
    }

    #[test]
    fn hours_merge(seconds in prop::collection::vec(any::<i32>().prop_map(i64::from), 0..300), cut in any::<(usize, usize)>()) {
        let observe = |t: &mut HoursOfWeek, s: i64| t.observe(Timestamp::from_secs(s));
        merges(&seconds, cut, HoursOfWeek::default, observe, HoursOfWeek::merge);
    }

    #[test]
    fn the_most_frequent_keys_are_followed_within_the_error(
        keys in prop::collection::vec((0u64..60, 0u64..60).prop_map(|(a, b)| a * b / 40), 1..600),
        cut in any::<prop::sample::Index>(),
    ) {
        let (left, right) = keys.split_at(cut.index(keys.len()));
        let of = |part: &[u64]| {
            let mut top = TopK::default();
            for k in part {
 top.observe(*k);
}
            top
        };
        let (mut ab, mut ba) = (of(left), of(right));
        ab.merge(&of(right));
        ba.merge(&of(left));
        prop_assert_eq!(ab.heaviest(), ba.heaviest());
        for top in [of(&keys), ab] {
            let heaviest = top.heaviest();
            for key in 0..100 {
                let exact = keys.iter().filter(|k| **k == key).count() as u64;
                match heaviest.iter().find(|h| h.key == key) {
                    Some(h) => prop_assert!(h.count >= exact && h.count - h.error <= exact, "{h:?} for {exact}"),
                    None => prop_assert!(exact <= keys.len() as u64 / 16, "{exact} of {key} forgotten"),
                }
            }
        }
    }
}

#[test]
fn distinct_counts_are_exact_when_small_and_close_when_large() {
    let (mut count, mut few) = (DistinctCount::default(), DistinctFew::default());
    for n in 1..=1_000_000u64 {
        let hash = hash(&n.to_le_bytes());
        count.observe(hash);
        few.observe(hash);
        if n <= 128 {
            assert_eq!(count.estimate(), n);
        }
        if matches!(n, 200 | 1_000 | 10_000 | 100_000 | 1_000_000) {
            let (error, error_few) = (count.estimate() as f64 / n as f64 - 1.0, few.estimate() as f64 / n as f64 - 1.0);
            assert!(error.abs() < 0.1, "{n}: {error}");
            assert!(error_few.abs() < 0.4, "{n}: {error_few}");
        }
    }
}

#[test]
fn the_hash_stays_the_same() {
    assert_eq!(hash(b"vedette"), 12_351_880_956_136_787_806, "summaries of other versions cannot be merged anymore");
}

#[test]
fn a_stray_date_does_not_hide_the_day() {
    let mut timeline = Timeline::default();
    let day = Timestamp::parse_rfc3339("2026-11-22T00:00:00Z").unwrap().secs();
    for minute in 0..24 * 60 {
        timeline.observe(Timestamp::from_secs(day + minute * 60), false);
    }
    timeline.observe(Timestamp::from_secs(0), false);
    let shown = timeline.to_results();
    assert_eq!((shown.bucket_secs, shown.exchanges.len()), (1_800, 48));
    assert_eq!(shown.exchanges.iter().sum::<u64>(), 24 * 60);
}

#[test]
fn distributions_come_in_the_unit_asked_for() {
    let mut latency = Quantiles::default();
    assert!(latency.distribution(1.0).is_none());
    (1..=1_000u64).for_each(|ms| latency.observe(ms * 1_000));
    let shown = latency.distribution(0.001).unwrap();
    assert_eq!((shown.count, shown.max, shown.mean), (1_000, 1_000.0, 500.5));
    assert!((shown.p95 - 950.0).abs() < 30.0, "{shown:?}");
}

#[test]
fn nearly_empty_sketches_are_small() {
    assert_eq!(size_of::<DistinctCount>(), 32);
    assert_eq!(size_of::<Timeline>(), 32);
    assert_eq!(size_of::<HoursOfWeek>(), 24);
    assert!(size_of::<TopK>() <= 40, "{}", size_of::<TopK>());
    assert!(size_of::<Quantiles>() <= 64, "{}", size_of::<Quantiles>());
}
