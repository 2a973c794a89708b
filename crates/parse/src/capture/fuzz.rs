//! The properties of the fuzz targets and of the property tests.

use vedette_model::limits::{BODY_BYTES_MAX, HEADERS_MAX};

use super::{Capture, Finished, KeyLog, exchange};

/// Reads any bytes as a capture, and then the exchanges in it. The same comes out whatever the sizes of the reads.
///
/// # Panics
/// When the contract is broken; that is the point.
pub fn capture(data: &[u8]) {
    let whole = read(data, data.len().max(1));
    let cut = read(data, 7);
    assert_eq!(whole, cut);
}

fn read(data: &[u8], piece_bytes: usize) -> (Vec<u8>, vedette_model::results::Capture) {
    let mut capture = Capture::new(None);
    let mut out = Finished::default();
    for piece in data.chunks(piece_bytes) {
        let mut rest = piece;
        while !rest.is_empty() {
            let used = capture.feed(rest, &mut out, usize::MAX);
            assert!(used > 0, "nothing was taken and nothing is full");
            rest = rest.get(used..).unwrap_or_default();
        }
    }
    capture.finish(&mut out);
    for record in out.iter() {
        if let Ok(x) = exchange(record) {
            assert!(x.status == 0 || (100..600).contains(&x.status));
            assert!(x.path.starts_with('/') || x.path == "*" || x.method == "CONNECT", "{}", x.path);
            assert!(x.request_headers.0.len() <= HEADERS_MAX && x.response_headers.0.len() <= HEADERS_MAX);
            for body in [&x.request_body, &x.response_body].into_iter().flatten() {
                assert!(body.len() <= BODY_BYTES_MAX);
            }
        }
    }
    let summary = capture.summary();
    let not_read: u64 = summary.not_read.values().sum();
    assert_eq!(summary.packets, summary.segments + not_read, "a packet is neither read nor explained");
    assert!(capture.problems(true).iter().all(|problem| !problem.is_empty()));
    (out.records, summary)
}

/// Reads any bytes as a key log.
pub fn keylog(data: &[u8]) {
    let log = KeyLog::read(data);
    assert!(log.len() as u64 + log.unreadable() <= data.split(|byte| *byte == b'\n').count() as u64);
}

/// Reads any bytes as what the two sides of a connection say in turns, a line each: what comes after TCP is met.
///
/// # Panics
/// When the contract is broken; that is the point.
pub fn conversation(data: &[u8]) {
    let end = |port: u16| std::net::SocketAddr::from(([192, 0, 2, 1], port));
    let mut talk = super::script::Talk::open(end(50_000), end(80), 1_700_000_000_000_000);
    let mut is_client = false;
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        // A line that begins with a tab goes on where the one before ended.
        let (goes_on, line) = match line {
            [b'\t', rest @ ..] => (true, rest),
            line => (false, line),
        };
        is_client = is_client == goes_on;
        if is_client {
            talk.ask(line);
        } else {
            talk.answer(line);
        }
    }
    capture(&super::script::file(&talk.packets));
}
