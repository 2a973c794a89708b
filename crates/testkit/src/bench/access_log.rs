//! A large access log of an API with a site beside it.

use std::io::{self, Write};

use crate::rng::Rng;
use crate::time::clf;
use crate::values::{self, HEX};
use crate::words::{BROWSERS, CLIENTS, SCANNER_PATHS, TOPICS};

/// What to write.
#[derive(Clone, Debug)]
pub struct LogOptions {
    /// Lines.
    pub lines: usize,
    /// Seed.
    pub seed: u64,
    /// Endpoints of the API.
    pub endpoints: usize,
    /// Callers.
    pub actors: usize,
    /// Format.
    pub format: Format,
}

/// Format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Combined log format.
    Combined,
    /// JSON with the names of nginx's variables.
    Json,
}

/// 2026-09-21T00:00:00Z in seconds.
const START_SECS: i64 = 1_789_948_800;
/// Objects of one endpoint.
const OBJECTS: usize = 20_000;
/// Requests of one browser that are for the site, of ten.
const SITE_OF_TEN: usize = 3;

struct Endpoint {
    method: &'static str,
    /// Path up to the id.
    head: String,
    id: Id,
    /// Path after the id.
    tail: String,
    query: &'static str,
    /// Usual size of an answer.
    bytes: i64,
}

#[derive(Clone, Copy)]
enum Id {
    None,
    Number,
    Uuid,
    Slug,
}

struct Line<'a> {
    at: i64,
    ip: &'a str,
    method: &'a str,
    target: &'a str,
    status: u16,
    bytes: i64,
    referer: &'a str,
    agent: &'a str,
    time_ms: i64,
}

/// Writes the log. Times rise; a busy site writes some 40 lines a second.
pub fn access_log(options: &LogOptions, out: &mut impl Write) -> io::Result<()> {
    let mut rng = Rng::labeled(options.seed, "access log");
    let endpoints: Vec<Endpoint> = (0..options.endpoints.max(1)).map(|i| endpoint(i, &mut rng)).collect();
    let slugs: Vec<String> = (0..2_000).map(|_| values::slug(&mut rng)).collect();
    let (mut second, mut stamp) = (0, String::new());
    let (mut ip, mut target) = (String::new(), String::new());
    for number in 0..options.lines {
        let at = START_SECS + i64::try_from(number / 40).unwrap_or(0);
        if at != second {
            (second, stamp) = (at, clf(at * 1_000_000));
        }
        let actor = rng.skewed(options.actors.max(1));
        address(actor, &mut ip);
        target.clear();
        let browser = !actor.is_multiple_of(3);
        let agents = if browser { BROWSERS } else { CLIENTS };
        let agent = agents.get(actor % agents.len()).copied().unwrap_or("-");
        let mut line = Line {
            at,
            ip: &ip,
            method: "GET",
            target: "",
            status: 200,
            bytes: 0,
            referer: if browser { "https://www.example.com/" } else { "-" },
            agent,
            time_ms: rng.between(1, 40) * rng.between(1, 12),
        };
        if browser && rng.below(10) < SITE_OF_TEN {
            (line.status, line.bytes) = site(&mut target, &mut rng);
        } else if rng.below(1000) < 4 {
            target.push_str(rng.word(SCANNER_PATHS));
            (line.status, line.bytes) = (404, 153);
        } else {
            let endpoint = rng.pick_skewed(&endpoints);
            line.method = endpoint.method;
            call(endpoint, &slugs, &mut target, &mut rng);
            line.status = status(endpoint.method, &mut rng);
            line.bytes = if line.status == 204 { 0 } else { endpoint.bytes + rng.between(0, endpoint.bytes) };
        }
        line.target = &target;
        write_line(&line, &stamp, options.format, out)?;
    }
    Ok(())
}

fn endpoint(index: usize, rng: &mut Rng) -> Endpoint {
    let version = rng.pick(&["/v1", "/v2", "/api/v1", "/api"]);
    let method = *rng.pick(&["GET", "GET", "GET", "GET", "POST", "PUT", "DELETE"]);
    let id = *rng.pick(&[Id::None, Id::Number, Id::Number, Id::Uuid, Id::Slug]);
    // A number keeps endpoints apart once the words are used up.
    let again = if index < TOPICS.len() { String::new() } else { format!("-{}", index / TOPICS.len()) };
    let collection = TOPICS.get((index * 37 + 11) % TOPICS.len()).copied().unwrap_or("items");
    let slash = if matches!(id, Id::None) { "" } else { "/" };
    let tail =
        if !matches!(id, Id::None) && rng.chance(0.3) { format!("/{}", rng.word(TOPICS)) } else { String::new() };
    Endpoint {
        method,
        head: format!("{version}/{collection}{again}{slash}"),
        id,
        tail,
        query: rng.word(&["", "", "", "?page=", "?limit=", "?expand=owner&offset="]),
        bytes: rng.between(80, 9_000),
    }
}

fn call(endpoint: &Endpoint, slugs: &[String], target: &mut String, rng: &mut Rng) {
    target.push_str(&endpoint.head);
    let object = rng.skewed(OBJECTS);
    match endpoint.id {
        Id::None => {}
        Id::Number => number(10_000 + object as u64, target),
        Id::Slug => target.push_str(slugs.get(object % slugs.len().max(1)).map_or("none", String::as_str)),
        Id::Uuid => {
            let mut of_object = Rng::new(object as u64 ^ endpoint.bytes as u64);
            let (high, low) = (of_object.bits(), of_object.bits());
            for (i, shift) in (0..16).map(|i| i * 4).enumerate() {
                if i == 8 || i == 12 {
                    target.push('-');
                }
                hex(high >> shift, target);
            }
            for (i, shift) in (0..16).map(|i| i * 4).enumerate() {
                if i == 0 || i == 4 {
                    target.push('-');
                }
                hex(low >> shift, target);
            }
        }
    }
    target.push_str(&endpoint.tail);
    if endpoint.method == "GET" && !endpoint.query.is_empty() {
        target.push_str(endpoint.query);
        number(rng.skewed(50) as u64, target);
    }
}

fn site(target: &mut String, rng: &mut Rng) -> (u16, i64) {
    match rng.below(4) {
        0 => {
            target.push_str("/articles/");
            target.push_str(rng.word(TOPICS));
            (200, 14_220)
        }
        1 => {
            target.push_str("/assets/app.5f2c91aa.js");
            (304, 0)
        }
        2 => {
            target.push_str("/images/");
            number(rng.skewed(400) as u64, target);
            target.push_str(".webp");
            (200, 48_012)
        }
        _ => {
            target.push('/');
            (200, 8_100)
        }
    }
}

fn status(method: &str, rng: &mut Rng) -> u16 {
    match (rng.below(1000), method) {
        (0..12, _) => 401,
        (12..18, _) => 403,
        (18..40, _) => 404,
        (40..44, _) => 500,
        (44..60, "POST" | "PUT") => 422,
        (_, "POST") => 201,
        (_, "DELETE") => 204,
        _ => 200,
    }
}

/// Addresses of the range for benchmarks (RFC 2544) first, then private ones.
fn address(actor: usize, out: &mut String) {
    out.clear();
    if actor < 1 << 17 {
        out.push_str("198.");
        number(18 + (actor >> 16) as u64, out);
    } else {
        out.push_str("10.");
        number((actor >> 16) as u64 & 255, out);
    }
    out.push('.');
    number((actor >> 8) as u64 & 255, out);
    out.push('.');
    number(actor as u64 & 255, out);
}

fn write_line(line: &Line<'_>, stamp: &str, format: Format, out: &mut impl Write) -> io::Result<()> {
    let Line { at, ip, method, target, status, bytes, referer, agent, time_ms } = line;
    match format {
        Format::Combined => {
            writeln!(out, r#"{ip} - - [{stamp}] "{method} {target} HTTP/1.1" {status} {bytes} "{referer}" "{agent}""#)
        }
        Format::Json => writeln!(
            out,
            r#"{{"time":"{}","remote_addr":"{ip}","host":"api.example.com","request_method":"{method}","request_uri":"{target}","server_protocol":"HTTP/1.1","status":{status},"body_bytes_sent":{bytes},"request_time":{}.{:03},"http_referer":"{referer}","http_user_agent":"{agent}"}}"#,
            vedette_model::Timestamp(at * 1_000_000),
            time_ms / 1000,
            time_ms % 1000,
        ),
    }
}

fn hex(digit: u64, out: &mut String) {
    out.push(HEX.get((digit & 15) as usize).map_or('0', |b| char::from(*b)));
}

fn number(n: u64, out: &mut String) {
    if n >= 10 {
        number(n / 10, out);
    }
    out.push(char::from(b'0' + (n % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(seed: u64, format: Format) -> String {
        let mut out = Vec::new();
        let options = LogOptions { lines: 3_000, seed, endpoints: 400, actors: 200_000, format };
        access_log(&options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_line_is_in_its_format_and_the_seed_decides_all() {
        let combined = log(1, Format::Combined);
        assert_eq!(combined, log(1, Format::Combined));
        assert_ne!(combined, log(2, Format::Combined));
        assert_eq!(combined.lines().count(), 3_000);
        assert!(combined.lines().all(|l| l.matches('"').count() == 6 && l.contains(" - - [21/Sep/2026:00:")));
        for line in log(1, Format::Json).lines() {
            let read: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(
                read["status"].is_u64() && read["remote_addr"].as_str().unwrap().parse::<std::net::Ipv4Addr>().is_ok()
            );
        }
    }
}
