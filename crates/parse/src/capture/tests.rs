//! Captures in, exchanges out.

use std::net::SocketAddr;

use vedette_model::results;

use super::script::{self, Packet, Talk};
use super::{Capture, Finished, exchange};

mod http1;
mod http2;
mod loss;
mod network;
mod properties;

/// An exchange in a line.
type Line = String;

fn end(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A connection from 192.0.2.1 to 198.51.100.7.
fn talk() -> Talk {
    Talk::open(end("192.0.2.1:50000"), end("198.51.100.7:80"), 1_700_000_000_000_000)
}

fn read(file: &[u8]) -> (Vec<Line>, results::Capture) {
    let mut capture = Capture::new(None);
    let mut out = Finished::default();
    assert_eq!(capture.feed(file, &mut out, usize::MAX), file.len());
    capture.finish(&mut out);
    let lines = out.iter().map(|record| {
        let x = exchange(record).unwrap();
        let body = |body: &Option<std::borrow::Cow<'_, [u8]>>| {
            let body = body.as_deref().unwrap_or_default();
            if body.len() > 40 { format!("[{}]", body.len()) } else { String::from_utf8_lossy(body).into_owned() }
        };
        let query = x.query.as_deref().map(|query| format!("?{query}")).unwrap_or_default();
        let anomalies: Vec<String> = x.anomalies.iter().map(|anomaly| format!(" {anomaly:?}")).collect();
        format!(
            "{} {}{}{query} {:?} -> {} {:?} ({} {}){}",
            x.method,
            x.host.as_deref().unwrap_or_default(),
            x.path,
            body(&x.request_body),
            x.status,
            body(&x.response_body),
            x.request_bytes.unwrap_or_default(),
            x.response_bytes.unwrap_or_default(),
            anomalies.concat(),
        )
    });
    (lines.collect(), capture.summary())
}

fn read_packets(packets: &[Packet]) -> (Vec<Line>, results::Capture) {
    read(&script::file(packets))
}
