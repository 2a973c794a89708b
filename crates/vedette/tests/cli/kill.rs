//! What was acknowledged is there exactly once, whenever the server dies, and what it knows is what a server knows that
//! never died.

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
