//! Requests of every kind that a log has to get right, and a service that answers them.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// What must not be in any log.
pub(super) const SECRETS: &[&str] = &[BEARER, API_KEY, PASSWORD];

const BEARER: &str = "v9Qm2xT7pLw4Zr8KdNc1";
const API_KEY: &str = "hk_71c9e04ab5d2f6883e90";
const PASSWORD: &str = "harbor-light";

/// Of `ada` and [`PASSWORD`] (RFC 7617).
const BASIC: &str = "YWRhOmhhcmJvci1saWdodA==";

/// Rounds of the requests below; a caller address each, so that they look like a public.
const ROUNDS: usize = 30;

/// Sends it all over connections of their own, and returns how many requests were sent.
pub(super) fn send(port: u16) -> Result<usize> {
    let mut sent = 0;
    for round in 0..ROUNDS {
        let via = format!("X-Forwarded-For: 203.0.113.{}, 10.0.0.{}\r\n", round + 1, round % 3 + 1);
        let agent = "User-Agent: boats/2.1 (\"quoted\" \\ back; ünïcode)\r\n";
        let basic = format!("Authorization: Basic {BASIC}\r\n");
        let bearer = format!("Authorization: Bearer {BEARER}.{:08}\r\n", round % 7);
        let key = format!("X-API-Key: {API_KEY}{:04}\r\n", round % 5);
        let body = format!("{{\"boat\":{round},\"name\":\"Möwe\"}}");
        let json = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        let requests = [
            ("GET", format!("/v1/private/boats?page={round}&q=%22a%5C%22"), basic, String::new()),
            ("GET", format!("/v1/boats/{}?fields=name,size", 1_000 + round), bearer.clone(), String::new()),
            ("POST", "/v1/berths".to_owned(), bearer + &json, body.clone()),
            ("PUT", format!("/v1/berths/{}?dry-run[]=1&x=%F0%9F%9B%A5", 20 + round), key + &json, body),
            (
                "HEAD",
                "/v1/boats?page=1".to_owned(),
                "Referer: https://www.harbor.example/\"x\r\n".to_owned(),
                String::new(),
            ),
            ("GET", "/missing?why=404".to_owned(), String::new(), String::new()),
        ];
        for (method, target, headers, body) in requests {
            let head = format!("{method} {target} HTTP/1.1\r\nHost: api.harbor.example\r\n{via}{agent}{headers}");
            ensure!(exchange(port, &format!("{head}Connection: close\r\n\r\n{body}"))?.starts_with("HTTP/1.1 "));
            sent += 1;
        }
    }
    // What is no request at all is logged too.
    exchange(port, "\u{16}\u{3}\u{1}nonsense\r\n\r\n").context("sending nonsense")?;
    Ok(sent + 1)
}

fn exchange(port: u16, request: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while let read @ 1.. = stream.read(&mut chunk)? {
        answer.extend(chunk.iter().take(read));
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Starts a service that answers every request with a little JSON, for as long as this process lives; its port.
pub(super) fn backend() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || answer(stream));
        }
    });
    Ok(port)
}

fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !is_complete(&request) {
        match stream.read(&mut chunk) {
            Ok(read) if read > 0 => request.extend(chunk.iter().take(read)),
            _ => return,
        }
    }
    let body = if request.starts_with(b"HEAD") { "" } else { "{\"ok\":true}" };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\nConnection: close\r\n\r\n";
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
}

/// All headers are there, and as much of a body as they announce.
fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let begins = request.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| at + 4);
    request.len() - begins >= length.unwrap_or(0)
}
