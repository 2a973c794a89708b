//! What was acknowledged is there exactly once, whenever the server dies, and what it knows is what a server knows that
//! never died.

use std::io::Write as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::server::{Server, data_folder};

/// How often the server is killed.
const KILLS: u64 = 200;
/// Requests that are acknowledged at least between two kills, on the average.
const BATCHES: u64 = 3 * KILLS;

#[test]
fn what_was_acknowledged_is_there_exactly_once_after_hundreds_of_kills() {
    let data = data_folder("killed");
    let mut random = Random(0x7ed3_77e5);
    let mut next = 0;
    let mut token: Option<String> = None;
    for _ in 0..KILLS {
        let server = Server::start(&data, token.as_deref(), SHORT);
        token = Some(server.token().to_owned());
        let ask = server.asker();
        let from = next;
        let client = thread::spawn(move || {
            let mut next = from;
            // What was not acknowledged is sent again after the restart, under the same ids.
            while next < BATCHES
                && ask("POST", "/v1/exchanges", &batch(next)).is_some_and(|answer| answer.status == 200)
            {
                next += 1;
            }
            next
        });
        thread::sleep(Duration::from_micros(random.next() % 120_000));
        server.kill();
        next = client.join().unwrap();
    }
    let server = Server::start(&data, token.as_deref(), SHORT);
    while next < BATCHES {
        assert_eq!(server.ask("POST", "/v1/exchanges", &batch(next)).unwrap().status, 200);
        next += 1;
    }
    let expected: u64 = (0..BATCHES).map(exchanges).sum();
    let rows = server.hunt("select count(*), count(distinct path) from exchanges");
    assert_eq!(rows[0][0], expected, "rows");
    assert_eq!(rows[0][1], expected, "each of them once");
    server.stop();

    let calm = data_folder("calm");
    // Tokens are hashed with the key of the folder.
    std::fs::create_dir_all(&calm).unwrap();
    std::fs::copy(data.join("key"), calm.join("key")).unwrap();
    let server = Server::start(&calm, None, SHORT);
    for number in 0..BATCHES {
        assert_eq!(server.ask("POST", "/v1/exchanges", &batch(number)).unwrap().status, 200);
    }
    server.stop();
    let (killed, calm) = (results(&data), results(&calm));
    assert_eq!(killed["stats"]["exchanges"], expected);
    let difference = difference("", &killed, &calm);
    assert!(difference.is_none(), "{difference:?}");
}

#[test]
fn a_followed_log_is_there_exactly_once_through_kills_and_rotations() {
    const ROUNDS: u64 = 40;
    const PER_ROUND: u64 = 25;
    let data = data_folder("killed-follower");
    let folder = data_folder("killed-follower-logs");
    std::fs::create_dir_all(&folder).unwrap();
    let log = folder.join("access.log");
    let arguments = [SHORT, &["--follow", log.to_str().unwrap()]].concat();
    let mut random = Random(0xf0_110e_d5ee_d001);
    let mut token: Option<String> = None;
    for round in 0..ROUNDS {
        let write = |part: std::ops::Range<u64>| {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
            let lines = part.map(|at| log_line(round * PER_ROUND + at)).collect::<String>();
            // In two writes, so that a line can be met half written.
            let (begin, end) = lines.as_bytes().split_at(lines.len() - 7);
            file.write_all(begin).unwrap();
            thread::sleep(Duration::from_millis(2));
            file.write_all(end).unwrap();
        };
        // Some while nobody looks.
        write(0..10);
        let server = Server::start(&data, token.as_deref(), &arguments);
        token = Some(server.token().to_owned());
        write(10..20);
        thread::sleep(Duration::from_micros(random.next() % 200_000));
        if round % 6 == 5 {
            rotate(&log);
        }
        write(20..PER_ROUND);
        thread::sleep(Duration::from_micros(random.next() % 200_000));
        server.kill();
    }
    let expected = ROUNDS * PER_ROUND;
    let server = Server::start(&data, token.as_deref(), &arguments);
    let counted = || server.hunt("select count(*), count(distinct path) from exchanges")[0].clone();
    let begun = std::time::Instant::now();
    while counted()[0].as_u64().unwrap() < expected && begun.elapsed() < Duration::from_mins(1) {
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(counted(), serde_json::json!([expected, expected]), "each line once");
    server.stop();
    let server = Server::start(&data, token.as_deref(), &arguments);
    thread::sleep(Duration::from_millis(500));
    let rows = server.hunt("select count(*), count(distinct path) from exchanges");
    assert_eq!(rows[0], serde_json::json!([expected, expected]), "and not again");
    server.stop();
    assert_eq!(results(&data)["stats"]["exchanges"], expected);
}

/// A line of a combined log; each has a path of its own.
fn log_line(number: u64) -> String {
    let (minute, second) = (number / 60 % 60, number % 60);
    format!(
        "203.0.113.{} - - [20/Nov/2026:10:{minute:02}:{second:02} +0000] \"GET /v1/orders/{} HTTP/1.1\" 200 512 \"-\" \"curl/8.5\"\n",
        number % 9,
        500_000 + number
    )
}

/// As logrotate does it: what is there moves up by one, and the program begins a new file.
fn rotate(log: &Path) {
    let numbered = |number: u32| log.with_extension(format!("log.{number}"));
    for number in (1..20).rev().filter(|number| numbered(*number).exists()) {
        std::fs::rename(numbered(number), numbered(number + 1)).unwrap();
    }
    std::fs::rename(log, numbered(1)).unwrap();
}

/// Where two documents differ first.
fn difference(place: &str, left: &Value, right: &Value) -> Option<String> {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) if left.keys().eq(right.keys()) => {
            left.iter().find_map(|(key, value)| difference(&format!("{place}/{key}"), value, &right[key]))
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(at, (left, right))| difference(&format!("{place}/{at}"), left, right))
        }
        _ => (left != right).then(|| format!("{place}: {left} after kills, {right} without")),
    }
}

/// Snapshots and flushes so often that kills hit them.
const SHORT: &[&str] = &["--config", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/kill.toml")];

/// Exchanges of a batch.
fn exchanges(batch: u64) -> u64 {
    1 + batch % 7
}

/// Batch `number`: each exchange has a path and an event id of its own.
fn batch(number: u64) -> Vec<u8> {
    let mut lines = String::new();
    for at in 0..exchanges(number) {
        let id = number * 10 + at;
        let user = id % 17;
        lines.push_str(&format!(
            concat!(
                r#"{{"startedDateTime":"2026-11-20T10:{:02}:{:02}Z","time":12,"_id":"e{}","#,
                r#""request":{{"method":"GET","url":"https://shop.example/v1/orders/{}","headers":[{{"name":"Authorization","value":"Bearer token-of-{}"}}]}},"#,
                r#""response":{{"status":200,"headers":[{{"name":"Content-Type","value":"application/json"}}],"content":{{"mimeType":"application/json","text":"{{\"id\":{},\"total\":{}}}"}}}}}}"#,
                "\n"
            ),
            (id / 60) % 60,
            id % 60,
            id,
            100_000 + id,
            user,
            100_000 + id,
            id % 50
        ));
    }
    lines.into_bytes()
}

/// What a server wrote down when it stopped, without the numbers of records: a batch that came twice is counted twice as
/// received, although its exchanges are not.
fn results(data: &Path) -> Value {
    let file = std::fs::read(data.join("tenants/default/learned/results.json.zst")).unwrap();
    let mut results: Value = serde_json::from_slice(&zstd::decode_all(file.as_slice()).unwrap()).unwrap();
    strip(&mut results);
    // What is watched is not stored: a server that was killed watches anew.
    for watched in ["detections", "incidents"] {
        results[watched] = Value::Null;
    }
    results
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for key in ["exchange", "record", "records", "bytes", "order", "unreadable_samples"] {
                object.remove(key);
            }
            object.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Xorshift, so that a failure can be run again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
