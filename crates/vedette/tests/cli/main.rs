//! The real binary at its boundary: arguments in, documents, words and exit codes out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::format_push_string,
    reason = "a test that cannot go on fails"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

mod abuse;
mod analyze;
mod backup;
mod bad_input;
mod captures;
mod classes;
mod erase;
mod gateway;
mod hunt;
mod identity;
mod kill;
mod logs;
mod openapi;
mod owners;
mod privacy;
mod sample;
mod server;
mod settings;
mod specs;

/// What a run said.
struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Said {
    /// The results document that it printed.
    fn results(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}{}", self.stdout, self.stderr))
    }
}

/// Runs `vedette` in `folder` with `input` as standard input.
fn vedette(folder: &Path, arguments: &[&str], input: &[u8]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vedette"));
    command.args(arguments).current_dir(folder).env_remove("NO_COLOR").env_remove("VEDETTE_HASH_KEY");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A run that does not read its input closes the pipe; that is no failure of the test.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    let said =
        Said { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) };
    assert!(!said.stderr.contains("panicked"), "{}", said.stderr);
    said
}

/// An empty folder of one test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Lines of a combined access log: people read boats, one of them sends a token in the URL.
fn access_log() -> String {
    let mut log = String::new();
    for n in 0..60 {
        let (minute, client, boat) = (n, n % 7, 1000 + n * 37);
        log += &format!(
            "198.51.100.{client} - - [21/Sep/2026:14:{minute:02}:20 +0000] \"GET /v1/boats/{boat}?access_token=9f8e7d6c5b4a39281706f5e4d3c2b1a0 HTTP/1.1\" \
             200 512 \"-\" \"curl/8.5.0\"\n"
        );
    }
    log
}

/// One HAR entry with a bearer token, personal data in the answer and a card number in the request.
fn har_entry(n: usize) -> String {
    serde_json::json!({
        "startedDateTime": format!("2026-09-21T14:{:02}:20Z", n % 60), "time": 12,
        "request": {
            "method": "POST", "url": format!("https://api.harbor.example/v1/berths/{}/payments", 200 + n),
            "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [], "headersSize": -1, "bodySize": -1,
            "headers": [
                {"name": "Authorization", "value": format!("Bearer {TOKEN}")},
                {"name": "Content-Type", "value": "application/json"},
            ],
            "postData": {"mimeType": "application/json", "text": format!("{{\"card\":\"{}\",\"amount\":{n}}}", card(n))},
        },
        "response": {
            "status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": "",
            "headersSize": -1, "bodySize": -1, "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"size": 60, "mimeType": "application/json", "text": format!("{{\"owner\":{{\"email\":\"{EMAIL}\"}},\"id\":{n}}}")},
        },
        "cache": {}, "timings": {"send": 0, "wait": 12, "receive": 0},
    })
    .to_string()
}

/// Values that must never be shown.
const TOKEN: &str = "tok_4f9aQz81LmX02bVw7RtYpK3c";
const CARD: &str = "453957876362";
const EMAIL: &str = "ada.lovelace@mail.example";

/// A card number that begins with [`CARD`] and has a right check digit (ISO/IEC 7812).
fn card(n: usize) -> String {
    let digits = format!("{CARD}{:03}", n % 1000);
    let doubled = digits.bytes().rev().enumerate().map(|(at, digit)| match (at % 2, usize::from(digit - b'0')) {
        (0, digit) if digit > 4 => 2 * digit - 9,
        (0, digit) => 2 * digit,
        (_, digit) => digit,
    });
    format!("{digits}{}", (10 - doubled.sum::<usize>() % 10) % 10)
}
