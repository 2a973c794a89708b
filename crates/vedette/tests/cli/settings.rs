//! What administrators change while the server runs is in force soon, and costs no exchange.

use std::time::{Duration, Instant};

use crate::server::{Answer, Server, data_folder};

const CLASS: &str =
    "classes:\n  - id: badge-number\n    name: Badge number\n    level: personal\n    keys:\n      strong: [badge]\n";

const SPEC: &str = r#"{"openapi":"3.1.0","info":{"title":"Gate","version":"1"},"servers":[{"url":"https://gate.example"}],
"paths":{"/v1/doors":{"get":{"responses":{"200":{"description":"All doors"}}}}}}"#;

/// Somebody opens a door with a badge.
fn line(id: u32) -> String {
    format!(
        concat!(
            r#"{{"startedDateTime":"2026-11-20T10:00:{:02}Z","time":1,"_id":"e{}","request":{{"method":"POST","#,
            r#""url":"https://gate.example/v1/openings","headers":[],"postData":{{"mimeType":"application/json","#,
            r#""text":"{{\"badge\":\"K-{:05}\"}}"}}}},"response":{{"status":200,"headers":[],"content":{{}}}}}}"#,
            "\n"
        ),
        id % 60,
        id,
        id
    )
}

/// Sends a line until it is taken; returns how often it was told to come back.
fn push(server: &Server, id: u32) -> u32 {
    for refused in 0..1_000 {
        let answer = server.ask("POST", "/v1/exchanges", line(id).as_bytes()).unwrap();
        match answer.status {
            200 => return refused,
            503 => assert!(answer.head.to_ascii_lowercase().contains("retry-after"), "{}", answer.head),
            other => panic!("{other}: {}", String::from_utf8_lossy(&answer.body)),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("never taken");
}

/// Pushes until an answer is as it should be; returns the number of lines so far.
fn push_until(server: &Server, mut id: u32, path: &str, is_so: impl Fn(&Answer) -> bool) -> u32 {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_mins(1) {
        push(server, id);
        id += 1;
        let answer = server.ask("GET", path, b"").unwrap();
        if is_so(&answer) {
            return id;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("never so: {}", String::from_utf8_lossy(&server.ask("GET", path, b"").unwrap().body));
}

#[test]
fn new_classes_and_specifications_are_in_force_without_a_restart() {
    let data = data_folder("settings");
    let log = data.with_extension("log");
    std::fs::write(&log, "203.0.113.4 - - [20/Nov/2026:10:00:00 +0000] \"GET /a HTTP/1.1\" 200 5\n").unwrap();
    let server = Server::start(&data, None, &["--follow", log.to_str().unwrap()]);
    let pushed = push_until(&server, 0, "/v1/endpoints", |answer| answer.json().to_string().contains("/v1/openings"));
    let classes = |answer: &Answer| answer.json().to_string().contains("badge-number");
    assert!(!classes(&server.ask("GET", "/v1/endpoints", b"").unwrap()));

    assert_eq!(server.ask("PUT", "/v1/classes/company", CLASS.as_bytes()).unwrap().status, 201);
    let pushed = push_until(&server, pushed, "/v1/endpoints", classes);

    assert_eq!(server.ask("POST", "/v1/specs", SPEC.as_bytes()).unwrap().status, 201);
    let shadow = |answer: &Answer| answer.json().to_string().contains("shadow-endpoint");
    let pushed = push_until(&server, pushed, "/v1/findings", shadow);

    let rows = server.hunt("select count(*), count(distinct seq) from exchanges where service = 'gate.example'");
    assert_eq!(rows, vec![serde_json::json!([pushed, pushed])], "every line once");
    // Files are followed into the new node.
    let mut more = std::fs::read_to_string(&log).unwrap();
    more.push_str("203.0.113.4 - - [20/Nov/2026:10:00:01 +0000] \"GET /b HTTP/1.1\" 200 5\n");
    std::fs::write(&log, more).unwrap();
    push_until(&server, pushed, "/v1/sources", |answer| {
        let sources = answer.json();
        let followed = sources["items"].as_array().unwrap().iter().find(|source| !source["origin"].is_null()).cloned();
        followed.is_some_and(|source| source["accepted"] == 2 && source["origin"]["waiting_bytes"] == 0)
    });
    server.stop();
}
