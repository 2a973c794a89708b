//! `vedette identity`: rules of who calls are tried, then used.

use std::fs;

use super::{folder, vedette};

const RULES: &str = "actors:\n  - kind: user\n    header: X-Account\n    steps: [{regex: '^acct-(\\d+)$'}]\n  - {kind: client, query: app}\n";

const SHOWN: &str = "
1  user from header x-account, regex
   names 4 actors in 8 exchanges, such as 1, 2, 3, 4
   stuck in 2 exchanges: regex gives nothing
   2 exchanges have nothing there

2  client from query app
   names 1 actor in 2 exchanges, such as ledger
   10 exchanges have nothing there

of 12 exchanges 2 are left to what is recognized without rules: credentials, then the address
";

/// Twelve exchanges: accounts 1 to 4 twice each, two guests, two of an application.
fn traffic() -> Vec<u8> {
    let line = |id: usize, account: &str, query: &str| {
        format!(
            concat!(
                r#"{{"startedDateTime":"2026-11-20T10:00:{:02}Z","time":1,"_client":{{"ip":"203.0.113.9"}},"#,
                r#""request":{{"method":"GET","url":"https://shop.example/v1/orders/{}{}","headers":[{}]}},"#,
                r#""response":{{"status":200,"headers":[],"content":{{}}}}}}"#,
                "\n"
            ),
            id, id, query, account
        )
    };
    let account = |name: &str| format!(r#"{{"name":"x-account","value":"{name}"}}"#);
    let accounts = (0..8).map(|id| line(id, &account(&format!("acct-{}", id % 4 + 1)), ""));
    let guests = (8..10).map(|id| line(id, &account("guest"), ""));
    let applications = (10..12).map(|id| line(id, "", "?app=ledger"));
    accounts.chain(guests).chain(applications).collect::<String>().into_bytes()
}

#[test]
fn rules_are_tried_on_traffic_and_say_where_they_are_stuck() {
    let folder = folder("identity");
    fs::write(folder.join("identity.yaml"), RULES).unwrap();
    let said = vedette(&folder, &["identity", "-", "--identity", "identity.yaml", "--threads", "1"], &traffic());
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_eq!(said.stdout, SHOWN);
    let json = vedette(&folder, &["identity", "-", "--identity", "identity.yaml", "--json"], &traffic()).results();
    assert_eq!((json["exchanges"].as_u64(), json["unnamed"].as_u64()), (Some(12), Some(2)));
    assert_eq!(json["rules"][0]["stuck"]["1"], 2);
}

#[test]
fn actors_have_the_names_that_rules_give() {
    let folder = folder("identity-analyze");
    fs::write(folder.join("identity.yaml"), RULES).unwrap();
    let results = vedette(&folder, &["analyze", "-", "--json", "--identity", "identity.yaml"], &traffic()).results();
    let mut names: Vec<&str> =
        results["actors"].as_array().unwrap().iter().map(|a| a["identifiers"][0]["value"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["1", "2", "203.0.113.9", "3", "4", "ledger"]);
}

#[test]
fn what_is_no_rule_is_refused_with_its_place() {
    let folder = folder("identity-bad");
    fs::write(folder.join("identity.yaml"), "actors:\n  - {kind: user}\n").unwrap();
    for arguments in [&["identity", "-", "--identity", "identity.yaml"][..], &["identity", "-"]] {
        let said = vedette(&folder, arguments, &traffic());
        assert_eq!(said.code, 2);
        assert!(said.stderr.contains("hint:"), "{}", said.stderr);
    }
}
