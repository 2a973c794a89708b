//! What a capture did not say, told to people.

use std::collections::BTreeMap;

use vedette_model::limits::{CLOSED_TLS_LISTED_MAX, CLOSED_TLS_MAX};
use vedette_model::results::{Capture, ClosedTls, Tls};

use super::Facts;

/// TLS connections that stayed closed, by what is known of them.
#[derive(Debug, Default)]
pub(super) struct Closed {
    /// By name, version, fingerprint and reason: connections and bytes.
    rows: BTreeMap<(String, &'static str, String, &'static str), (u64, u64)>,
    unlisted: u64,
}

impl Closed {
    /// Counts a connection.
    pub(super) fn note(&mut self, facts: &Facts, bytes: u64, reason: &'static str) {
        let tls = facts.tls.clone().unwrap_or_default();
        let name = if tls.name.is_empty() { facts.server.to_string() } else { tls.name };
        let key = (name, tls.version, tls.ja4, reason);
        if self.rows.len() >= CLOSED_TLS_MAX && !self.rows.contains_key(&key) {
            self.unlisted += 1;
            return;
        }
        let row = self.rows.entry(key).or_default();
        row.0 += 1;
        row.1 += bytes;
    }

    /// Lists the most frequent.
    pub(super) fn list(&self, tls: &mut Tls) {
        let mut rows: Vec<ClosedTls> = self
            .rows
            .iter()
            .map(|((name, version, ja4, reason), (connections, bytes))| ClosedTls {
                connections: *connections,
                bytes: *bytes,
                name: name.clone(),
                version: (*version).to_owned(),
                ja4: ja4.clone(),
                reason: (*reason).to_owned(),
            })
            .collect();
        rows.sort_by(|a, b| b.connections.cmp(&a.connections).then_with(|| a.cmp(b)));
        let left_out: u64 = rows.iter().skip(CLOSED_TLS_LISTED_MAX).map(|row| row.connections).sum();
        rows.truncate(CLOSED_TLS_LISTED_MAX);
        tls.closed_by_name = rows;
        tls.closed_unlisted = self.unlisted + left_out;
    }
}

/// What a user must know, the gravest first.
pub(super) fn problems(capture: &Capture) -> Vec<String> {
    let loss = &capture.loss;
    let mut problems = Vec::new();
    let mut say = |is_so: bool, text: String| {
        if is_so {
            problems.push(text);
        }
    };
    let unsupported: Vec<&str> = capture.links.keys().map(String::as_str).filter(|name| !is_read(name)).collect();
    say(
        !unsupported.is_empty(),
        format!(
            "{} of {} packets are of a link layer that is not read ({}); hint: capture on the interface that carries IP",
            not_read(capture, "link layer not supported"),
            capture.packets,
            unsupported.join(", ")
        ),
    );
    say(
        loss.cut_packets > 0,
        format!(
            "{} were recorded only in part, and so were bodies; hint: capture with `-s 0`",
            packets(loss.cut_packets)
        ),
    );
    say(
        loss.dropped_packets > 0,
        format!(
            "the recorder dropped {}; hint: give it a larger buffer (`-B`) or a filter",
            packets(loss.dropped_packets)
        ),
    );
    say(
        loss.lost_bytes > 0,
        format!(
            "{} bytes are missing in {} of TCP streams: exchanges there are incomplete or left out; hint: look for drops of the recorder or the mirror",
            loss.lost_bytes,
            counted(loss.gaps, "place")
        ),
    );
    say(
        capture.tls.closed > 0,
        format!(
            "{} stayed closed ({}); hint: record the client's or server's SSLKEYLOGFILE and give it with --keylog, or capture behind the TLS end",
            counted(capture.tls.closed, "TLS connection"),
            names(&capture.tls)
        ),
    );
    let quic = not_read(capture, "udp port 443 (QUIC, HTTP/3)");
    say(quic > 0, format!("{} of QUIC (HTTP/3) are not read", packets(quic)));
    say(
        capture.http2_broken > 0,
        format!(
            "{} could not be read to the end: after a loss, header compression cannot be undone",
            counted(capture.http2_broken, "HTTP/2 connection")
        ),
    );
    say(
        loss.conflicting > 0,
        format!(
            "{} repeat bytes of a stream with other content; what came first was read",
            counted(loss.conflicting, "TCP segment")
        ),
    );
    say(
        capture.given_up > 0,
        format!("{} were given up because too much was open at once", counted(capture.given_up, "connection")),
    );
    problems
}

fn is_read(link: &str) -> bool {
    link.starts_with("ethernet")
        || link.starts_with("loopback")
        || link.starts_with("raw")
        || link.starts_with("linux")
        || link == "ppp"
}

fn not_read(capture: &Capture, reason: &str) -> u64 {
    capture.not_read.get(reason).copied().unwrap_or_default()
}

fn packets(count: u64) -> String {
    counted(count, "packet")
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The reason of most, and the most frequent names.
fn names(tls: &Tls) -> String {
    let mut by_name: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in &tls.closed_by_name {
        *by_name.entry((&row.name, &row.reason)).or_default() += row.connections;
    }
    let mut rows: Vec<_> = by_name.into_iter().collect();
    rows.sort_by_key(|(name, connections)| (std::cmp::Reverse(*connections), *name));
    let shown = rows.iter().take(3).map(|((name, reason), connections)| format!("{connections} to {name}: {reason}"));
    shown.collect::<Vec<_>>().join("; ")
}
