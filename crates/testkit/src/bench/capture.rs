//! A packet capture of exchanges with JSON bodies.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};

use vedette_parse::capture::script::{Talk, header, record};

use super::BodyOptions;
use super::bodies::entries;
use crate::har::Entry;

/// Connections open at once.
const CONNECTIONS: usize = 64;

/// Exchanges of one connection before its client opens another.
const EXCHANGES: usize = 50;

/// Writes a pcap file: HTTP/1.1 in clear, connections interleaved.
pub fn capture(options: &BodyOptions, out: &mut impl Write) -> io::Result<()> {
    let server = SocketAddr::from(([198, 51, 100, 7], 80));
    let mut talks: Vec<Option<Talk>> = (0..CONNECTIONS).map(|_| None).collect();
    let mut bytes = header(1);
    let mut outcome = Ok(());
    entries(options, |number, entry| {
        let (slot, use_of_slot) = (number % CONNECTIONS, number / CONNECTIONS);
        let Some(talk) = talks.get_mut(slot) else { return };
        if use_of_slot.is_multiple_of(EXCHANGES) {
            if let Some(old) = talk.as_mut() {
                flush(old.close(), &mut bytes);
            }
            let ip = entry.client_ip.parse().unwrap_or(IpAddr::from([203, 0, 113, 9]));
            let port = 1_024 + (number % 60_000) as u16;
            *talk = Some(Talk::open(SocketAddr::new(ip, port), server, entry.at));
        }
        let Some(talk) = talk.as_mut() else { return };
        talk.until(entry.at).ask(request(&entry)).answer(response(&entry));
        flush(talk, &mut bytes);
        if outcome.is_ok() {
            outcome = out.write_all(&bytes);
        }
        bytes.clear();
    });
    for talk in talks.iter_mut().flatten() {
        flush(talk.close(), &mut bytes);
    }
    outcome?;
    out.write_all(&bytes)
}

fn flush(talk: &mut Talk, bytes: &mut Vec<u8>) {
    for packet in talk.packets.drain(..) {
        record(bytes, packet.at, &packet.frame());
    }
}

fn request(entry: &Entry) -> String {
    let query: Vec<String> = entry.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let body = entry.request_body.as_ref().map(|body| body.text.as_str()).unwrap_or_default();
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let fields = fields(&entry.request_headers);
    format!("{} {}{query} HTTP/1.1\r\nhost: api.example.com\r\n{fields}{length}\r\n{body}", entry.method, entry.path)
}

fn response(entry: &Entry) -> String {
    let body = entry.response_body.as_ref().map(|body| body.text.as_str()).unwrap_or_default();
    let fields = fields(&entry.response_headers);
    format!("HTTP/1.1 {} OK\r\n{fields}content-length: {}\r\n\r\n{body}", entry.status, body.len())
}

fn fields(headers: &[(String, String)]) -> String {
    headers.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect()
}

#[cfg(test)]
mod tests {
    use vedette_parse::capture::{Capture, Finished};

    use super::*;

    #[test]
    fn every_exchange_is_in_the_capture() {
        let mut file = Vec::new();
        capture(&BodyOptions { exchanges: 5_000, bytes: 500, seed: 1 }, &mut file).unwrap();
        let (mut reader, mut finished) = (Capture::new(None), Finished::default());
        reader.feed(&file, &mut finished, usize::MAX);
        reader.finish(&mut finished);
        assert_eq!(finished.iter().count(), 5_000);
        let summary = reader.summary();
        assert_eq!((summary.unanswered, summary.loss.lost_bytes, summary.midstream), (0, 0, 0));
    }
}
