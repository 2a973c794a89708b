use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use vedette_model::hash::HashKey;
use vedette_model::results::{ActorRef, Detection, Distribution, Incident, LostClass, Service};
use vedette_model::{Exchange, Timestamp};
use vedette_parse::classes::Classifier;

use super::*;
use crate::Engine;
use crate::detectors::DETECTORS;
use crate::quality::detections::DETECTIONS;

/// One call: method, path, status, what was sent and answered.
type Line<'a> = (&'a str, &'a str, u16, &'a str, &'a str);

struct Traffic {
    engine: Engine,
    second: i64,
}

impl Traffic {
    fn new() -> Self {
        Self { engine: Engine::new(Arc::new(Classifier::builtin()), HashKey::default()), second: 0 }
    }

    fn call(&mut self, user: Option<&str>, (method, path, status, sent, answered): Line<'_>) {
        let body = |text: &str| (!text.is_empty()).then(|| Cow::Owned(text.as_bytes().to_vec()));
        let exchange = Exchange {
            at: Some(Timestamp::from_secs(1_790_000_000 + self.second * 7)),
            client_ip: Some([203, 0, 113, (self.second % 5) as u8].into()),
            host: Some("bank.example".into()),
            method: method.to_owned().into(),
            path: path.to_owned().into(),
            status,
            user: user.map(|user| Cow::Owned(user.to_owned())),
            request_body: body(sent),
            response_body: body(answered),
            ..Exchange::default()
        };
        self.engine.observe(&exchange, (0, self.second as u64));
        self.second += 1;
    }

    fn conclude(self) -> Results {
        self.engine.conclude(Vec::new())
    }
}

/// A bank with some customers; each looks at a few transfers and customers, and makes some.
fn bank(customers: usize, bodies: bool) -> Results {
    let mut traffic = Traffic::new();
    let told = |text: String| if bodies { text } else { String::new() };
    for round in 0..5 {
        for customer in 0..customers {
            let user = format!("u{customer}");
            let mail = format!("rosa.{customer}@mail.example");
            let id = 1_000 + customer * 10 + round;
            let amount = 10 + customer * 7;
            let credentials = told(format!(r#"{{"email":"{mail}","password":"Tr0ub4dor&{customer}"}}"#));
            let status = if round == 3 { 401 } else { 200 };
            traffic.call(None, ("POST", "/v1/login", status, &credentials, ""));
            let transfer = told(format!(r#"{{"amount":{amount},"to":"{id}"}}"#));
            let made = told(format!(r#"{{"id":{id},"amount":{amount}}}"#));
            traffic.call(Some(&user), ("POST", "/v1/transfers", 201, &transfer, &made));
            let shown = told(format!(r#"{{"id":{id},"email":"{mail}"}}"#));
            traffic.call(Some(&user), ("GET", &format!("/v1/customers/{id}"), 200, "", &shown));
            traffic.call(Some(&user), ("GET", "/health", 200, "", ""));
        }
    }
    traffic.conclude()
}

fn of<'a>(results: &'a Results, function: &str) -> &'a AbuseCase {
    let found = results.abuse_cases.iter().find(|case| case.function == function);
    found.unwrap_or_else(|| panic!("no {function} in {:?}", functions(results)))
}

fn functions(results: &Results) -> Vec<&str> {
    results.abuse_cases.iter().map(|case| case.function.as_str()).collect()
}

fn watching(case: &AbuseCase) -> Vec<&str> {
    case.watched.iter().map(|watcher| watcher.kind.as_str()).collect()
}

fn why_not<'a>(case: &'a AbuseCase, kind: &str) -> &'a str {
    let gap = case.unwatched.iter().find(|gap| gap.kinds.iter().any(|unwatched| unwatched == kind));
    gap.map_or("", |gap| &gap.reason)
}

#[test]
fn every_kind_is_one_and_every_function_says_all() {
    let mut seen = BTreeSet::new();
    for about in catalog::all() {
        assert!(seen.insert(about.id), "{} twice", about.id);
        assert!(!about.losses.is_empty() || about.id == "personal-data", "{}", about.id);
        for text in [about.user, about.client, about.staff, about.beyond] {
            assert!(text.ends_with('.') && text.len() > 20, "{}: {text}", about.id);
        }
        let kinds: BTreeSet<&str> = about.kinds.iter().copied().collect();
        assert_eq!(kinds.len(), about.kinds.len(), "{}", about.id);
        for kind in kinds {
            assert!(DETECTIONS.iter().any(|(known, _)| *known == kind), "{}: {kind}", about.id);
        }
        let watched = about.kinds.iter().any(|kind| DETECTORS.iter().any(|detector| detector.meta.id == *kind));
        assert!(watched, "{}", about.id);
    }
}

#[test]
fn functions_come_from_paths_and_personal_data_from_answers() {
    let results = bank(16, true);
    let found: BTreeSet<&str> = functions(&results).into_iter().collect();
    assert_eq!(found, BTreeSet::from(["login", "personal-data", "transfer"]));
    let personal = of(&results, "personal-data");
    let places: Vec<&str> = personal.endpoints.iter().map(|endpoint| endpoint.template.as_str()).collect();
    assert_eq!(places.len(), 1, "{places:?}");
    assert!(places[0].starts_with("/v1/customers/{"), "{places:?}");
    // Without bodies nobody knows what the answers hold.
    assert_eq!(functions(&bank(16, false)).len(), 2);
}

#[test]
fn users_are_counted_once_over_all_endpoints() {
    let mut traffic = Traffic::new();
    for customer in 0..20 {
        let user = format!("u{customer}");
        traffic.call(Some(&user), ("GET", "/v1/orders", 200, "", ""));
        traffic.call(Some(&user), ("POST", "/v1/orders", if customer < 3 { 409 } else { 201 }, "", ""));
    }
    let results = traffic.conclude();
    let users = &of(&results, "order").users;
    assert_eq!((users.actors, users.exchanges, users.writes, users.errors), (20, 40, 17, 3));
    // The sixteen busiest are followed.
    assert_eq!(users.kinds, BTreeMap::from([("user".to_owned(), 16)]));
}

#[test]
fn losses_have_numbers_from_the_traffic() {
    let results = bank(16, true);
    let text = |function: &str, kind: &str| {
        let losses = &of(&results, function).losses;
        losses.iter().find(|loss| loss.kind == kind).map(|loss| loss.text.clone()).unwrap_or_default()
    };
    assert_eq!(text("transfer", "money"), "80 transfer calls changed something; the largest `amount` seen is 115.");
    let accounts = text("login", "accounts");
    assert!(accounts.starts_with("64 login calls succeeded, 16 failed, for about "), "{accounts}");
    let records = of(&results, "personal-data").losses.iter().find(|loss| loss.kind == "personal-records").unwrap();
    assert!(records.text.starts_with("Answers of 1 endpoint hold email; about "), "{}", records.text);
    assert!(records.text.ends_with(" different values of `email` were seen."), "{}", records.text);
    assert_eq!(records.classes, [LostClass { class: "email".into(), level: "personal".into() }]);
}

#[test]
fn capacity_says_what_a_call_costs_as_far_as_it_is_told() {
    let text = |latency: Option<f64>, bytes: Option<f64>| {
        let distribution = |p95: Option<f64>| p95.map(|p95| Distribution { p95, ..Distribution::default() });
        let (latency_ms, response_bytes) = (distribution(latency), distribution(bytes));
        let endpoint = Endpoint { exchanges: 40, latency_ms, response_bytes, ..Endpoint::default() };
        let users = AbuseUsers { exchanges: 40, ..AbuseUsers::default() };
        losses::of(catalog::find("export").unwrap(), &[&endpoint], &users)[0].text.clone()
    };
    assert_eq!(text(None, None), "40 calls; the traffic does not say what each costs.");
    assert_eq!(text(None, Some(528.0)), "40 calls; one in twenty answers with 528 bytes or more.");
    let both = "40 calls; one in twenty takes 639 ms and answers with 4.2 MB or more.";
    assert_eq!(text(Some(639.0), Some(4.2e6)), both);
}

#[test]
fn what_happens_when_somebody_is_compromised_fits_the_function() {
    let results = bank(16, true);
    let said: Vec<(&str, &str)> =
        of(&results, "transfer").compromised.iter().map(|one| (one.who.as_str(), one.text.as_str())).collect();
    assert_eq!(said[0], ("user", "The account is emptied to a payee that was added minutes before."));
    assert_eq!([said[1].0, said[2].0], ["client", "staff"]);
}

#[test]
fn with_bodies_and_people_enough_detectors_watch() {
    let results = bank(16, true);
    let case = of(&results, "transfer");
    for kind in ["sequence-anomaly", "business-flow-abuse", "parameter-tampering", "bola", "mass-assignment"] {
        assert!(watching(case).contains(&kind), "{kind}: {}", why_not(case, kind));
    }
    // Always said: what no traffic shows.
    let beyond = case.unwatched.last().unwrap();
    assert_eq!(beyond.reason, "A transfer that its owner was talked into is a transfer by its owner.");
    assert!(beyond.kinds.is_empty());
}

#[test]
fn without_bodies_what_needs_them_is_not_watched() {
    let results = bank(16, false);
    let case = of(&results, "transfer");
    assert_eq!(why_not(case, "mass-assignment"), "The traffic has no request bodies.");
    assert!(why_not(case, "parameter-tampering").contains("no"), "{:?}", case.unwatched);
    let bola = case.watched.iter().find(|watcher| watcher.kind == "bola").unwrap();
    assert_eq!(bola.limit, "without answers only objects that other circles of people use count");
    // No credentials were in the traffic beside the users that the gateway named.
    assert_eq!(why_not(case, "token-theft"), "The traffic has no credentials in headers or cookies.");
}

#[test]
fn what_only_its_own_endpoints_do_not_show_is_told_apart() {
    let mut traffic = Traffic::new();
    for customer in 0..40 {
        let user = format!("u{customer}");
        traffic.call(Some(&user), ("POST", "/v1/feedback", 201, r#"{"stars":5}"#, r#"{"ok":true}"#));
        traffic.call(Some(&user), ("GET", "/v1/orders", 200, "", ""));
        traffic.call(None, ("DELETE", "/v1/bookings", 204, "", ""));
    }
    let results = traffic.conclude();
    let order = of(&results, "order");
    let reads = "Every endpoint here only reads, and this is told by what is changed.";
    assert_eq!((why_not(order, "mass-assignment"), why_not(order, "sequence-anomaly")), (reads, reads));
    let booking = of(&results, "reservation");
    assert_eq!(booking.users.kinds, BTreeMap::from([("address".to_owned(), 5)]));
    let untold = "These endpoints show no query strings and no request bodies.";
    assert_eq!(why_not(booking, "parameter-tampering"), untold);
    assert_eq!(why_not(booking, "business-flow-abuse"), "5 actors use it; from 12 on they can be compared.");
}

#[test]
fn few_actors_cannot_be_compared() {
    let results = bank(6, true);
    let case = of(&results, "transfer");
    assert_eq!(why_not(case, "bola"), "6 actors use it; from 12 on they can be compared.");
    assert_eq!(why_not(case, "mass-assignment"), "6 actors use it; from 8 on they can be compared.");
    assert!(watching(case).contains(&"account-takeover"), "{:?}", watching(case));
    let personal = of(&results, "personal-data");
    assert_eq!(
        why_not(personal, "data-exfiltration"),
        "The whole traffic has 11 actors; from 12 on they can be compared."
    );
}

#[test]
fn too_little_traffic_watches_nothing() {
    let mut traffic = Traffic::new();
    for _ in 0..9 {
        traffic.call(Some("rosa"), ("POST", "/v1/payments", 201, r#"{"amount":3}"#, r#"{"id":7}"#));
    }
    let results = traffic.conclude();
    let case = of(&results, "payment");
    assert!(case.watched.is_empty(), "{:?}", case.watched);
    let reason = "The whole traffic has 9 exchanges: below 100 nobody can say what is usual.";
    assert_eq!(why_not(case, "business-flow-abuse"), reason);
    assert_eq!(case.unwatched.len(), 2, "one reason is said once: {:?}", case.unwatched);
}

#[test]
fn detections_are_counted_where_they_happened() {
    let mut results = bank(16, true);
    results.detections.clear();
    results.incidents.clear();
    let place = of(&results, "transfer").endpoints[0].id.clone();
    let detection = |id: &str, kind: &str| Detection {
        id: id.to_owned(),
        kind: kind.to_owned(),
        endpoint: place.clone(),
        severity: Severity::Critical,
        actor: ActorRef::default(),
        ..Detection::default()
    };
    results.detections = vec![detection("d1", "bola"), detection("d2", "bola"), detection("d3", "jwt-tampering")];
    let incident = |id: &str, detections: &[&str]| Incident {
        id: id.to_owned(),
        detections: detections.iter().map(|id| (*id).to_owned()).collect(),
        ..Incident::default()
    };
    results.incidents = vec![incident("i1", &["d1", "d2", "d3"]), incident("i2", &["elsewhere"])];
    for _ in 0..2 {
        // Doing it again changes nothing.
        link(&mut results);
        let case = &results.abuse_cases[0];
        assert_eq!((case.function.as_str(), case.severity, case.detections), ("transfer", Severity::Critical, 3));
        assert_eq!(case.incidents, ["i1"]);
        assert_eq!((case.watched[0].kind.as_str(), case.watched[0].detections), ("bola", 2));
        assert!(watching(case).contains(&"jwt-tampering"));
        assert!(of(&results, "login").detections == 0);
    }
}

#[test]
fn a_case_quotes_what_its_function_adds_to_the_risk() {
    let results = bank(16, true);
    let case = of(&results, "transfer");
    assert!(case.risk_reasons.iter().any(|reason| reason.text == "moves money (transfer)"), "{:?}", case.risk_reasons);
    let riskiest = results.endpoints.iter().find(|endpoint| endpoint.id == case.endpoints[0].id).unwrap();
    assert_eq!(case.risk, riskiest.risk.score);
    let known = |text: &str| riskiest.risk.reasons.iter().any(|reason| reason.text == text);
    assert!(case.risk_reasons.iter().all(|reason| known(&reason.text)));
}

#[test]
fn the_api_of_somebody_else_has_no_cases() {
    let service = Service { name: "score.example".into(), direction: Direction::Outbound, ..Service::default() };
    let endpoint =
        Endpoint { service: "score.example".into(), function: Some("payment".into()), ..Endpoint::default() };
    let mut results = Results { services: vec![service], endpoints: vec![endpoint], ..Results::default() };
    let (crowds, actors) = (Crowds::default(), Actors::default());
    conclude(&Known { crowds: &crowds, actors: &actors, sight: Sight::default() }, &mut results);
    assert!(results.abuse_cases.is_empty());
}

#[test]
fn cases_and_their_endpoints_are_bounded_and_what_is_left_out_is_said() {
    let endpoint = |service: usize, number: usize| Endpoint {
        id: format!("{service}-{number}"),
        service: format!("s{service}.example"),
        method: "POST".into(),
        template: format!("/v1/payments/{number}"),
        function: Some("payment".into()),
        ..Endpoint::default()
    };
    let many = (0..ABUSE_ENDPOINTS_LISTED_MAX + 7).map(|number| endpoint(0, number));
    let mut results = Results {
        endpoints: many.chain((1..ABUSE_CASES_MAX + 3).map(|service| endpoint(service, 0))).collect(),
        ..Results::default()
    };
    let (crowds, actors) = (Crowds::default(), Actors::default());
    conclude(&Known { crowds: &crowds, actors: &actors, sight: Sight::default() }, &mut results);
    assert_eq!(results.abuse_cases.len(), ABUSE_CASES_MAX);
    let first = results.abuse_cases.iter().find(|case| case.service == "s0.example").unwrap();
    assert_eq!(first.endpoints.len(), ABUSE_ENDPOINTS_LISTED_MAX);
    assert_eq!(first.endpoint_count, ABUSE_ENDPOINTS_LISTED_MAX as u64 + 7);
    assert_eq!(results.stats.blind_spots, ["3 more abuse cases: only the 500 worst are listed"]);
}
