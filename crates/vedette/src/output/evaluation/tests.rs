use std::collections::BTreeMap;

use vedette_engine::evaluate::{Alarm, Attack, Ground, judge};
use vedette_model::Timestamp;

use super::*;

fn who(user: &str) -> Vec<Identifier> {
    vec![Identifier { kind: "user".into(), value: user.into() }]
}

/// Two scenarios: one attack found, one missed, one alarm about an innocent.
pub(crate) fn sample() -> Report {
    let attack = |kind: &str, user: &str, exchanges: &[u64]| Attack {
        kind: kind.into(),
        variant: (kind == "bfla").then(|| "patient".into()),
        actors: who(user),
        endpoint: "GET /v1/boats/{}".into(),
        exchanges: exchanges.to_vec(),
    };
    let alarm = |kind: &str, user: &str, secs: i64| Alarm {
        kind: kind.into(),
        identifiers: who(user),
        at: Some(Timestamp::from_secs(secs)),
        exchanges: vec![1],
        title: "Reads what others own".into(),
        ..Alarm::default()
    };
    let ground = Ground {
        exchanges: 50_000,
        span: Some((Timestamp::from_secs(0), Timestamp::from_secs(3 * 86_400))),
        times: (0..100_u64).map(|n| (n, Timestamp::from_secs(n.cast_signed() * 60))).collect(),
    };
    let attacks = [attack("bola", "u1", &[1, 2, 3]), attack("bfla", "u2", &[40, 41])];
    let judged = judge(&ground, &attacks, &[alarm("bola", "u1", 130), alarm("bola", "u3", 10)]);
    let report = |name: &str| ScenarioReport {
        name: name.into(),
        exchanges: judged.exchanges(),
        days: judged.days(),
        scores: judged.scores(),
        missed: judged.missed.clone(),
        false_alarms: judged.false_alarms.clone(),
    };
    Report {
        scores: judged.scores(),
        scenarios: vec![report("bank-1"), report("shop-2")],
        baselines: Some(BTreeMap::from([("markov".to_owned(), judge(&ground, &attacks, &[]).scores())])),
    }
}

#[test]
fn the_tables_say_how_good_it_is() {
    let text = tables(&sample(), false, 100, false);
    for line in [
        "Evaluated  2 scenarios, 100,000 exchanges, 6.0 days",
        "Recall     50.0 %: 1 of 2 attacks found, 1 of them by their kind",
        "Precision  50.0 %: 1 of 2 alarmed actors attack nowhere",
        "Detected   after 2 exchanges of the attack and 70 s (medians)",
        "Against what everybody builds first, on the same traffic",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is missing:\n{text}");
    }
    let cells = |name: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(cells("bola"), ["bola", "100.0 %", "50.0 %", "1 of 1", "1", "2", "70 s"]);
    assert_eq!(cells("bfla"), ["bfla", "0.0 %", "-", "0 of 1", "0", "-", "-"]);
    assert_eq!(cells("markov"), ["markov", "0.0 %", "-", "0 of 2", "0", "-", "-"]);
}

#[test]
fn misses_are_listed_when_asked_for() {
    let text = tables(&sample(), true, 110, false);
    assert!(text.contains("bank-1: missed (1)"), "{text}");
    assert!(text.contains("user u2 at GET /v1/boats/{}, 2 exchanges from number 40"), "{text}");
    assert!(text.contains("user u3: Reads what others own (exchange 1)"), "{text}");
    assert!(!tables(&sample(), false, 110, false).contains("missed ("));
}

#[test]
fn tables_fit_the_terminal() {
    for width in [80, 110] {
        let text = tables(&sample(), true, width, false);
        assert!(text.lines().all(|line| line.chars().count() <= width), "{width}:\n{text}");
    }
}

#[test]
fn durations_have_a_unit_that_fits() {
    let texts: Vec<String> = [0.4, 119.0, 300.0, 10_000.0, 200_000.0].into_iter().map(duration).collect();
    assert_eq!(texts, ["0 s", "119 s", "5 min", "2.8 h", "2.3 d"]);
}
