//! What tshark sees in a capture, from its PDML: one field per line, with the size of each.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::Seen;
use super::scene::Scene;
use crate::ci::output;

/// What was seen.
#[derive(Default)]
pub(super) struct Read {
    pub(super) exchanges: Vec<Seen>,
    /// TCP connections with a client hello.
    pub(super) client_hellos: u64,
}

/// Requests or responses of a connection: first line (method and target, or status), bytes of the body.
#[derive(Default)]
struct Connection {
    requests: Vec<(String, String, u64)>,
    responses: Vec<(u16, u64)>,
    /// By stream id of HTTP/2.
    streams: BTreeMap<u32, Seen>,
    has_hello: bool,
}

/// The message that is being read.
#[derive(Default)]
struct Message {
    method: Option<String>,
    target: String,
    status: Option<u16>,
    body: u64,
}

/// Reads a capture.
pub(super) fn read(capture: &Path, scene: &Scene) -> Result<Read> {
    let mut tshark = Command::new("tshark");
    tshark.arg("-r").arg(capture).args(["-T", "pdml", "-o"]).arg(format!("tls.keylog_file:{}", scene.keys().display()));
    tshark.args(["-d", &format!("tcp.port=={},http", scene.http1)]);
    for port in [scene.http2, scene.trailers] {
        tshark.args(["-d", &format!("tcp.port=={port},http2")]);
    }
    for port in [scene.tls13, scene.tls12] {
        tshark.args(["-d", &format!("tcp.port=={port},tls")]);
    }
    let text = String::from_utf8_lossy(&output(&mut tshark)?).into_owned();
    let mut connections: BTreeMap<u32, Connection> = BTreeMap::new();
    for packet in text.split("<packet>").skip(1) {
        let number = |name: &str| field(packet, name).and_then(|line| attribute(line, "show")?.parse::<u32>().ok());
        let (Some(stream), Some(from)) = (number("tcp.stream"), number("tcp.srcport")) else { continue };
        let is_request = ![scene.http1, scene.http2, scene.trailers, scene.tls13, scene.tls12].contains(&(from as u16));
        let connection = connections.entry(stream).or_default();
        connection.has_hello |= packet.contains("name=\"tls.handshake.type\"") && packet.contains("Client Hello (1)");
        for proto in packet.split("<proto ").skip(1) {
            match attribute(proto.lines().next().unwrap_or_default(), "name") {
                Some("http") => connection.http1(proto),
                Some("http2") => connection.http2(proto, is_request),
                _ => {}
            }
        }
    }
    let mut read = Read::default();
    for connection in connections.into_values() {
        read.client_hellos += u64::from(connection.has_hello);
        let pairs = connection.requests.into_iter().zip(connection.responses);
        let is_answer = |seen: &Seen| !seen.0.is_empty();
        read.exchanges.extend(pairs.map(|((method, target, sent), (status, got))| (method, target, status, sent, got)));
        read.exchanges.extend(connection.streams.into_values().filter(is_answer));
    }
    Ok(read)
}

impl Connection {
    fn http1(&mut self, proto: &str) {
        let mut message = Message::default();
        for line in proto.lines() {
            let show = || attribute(line, "show").unwrap_or_default();
            match attribute(line, "name") {
                Some("http.request.method") => message.method = Some(show().to_owned()),
                Some("http.request.uri") => message.target = unescape(show()),
                Some("http.response.code") => message.status = show().parse().ok(),
                Some("http.file_data") => message.body = size(line),
                _ => {}
            }
        }
        match (message.method, message.status) {
            (Some(method), _) => self.requests.push((method, message.target, message.body)),
            (None, Some(status)) if status >= 200 => self.responses.push((status, message.body)),
            _ => {}
        }
    }

    fn http2(&mut self, proto: &str, is_request: bool) {
        for frame in proto.split("name=\"http2.stream\"").skip(1) {
            let Some(id) = field(frame, "http2.streamid").and_then(|line| attribute(line, "show")?.parse().ok()) else {
                continue;
            };
            let seen = self.streams.entry(id).or_default();
            let sent = if is_request { &mut seen.3 } else { &mut seen.4 };
            *sent += data_bytes(frame);
            for line in frame.lines() {
                let show = || attribute(line, "show").unwrap_or_default();
                match attribute(line, "name") {
                    Some("http2.headers.method") => show().clone_into(&mut seen.0),
                    Some("http2.headers.path") => seen.1 = unescape(show()),
                    Some("http2.headers.status") if show() != "100" => seen.2 = show().parse().unwrap_or(0),
                    _ => {}
                }
            }
        }
    }
}

/// Bytes that a frame adds to a body: its length without padding, when it is a DATA frame.
fn data_bytes(frame: &str) -> u64 {
    let number = |name: &str| field(frame, name).and_then(|line| attribute(line, "show")?.parse::<u64>().ok());
    let is_padded = number("http2.flags.padded") == Some(1);
    let padding = number("http2.pad_length").filter(|_| is_padded).map_or(0, |padding| padding + 1);
    if number("http2.type") == Some(0) { number("http2.length").unwrap_or(0).saturating_sub(padding) } else { 0 }
}

fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let wanted = format!("name=\"{name}\"");
    text.lines().find(|line| line.contains(&wanted))
}

fn size(line: &str) -> u64 {
    attribute(line, "size").and_then(|size| size.parse().ok()).unwrap_or(0)
}

fn attribute<'t>(line: &'t str, name: &str) -> Option<&'t str> {
    let start = line.find(&format!("{name}=\""))? + name.len() + 2;
    line.get(start..)?.split('"').next()
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
