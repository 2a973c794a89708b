use proptest::prelude::*;
use vedette_model::results::TimeOrder;
use vedette_model::{Exchange, Timestamp};

use super::*;
use crate::actors::ActorKey;

/// An exchange as a good access log tells it.
fn told(second: i64, client: u8) -> Exchange<'static> {
    Exchange {
        at: Some(Timestamp((1_790_000_000 + second) * 1_000_000 + 123_456)),
        client_ip: Some([203, 0, 113, client].into()),
        host: Some("api.example.com".into()),
        scheme: vedette_model::Scheme::Https,
        method: "GET".into(),
        path: "/v1/boats".into(),
        query: Some("page=2".into()),
        status: 200,
        duration_us: Some(900),
        request_bytes: Some(120),
        response_bytes: Some(900),
        user: Some("ada".into()),
        user_agent: Some("shop/1.0".into()),
        ..Exchange::default()
    }
}

fn tallied<'a>(exchanges: impl IntoIterator<Item = &'a Exchange<'a>>) -> SourceTally {
    let mut tally = SourceTally::default();
    for exchange in exchanges {
        let credentials = vedette_parse::credentials::credentials(exchange, &vedette_model::hash::HashKey::default());
        tally.observe(exchange, &credentials, ActorKey(exchange.user.as_deref().map_or(0, |u| u.len() as u64)));
    }
    tally
}

fn quality<'a>(exchanges: impl IntoIterator<Item = &'a Exchange<'a>>) -> Quality {
    of_source(&tallied(exchanges), &Source::default(), Others::default())
}

fn lost(quality: &Quality) -> Vec<(&str, u8)> {
    let lacking = quality.parts.iter().filter(|part| part.points < part.of);
    lacking.map(|part| (part.id.as_str(), part.of - part.points)).collect()
}

#[test]
fn a_log_that_tells_all_it_can_scores_100_and_bodies_are_named_apart() {
    let exchanges: Vec<_> = (0..200).map(|n| told(n, (n % 200) as u8)).collect();
    let quality = quality(&exchanges);
    assert_eq!((quality.score, lost(&quality)), (100, vec![]));
    assert!(quality.missing.contains(&"response-bodies".to_owned()));
    assert!(quality.blind_findings.contains(&"secret-in-response".to_owned()));
    assert!(!quality.blind_findings.contains(&"shadow-endpoint".to_owned()), "a specification is the user's to give");
    assert_eq!(quality.clock.resolution, "microseconds");
}

#[test]
fn every_blind_kind_has_a_missing_fact_that_explains_it() {
    let facts = facts_for_results();
    for exchange in [told(1, 1), Exchange { method: "GET".into(), path: "/".into(), ..Exchange::default() }] {
        let quality = quality([&exchange]);
        let missing: Vec<_> = facts.iter().filter(|fact| quality.missing.contains(&fact.id)).collect();
        for kind in &quality.blind_findings {
            assert!(missing.iter().any(|fact| fact.findings.contains(kind)), "{kind}");
        }
        for kind in &quality.blind_detections {
            assert!(missing.iter().any(|fact| fact.detections.contains(kind)), "{kind}");
        }
    }
}

#[test]
fn each_fact_that_is_missing_costs_its_weight_and_says_why() {
    let without = |change: fn(&mut Exchange<'_>)| {
        let exchanges: Vec<_> = (0..200)
            .map(|n| {
                let mut exchange = told(n, (n % 200) as u8);
                change(&mut exchange);
                exchange
            })
            .collect();
        quality(&exchanges)
    };
    for (change, cost) in [
        ((|x: &mut Exchange<'_>| x.user = None) as fn(&mut Exchange<'_>), vec![("caller", 15)]),
        (|x| x.query = None, vec![("query", 10)]),
        (|x| x.client_ip = None, vec![("client-address", 10), ("own-address", 10)]),
        (|x| x.at = x.at.map(|at| Timestamp(at.0 / 1_000_000 * 1_000_000)), vec![("subsecond", 4)]),
        (|x| x.at = x.at.map(|at| Timestamp(at.0 / 60_000_000 * 60_000_000)), vec![("subsecond", 4), ("clock", 3)]),
        (|x| x.at = None, vec![("time", 8), ("subsecond", 4), ("clock", 3)]),
        (|x| x.client_ip = Some([10, 0, 0, 7].into()), vec![("own-address", 10)]),
    ] {
        let quality = without(change);
        assert_eq!(lost(&quality), cost);
        assert_eq!(u32::from(quality.score), 100 - cost.iter().map(|(_, n)| u32::from(*n)).sum::<u32>());
        assert!(quality.parts.iter().all(|part| part.reason.is_empty() == (part.points == part.of)));
    }
}

#[test]
fn proxies_are_told_from_callers() {
    let behind_cdn: Vec<_> =
        (0..200u8).map(|n| Exchange { forwarded: Some([198, 51, 100, n].into()), ..told(n.into(), n % 3) }).collect();
    let found = quality(&behind_cdn);
    assert!(found.clients.proxy);
    assert_eq!(lost(&found), [("own-address", 8)]);
    let believed: Vec<_> =
        (0..200u8).map(|n| Exchange { forwarded: Some([203, 0, 113, n].into()), ..told(n.into(), n) }).collect();
    assert!(!quality(&believed).clients.proxy);
    let one_person: Vec<_> = (0..200).map(|n| told(n, 1)).collect();
    assert!(!quality(&one_person).clients.proxy, "one user from one address");
    let inside: Vec<_> = (0..200u8)
        .map(|n| Exchange {
            client_ip: Some([10, 0, 0, n % 3].into()),
            direction: vedette_model::Direction::Internal,
            ..told(n.into(), n)
        })
        .collect();
    assert!(!quality(&inside).clients.proxy, "calls between services have private clients");
}

fn source(name: &str, first: i64, last: i64) -> Source {
    let at = |secs| Some(Timestamp::from_secs(1_790_000_000 + secs));
    Source { name: name.into(), first_seen: at(first), last_seen: at(last), ..Source::default() }
}

#[test]
fn clocks_that_are_wrong_are_told_from_rotated_logs() {
    let tally = tallied(&[told(0, 1)]);
    let day = 86_400;
    let busiest = source("a", 0, day);
    let others = Others { busiest: Some(&busiest), last_seen: busiest.last_seen };
    let skew = |first, last| clock::judge(&tally, &source("b", first, last), others, 3).0.skew;
    assert_eq!(
        skew(7_200 + 4, day + 7_200 - 11).unwrap(),
        "its times begin and end 2 h ahead of those of a: one of the clocks is set to another time zone"
    );
    assert!(skew(-19_800, day - 19_800).unwrap().contains("5.5 h behind"));
    assert_eq!(skew(0, day), None);
    assert_eq!(skew(day, 2 * day), None, "the next day's log");
    assert_eq!(skew(7_200, day), None, "began later, ended together");
    assert_eq!(skew(3_600, 3_600 + 1_800), None, "too short to tell");
    assert_eq!(skew(400 * day, 401 * day), None, "another year's log");
    assert_eq!(
        skew(60, 366 * day).unwrap(),
        "some of its times lie 365 days after the last of any other source: its clock was wrong"
    );
}

#[test]
fn each_source_is_compared_with_the_others() {
    let mut tallies = SourceTallies::default();
    for at in 0..3 {
        tallies.observe(at, &told(0, 1), &[], ActorKey(0));
    }
    let day = 86_400;
    let mut sources = [source("a", 0, day), source("b", 60, 400 * day), source("c", 7_200, day + 7_200)];
    sources[0].exchanges = 9;
    describe(&tallies, &mut sources);
    let skews = sources.map(|source| source.quality.unwrap().clock.skew.unwrap_or_default());
    assert_eq!(skews[0], "", "the busiest one is the measure");
    assert!(skews[1].contains("398 days after the last of any other source"), "{}", skews[1]);
    assert!(skews[2].contains("2 h ahead of those of a"), "{}", skews[2]);
}

#[test]
fn disorder_costs_half_of_the_clock() {
    let tally = tallied(&[told(0, 1)]);
    let judged = |order| clock::judge(&tally, &Source { order, ..Source::default() }, Others::default(), 3);
    let (clock, points, reason) = judged(TimeOrder { compared: 100, backward: 3, step_back_us: 900_000_000 });
    assert_eq!((clock.backward_share, clock.step_back_secs, points), (0.03, 900.0, 1));
    assert_eq!(reason, "time steps back by up to 900 s between records");
    assert_eq!(judged(TimeOrder { compared: 100, backward: 40, step_back_us: 2_000_000 }).1, 3, "slow answers");
    assert_eq!(judged(TimeOrder { compared: 100, backward: 80, step_back_us: 2_000_000 }).1, 1);
}

#[test]
fn kinds_are_declared_once() {
    let mut kinds: Vec<&str> = findings().chain(DETECTIONS.iter().copied()).map(|(kind, _)| kind).collect();
    let count = kinds.len();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), count);
}

#[test]
fn formats_of_gateways_exist() {
    let known = vedette_parse::log::format_ids();
    for format in GATEWAYS.iter().flat_map(|gateway| gateway.formats) {
        assert!(known.contains(format), "{format}");
    }
}

fn any_exchange() -> impl Strategy<Value = Exchange<'static>> {
    let maybe = proptest::bool::ANY;
    (0i64..600_000_000, any::<u8>(), maybe, maybe, maybe, any::<Option<u8>>()).prop_map(|(us, client, a, b, c, via)| {
        Exchange {
            at: a.then_some(Timestamp(us * 1_000)),
            client_ip: b.then(|| [10, 0, 0, client].into()),
            user: c.then(|| "x".repeat(usize::from(client % 5) + 1).into()),
            forwarded: via.map(|n| [198, 51, 100, n].into()),
            ..told(us, client)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tallies_add_up_in_any_order(
        one in proptest::collection::vec(any_exchange(), 0..20),
        two in proptest::collection::vec(any_exchange(), 0..20),
        three in proptest::collection::vec(any_exchange(), 0..20),
    ) {
        let merged = |parts: &[&[Exchange<'_>]]| {
            let mut sum = SourceTally::default();
            for part in parts {
                sum.merge(&tallied(*part));
            }
            sum
        };
        let all = tallied(one.iter().chain(&two).chain(&three));
        prop_assert_eq!(&merged(&[&one, &two, &three]), &all);
        prop_assert_eq!(&merged(&[&three, &one, &two]), &all);
        let mut right = merged(&[&two, &three]);
        right.merge(&tallied(&one));
        prop_assert_eq!(&right, &all);
    }
}
