//! The same three days as the web server of the shop wrote them down: combined format, with the site beside the API.

use std::fmt::Write;

use crate::har::Entry;
use crate::rng::Rng;
use crate::time::clf;
use crate::values;
use crate::words::{BROWSERS, CATEGORIES, SCANNER_PATHS};

/// One in so many calls of the API is in this log: the server is one of several.
const KEEP_SHARE: f64 = 0.5;
/// Lines that no parser can read, as disks and rotations leave them.
const BROKEN: &[&str] = &[
    "203.0.113.50 - - [22/Sep/2026:03:12:",
    "\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xfc\\x03\\x03",
    "-",
    "198.51.100.8 - - [22/Sep/2026:11:40:07 +0000] \"GET /v2/pro",
    "logrotate: rotated /var/log/nginx/access.log",
];

/// Writes the log.
pub(super) fn render(entries: &[Entry], seed: u64) -> String {
    let mut rng = Rng::labeled(seed, "access log");
    let mut lines: Vec<(i64, String)> = Vec::new();
    for entry in entries.iter().filter(|e| e.origin == "https://api.harbor-goods.example.com") {
        if !rng.chance(KEEP_SHARE) {
            continue;
        }
        let referer = entry.request_header("Origin").map_or("-".to_owned(), |o| format!("{o}/"));
        let agent = entry.request_header("User-Agent").unwrap_or("-");
        let request = format!("{} {} HTTP/2.0", entry.method, entry.target());
        push(&mut lines, entry.at, &entry.client_ip, &request, (entry.status, entry.response_len()), (&referer, agent));
        if referer != "-" && rng.chance(0.22) {
            site_page(entry, &mut lines, &mut rng);
        }
        if rng.chance(0.02) {
            let path = rng.word(SCANNER_PATHS);
            let ip = values::public_ip(&mut rng);
            push(
                &mut lines,
                entry.at + 150_000,
                &ip,
                &format!("GET {path} HTTP/1.1"),
                (404, 153),
                ("-", "Mozilla/5.0 zgrab/0.x"),
            );
        }
    }
    lines.sort_by_key(|(at, _)| *at);
    let every = lines.len() / (BROKEN.len() + 1) + 1;
    let mut log = String::new();
    let mut broken = BROKEN.iter();
    for (i, (_, line)) in lines.iter().enumerate() {
        log.push_str(line);
        if i % every == every - 1 {
            let _ = writeln!(log, "{}", broken.next().unwrap_or(&""));
        }
    }
    log
}

/// A page of the site with what it loads.
fn site_page(entry: &Entry, lines: &mut Vec<(i64, String)>, rng: &mut Rng) {
    let agent = entry.request_header("User-Agent").unwrap_or(BROWSERS.first().copied().unwrap_or("-"));
    let category = rng.pick(CATEGORIES).0;
    let page = format!("/shop/{category}");
    let referer = format!("https://www.harbor-goods.example.com{page}");
    let at = entry.at - 900_000;
    push(lines, at, &entry.client_ip, &format!("GET {page} HTTP/2.0"), (200, 18_422), ("-", agent));
    for asset in ["/assets/app.5f2c91aa.js", "/assets/site.93be10.css", "/images/hero-autumn.webp"] {
        if rng.chance(0.4) {
            push(lines, at + 80_000, &entry.client_ip, &format!("GET {asset} HTTP/2.0"), (304, 0), (&referer, agent));
        }
    }
}

fn push(lines: &mut Vec<(i64, String)>, at: i64, ip: &str, request: &str, answer: (u16, usize), from: (&str, &str)) {
    let (status, bytes) = answer;
    let (referer, agent) = from;
    lines.push((at, format!("{ip} - - [{}] \"{request}\" {status} {bytes} \"{referer}\" \"{agent}\"\n", clf(at))));
}
