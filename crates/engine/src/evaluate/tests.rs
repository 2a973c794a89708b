use std::collections::BTreeMap;

use vedette_model::Timestamp;
use vedette_model::results::{ActorRef, Detection, Evidence, Identifier};

use super::*;

fn identifier(text: &str) -> Identifier {
    let (kind, value) = text.split_once(':').unwrap();
    Identifier { kind: kind.into(), value: value.into() }
}

fn attack(kind: &str, actors: &[&str], exchanges: &[u64]) -> Attack {
    Attack {
        kind: kind.into(),
        actors: actors.iter().map(|one| identifier(one)).collect(),
        exchanges: exchanges.to_vec(),
        ..Attack::default()
    }
}

fn alarm(kind: &str, identifiers: &[&str], at_secs: i64, exchanges: &[u64]) -> Alarm {
    Alarm {
        kind: kind.into(),
        identifiers: identifiers.iter().map(|one| identifier(one)).collect(),
        at: Some(Timestamp::from_secs(at_secs)),
        exchanges: exchanges.to_vec(),
        title: format!("{kind} by {}", identifiers[0]),
        ..Alarm::default()
    }
}

/// A hundred thousand exchanges in two days, of which the first thousand are ten seconds apart.
fn ground() -> Ground {
    Ground {
        exchanges: 100_000,
        span: Some((Timestamp::from_secs(0), Timestamp::from_secs(2 * 86_400))),
        times: (0..1_000_u64).map(|n| (n, Timestamp::from_secs(n.cast_signed() * 10))).collect(),
    }
}

fn overall(attacks: &[Attack], alarms: &[Alarm]) -> Score {
    judge(&ground(), attacks, alarms).scores().overall
}

#[test]
fn an_attack_is_found_by_any_of_its_actors_at_one_of_its_exchanges() {
    let attacks = [attack("bola", &["user:u1", "ip:192.0.2.1"], &[10, 20, 30, 40])];
    let score = overall(&attacks, &[alarm("enumeration", &["session:00ff", "ip:192.0.2.1"], 305, &[5, 30])]);
    assert_eq!((score.recall, score.precision, score.found, score.kind_right), (Some(1.0), Some(1.0), 1, 0));
    assert_eq!((score.median_exchanges_to_detect, score.median_secs_to_detect), (Some(3.0), Some(205.0)));
    assert_eq!((score.alarmed_actors, score.false_actors), (1, 0));
}

#[test]
fn an_alarm_within_the_hour_counts_and_later_ones_and_earlier_ones_do_not() {
    let attacks = [attack("scraping", &["user:u1"], &[100, 101])];
    for (at, found) in [(999, 0), (1_000, 1), (1_010 + 3_600, 1), (1_011 + 3_600, 0)] {
        let score = overall(&attacks, &[alarm("scraping", &["user:u1"], at, &[7])]);
        assert_eq!((score.found, score.kind_right), (found, found), "at {at}");
        assert_eq!(score.false_actors, 0, "an attacker is nobody's false alarm");
    }
}

#[test]
fn the_first_alarm_tells_the_delay_and_any_tells_the_kind() {
    let attacks = [attack("bola", &["user:u1"], &[0, 1, 2, 3, 4])];
    let alarms = [alarm("bola", &["user:u1"], 40, &[0, 4]), alarm("unseen-type", &["user:u1"], 12, &[1])];
    let score = overall(&attacks, &alarms);
    assert_eq!((score.found, score.kind_right, score.alarmed_actors), (1, 1, 1));
    assert_eq!((score.median_exchanges_to_detect, score.median_secs_to_detect), (Some(2.0), Some(12.0)));
}

#[test]
fn without_times_record_numbers_tell_how_many_exchanges_it_took() {
    let attacks = [attack("bola", &["user:u1"], &[5, 9, 12])];
    let ground = Ground { exchanges: 20, ..Ground::default() };
    let alarms = [Alarm { at: None, ..alarm("bola", &["user:u1"], 0, &[5, 9]) }];
    let score = judge(&ground, &attacks, &alarms).scores().overall;
    assert_eq!((score.median_exchanges_to_detect, score.median_secs_to_detect), (Some(2.0), None));
}

#[test]
fn an_actor_that_attacks_nowhere_is_false_once() {
    let attacks = [attack("bola", &["user:u1"], &[1])];
    let mut renamed = alarm("scraping", &["ip:192.0.2.9"], 70, &[7]);
    renamed.actor = "a-2".into();
    let mut same = alarm("scraping", &["user:u2"], 60, &[6, 7, 8, 9, 10, 11]);
    same.actor = "a-2".into();
    let alarms = [
        alarm("bola", &["user:u1"], 10, &[1]),
        renamed,
        same,
        alarm("bola", &["user:u3"], 80, &[8]),
        alarm("bola", &["user:u3"], 90, &[9]),
    ];
    let judged = judge(&ground(), &attacks, &alarms);
    let scores = judged.scores();
    let all = &scores.overall;
    assert_eq!((all.alarmed_actors, all.false_actors), (3, 2));
    assert_eq!((all.false_per_100k, all.false_per_day), (2.0, 1.0));
    assert_eq!(all.precision, Some(1.0 / 3.0));
    let precision = |kind: &str| (scores.kinds[kind].precision, scores.kinds[kind].recall);
    assert_eq!(precision("bola"), (Some(0.5), Some(1.0)));
    assert_eq!(precision("scraping"), (Some(0.0), None), "no attack of that kind");
    let listed: Vec<_> =
        judged.false_alarms.iter().map(|one| (one.kind.as_str(), one.title.as_str(), one.first.len())).collect();
    assert_eq!(listed, [("bola", "bola by user:u3", 1), ("scraping", "scraping by user:u2", 5)]);
}

#[test]
fn the_kind_of_an_alarm_about_an_attacker_may_be_wrong_without_being_false() {
    let attacks = [attack("bola", &["user:u1"], &[1])];
    let scores = judge(&ground(), &attacks, &[alarm("scraping", &["user:u1"], 10, &[1])]).scores();
    assert_eq!(scores.kinds["scraping"].precision, Some(1.0));
    assert_eq!((scores.kinds["bola"].recall, scores.kinds["bola"].precision), (Some(1.0), None));
}

#[test]
fn what_was_missed_is_listed() {
    let many: Vec<String> = (0..9).map(|n| format!("ip:192.0.2.{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let attacks = [attack("bola", &["user:u1"], &[1]), attack("credential-stuffing", &many, &[2, 3, 4, 5, 6, 7])];
    let judged = judge(&ground(), &attacks, &[alarm("bola", &["user:u1"], 10, &[1])]);
    assert_eq!(judged.scores().overall.recall, Some(0.5));
    let missed = &judged.missed[0];
    assert_eq!(
        (missed.kind.as_str(), missed.exchanges, missed.first.len(), missed.actor.len()),
        ("credential-stuffing", 6, 5, 5)
    );
}

#[test]
fn scenarios_add_up_and_medians_are_of_all_attacks() {
    let attacks = [attack("bola", &["user:u1"], &[0, 1, 2, 3])];
    let early = judge(&ground(), &attacks, &[alarm("bola", &["user:u1"], 0, &[0])]);
    let late =
        judge(&ground(), &attacks, &[alarm("bola", &["user:u1"], 30, &[3]), alarm("bola", &["user:u9"], 1, &[0])]);
    let nothing = judge(&ground(), &[attack("bfla", &["user:u1"], &[4])], &[]);
    let mut sum = Judged::default();
    for one in [&early, &late, &nothing] {
        sum.add(one);
    }
    let scores = sum.scores();
    assert_eq!((scores.overall.attacks, scores.overall.found, scores.overall.recall), (3, 2, Some(2.0 / 3.0)));
    assert_eq!(scores.overall.median_exchanges_to_detect, Some(2.5));
    assert_eq!((scores.overall.alarmed_actors, scores.overall.precision), (3, Some(2.0 / 3.0)));
    assert_eq!((sum.exchanges(), sum.days()), (300_000, 6.0));
    assert_eq!(scores.kinds["bfla"].recall, Some(0.0));
}

#[test]
fn nothing_scores_nothing() {
    let score = judge(&Ground::default(), &[], &[]).scores().overall;
    assert_eq!(score, Score::default());
    assert!((Ground::default().days() - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_detection_is_an_alarm() {
    let at = Some(Timestamp::from_secs(5));
    let detection = Detection {
        kind: "bola".into(),
        at,
        actor: ActorRef { id: "a-1".into(), identifiers: vec![identifier("user:u1")] },
        title: "Objects of others".into(),
        evidence: vec![
            Evidence { exchange: 7, ..Evidence::default() },
            Evidence { file: Some("api.yaml".into()), ..Evidence::default() },
        ],
        ..Detection::default()
    };
    let alarm = Alarm::from(&detection);
    assert_eq!(
        (alarm.kind.as_str(), alarm.actor.as_str(), alarm.at, alarm.exchanges.as_slice()),
        ("bola", "a-1", at, &[7][..])
    );
    assert_eq!(alarm.identifiers, [identifier("user:u1")]);
}

#[test]
fn the_document_reads_back() {
    let attacks = [attack("bola", &["user:u1"], &[1]), attack("bfla", &["user:u4"], &[2])];
    let judged =
        judge(&ground(), &attacks, &[alarm("bola", &["user:u1"], 10, &[1]), alarm("bola", &["user:u3"], 80, &[8])]);
    let report = Report {
        scores: judged.scores(),
        scenarios: vec![ScenarioReport {
            name: "hand".into(),
            scores: judged.scores(),
            missed: judged.missed.clone(),
            false_alarms: judged.false_alarms.clone(),
            ..ScenarioReport::default()
        }],
        baselines: Some(BTreeMap::from([("markov".to_owned(), Scores::default())])),
    };
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["overall"]["recall"], 0.5);
    assert_eq!(json["kinds"]["bola"]["precision"], 0.5);
    assert_eq!(json["scenarios"][0]["overall"]["false_actors"], 1);
    assert_eq!(json["scenarios"][0]["missed"][0]["kind"], "bfla");
    assert!(json["baselines"]["markov"]["overall"]["recall"].is_null());
    assert_eq!(serde_json::from_value::<Report>(json).unwrap(), report);
}
