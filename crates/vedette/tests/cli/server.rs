//! A server of a test: the real binary on a port of its own, and a client that needs no runtime.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// A running server. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// `127.0.0.1:4711`.
    address: String,
    /// The token of the first start, or the one that was given.
    token: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.head, String::from_utf8_lossy(&self.body)))
    }
}

impl Server {
    /// Starts `vedette serve` on a data folder. `token` is that of an earlier start; the first one prints its own.
    pub(crate) fn start(data: &Path, token: Option<&str>, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vedette"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(more);
        command.env_remove("VEDETTE_CONFIG").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = lines(&mut child);
        let mut address = None;
        let mut said = Vec::new();
        let mut own = token.map(str::to_owned);
        // The token, when there is one, follows the address.
        while address.is_none() || own.is_none() {
            let line = lines.recv_timeout(Duration::from_mins(1)).unwrap_or_else(|_| panic!("no start: {said:#?}"));
            if let Some(url) = line.strip_prefix("listening on http://") {
                address = Some(url.to_owned());
            }
            if let Some(token) = line.strip_prefix("admin token: ") {
                own = Some(token.to_owned());
            }
            said.push(line);
        }
        // What it says later must not block it.
        thread::spawn(move || lines.iter().for_each(drop));
        Self { child, address: address.unwrap(), token: own.unwrap() }
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Ends at once, as a power cut ends the process.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends in order.
    pub(crate) fn stop(mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success());
        assert!(self.child.wait().unwrap().success());
    }

    /// A request with the token.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
        request(&self.address, &self.token, method, path, body)
    }

    /// As [`Server::ask`], from another thread.
    pub(crate) fn asker(&self) -> impl Fn(&str, &str, &[u8]) -> Option<Answer> + Send + 'static {
        let (address, token) = (self.address.clone(), self.token.clone());
        move |method, path, body| request(&address, &token, method, path, body)
    }

    /// A hunt's rows.
    pub(crate) fn hunt(&self, sql: &str) -> Vec<serde_json::Value> {
        let body = serde_json::json!({ "sql": sql }).to_string();
        let answer = self.ask("POST", "/v1/hunts/run", body.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()["rows"].as_array().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(child: &mut Child) -> Receiver<String> {
    let stderr = BufReader::new(child.stderr.take().unwrap());
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// None when the server is gone before it answered whole.
fn request(address: &str, token: &str, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
    let content = if path.starts_with("/v1/exchanges") { "application/x-ndjson" } else { "application/json" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\nContent-Type: {content}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let mut body = answer.split_off(end + 4);
    let lower = head.to_ascii_lowercase();
    if lower.contains("transfer-encoding: chunked") {
        body = unchunked(&body)?;
    } else {
        let length = lower.split("content-length: ").nth(1)?.split_whitespace().next()?.parse::<usize>().ok()?;
        if body.len() != length {
            return None;
        }
    }
    Some(Answer { status, head, body })
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?.trim(), 16).ok()?;
        if length == 0 {
            return Some(out);
        }
        out.extend_from_slice(rest.get(end + 2..end + 2 + length)?);
        rest = rest.get(end + 4 + length..)?;
    }
}

/// A data folder of one test, empty.
pub(crate) fn data_folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("serve").join(test);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}
