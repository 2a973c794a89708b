//! Claims about scenarios.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::har;

fn options(profile: Profile, seed: u64, attacks: bool) -> Options {
    Options { profile, seed, exchanges: 2_000, days: 3, attacks, bodies: true }
}

fn rows(scenario: &Scenario) -> Vec<serde_json::Value> {
    scenario.truth.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn every_table_is_understood() {
    for profile in Profile::ALL {
        assert_eq!(Api::read(profile.table()).mistakes, Vec::<String>::new(), "{}", profile.name());
        assert_eq!(profile.name().parse::<Profile>().unwrap(), *profile);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for profile in Profile::ALL {
        let (one, two) = (generate(&options(*profile, 5, true)), generate(&options(*profile, 5, true)));
        assert_eq!(har::write_all(&one.traffic), har::write_all(&two.traffic));
        assert_eq!(one.truth, two.truth);
        assert_ne!(one.truth, generate(&options(*profile, 6, true)).truth);
        assert!(one.traffic.is_sorted_by_key(|e| e.at));
        assert_eq!(one.templates.lines().count(), one.traffic.len());
    }
}

#[test]
fn truth_points_at_exchanges_of_its_actors() {
    for profile in Profile::ALL {
        let scenario = generate(&options(*profile, 7, true));
        for row in rows(&scenario) {
            let addresses: BTreeSet<&str> =
                row["actor"].as_array().unwrap().iter().filter_map(|a| a["ip"].as_str()).collect();
            let users: BTreeSet<&str> =
                row["actor"].as_array().unwrap().iter().filter_map(|a| a["user"].as_str()).collect();
            assert!(!row["exchanges"].as_array().unwrap().is_empty());
            for line in row["exchanges"].as_array().unwrap() {
                let entry = &scenario.traffic[line.as_u64().unwrap() as usize];
                assert!(addresses.contains(entry.client_ip.as_str()), "{row}");
                let subject = subject(entry).and_then(|(_, who)| who.strip_prefix("user ").map(str::to_owned));
                assert!(subject.is_none_or(|s| users.contains(s.as_str())), "{row}");
            }
        }
    }
}

#[test]
fn every_claimed_kind_appears_over_some_seeds() {
    for profile in Profile::ALL {
        let mut seen = BTreeSet::new();
        for seed in 1..3 {
            for row in rows(&generate(&options(*profile, seed, true))) {
                seen.insert(row["kind"].as_str().unwrap().to_owned());
            }
        }
        let claimed: BTreeSet<String> = profile.attacks().into_iter().map(str::to_owned).collect();
        assert_eq!(seen, claimed, "{}", profile.name());
    }
}

#[test]
fn a_clean_world_has_no_truth_and_about_the_size_that_was_asked_for() {
    for profile in Profile::ALL {
        let scenario = generate(&options(*profile, 3, false));
        assert_eq!(scenario.truth, "");
        let made = scenario.traffic.len();
        assert!((1_400..2_700).contains(&made), "{}: {made}", profile.name());
    }
}

#[test]
fn without_bodies_sizes_remain() {
    let scenario = generate(&Options { bodies: false, ..options(Profile::Bank, 3, false) });
    assert!(scenario.traffic.iter().all(|e| e.request_body.is_none() && e.response_body.is_none()));
    assert!(scenario.traffic.iter().any(|e| e.response_len() > 500));
}

/// Who sent it, as far as a test needs to know: the credential, with the refreshed ones of an app taken together.
fn sender(entry: &Entry, owners: &BTreeMap<String, String>) -> Option<String> {
    let shown = ["Authorization", "Cookie", "X-Api-Key"].iter().find_map(|n| entry.request_header(n))?;
    Some(owners.get(shown).cloned().unwrap_or_else(|| shown.to_owned()))
}

#[test]
fn ids_in_paths_of_customers_were_nearly_always_given_before() {
    for profile in Profile::ALL {
        let scenario = generate(&options(*profile, 11, false));
        let owners: BTreeMap<String, String> =
            scenario.traffic.iter().filter_map(|e| subject(e).or_else(|| session(e))).collect();
        let mut given: BTreeMap<String, String> = BTreeMap::new();
        let (mut explained, mut all) = (0, 0);
        for entry in &scenario.traffic {
            let Some(who) = sender(entry, &owners) else { continue };
            let template = entry.template.clone().unwrap_or_default();
            let keyed = *profile != Profile::Agents && entry.request_header("X-Api-Key").is_some();
            let program = who.starts_with("client ") || keyed || template.starts_with("/v1/sync");
            let known = given.entry(who).or_default();
            for (segment, id) in template.split('/').zip(entry.path.split('/')) {
                if segment.starts_with('{') && !program {
                    all += 1;
                    explained += usize::from(known.contains(id));
                }
            }
            known.push_str(entry.response_body.as_ref().map_or("", |b| &b.text));
        }
        assert!(all == 0 || explained * 100 >= all * 93, "{}: {explained} of {all}", profile.name());
    }
}

/// Subject of a bearer token, by the header.
fn subject(entry: &Entry) -> Option<(String, String)> {
    use base64::Engine;
    let header = entry.request_header("Authorization")?;
    let payload = header.split('.').nth(1)?;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    let kind = if claims.get("client_id").is_some() { "client" } else { "user" };
    Some((header.to_owned(), format!("{kind} {}", claims["sub"].as_str()?)))
}

/// Login name of a session, by the cookie that the login answers.
fn session(entry: &Entry) -> Option<(String, String)> {
    let (_, cookie) = entry.response_headers.iter().find(|(n, _)| n == "Set-Cookie")?;
    let body: serde_json::Value = serde_json::from_str(&entry.request_body.as_ref()?.text).ok()?;
    Some((cookie.split(';').next()?.to_owned(), format!("user {}", body["email"].as_str()?)))
}

#[test]
fn small_and_long_scenarios_are_made_as_well() {
    for profile in Profile::ALL {
        for (exchanges, days) in [(200, 1), (1_000, 10)] {
            let scenario = generate(&Options { exchanges, days, ..options(*profile, 2, true) });
            assert!(scenario.traffic.len() > 100 && !scenario.truth.is_empty());
        }
    }
}
