//! The property of the fuzz target and of the property test: records do not depend on the sizes of the reads.

use vedette_parse::decode::Framing;

use super::Splitter;
use crate::batch::Records;

/// Splits any bytes in one piece and in pieces of 1 to 17 bytes. The first byte chooses the framing, the limit and the
/// size of the first piece.
///
/// # Panics
/// When the two differ; that is the point.
pub fn split(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let framing = if choice & 1 == 0 { Framing::Lines } else { Framing::HarDocument };
    let limit = if choice & 2 == 0 { 1 << 20 } else { 12 };
    let whole = records(framing, limit, data, |_| data.len().max(1));
    let cut = records(framing, limit, data, |at| 1 + (at * 7 + usize::from(choice >> 2)) % 17);
    assert_eq!(whole, cut);
    assert!(whole.0.iter().all(|record| record.len() <= limit));
}

/// The records that a splitter finds, and how many were too long. `size` gives the size of the read at a position.
pub fn records(framing: Framing, limit: usize, data: &[u8], size: impl Fn(usize) -> usize) -> (Vec<Vec<u8>>, u64) {
    let mut splitter = Splitter::new(framing, limit, None);
    let mut out = Records::default();
    let mut found = Vec::new();
    let mut at = 0;
    while at < data.len() {
        let chunk = data.get(at..(at + size(at)).min(data.len())).unwrap_or_default();
        at += splitter.feed(chunk, &mut out);
        if out.is_full() {
            drain(&mut out, &mut found);
        }
    }
    splitter.finish(&mut out);
    drain(&mut out, &mut found);
    (found, splitter.too_long().count)
}

fn drain(out: &mut Records, found: &mut Vec<Vec<u8>>) {
    let whole = out.bytes.get(..out.complete).unwrap_or_default();
    match &out.ends {
        Some(ends) => {
            let mut start = 0;
            for end in ends {
                found.push(whole.get(start..*end).unwrap_or_default().to_vec());
                start = *end;
            }
        }
        None => found.extend(
            whole.split_inclusive(|b| *b == b'\n').map(|line| line.strip_suffix(b"\n").unwrap_or(line).to_vec()),
        ),
    }
    let partial = out.partial().to_vec();
    out.clear();
    out.bytes = partial;
}

/// Splits bytes in reads of the usual size and returns the number of records: what a benchmark measures.
pub fn count(framing: Framing, data: &[u8]) -> u64 {
    let mut splitter = Splitter::new(framing, vedette_model::limits::RECORD_BYTES_MAX, None);
    let mut out = Records::default();
    let mut count = 0;
    for mut chunk in data.chunks(vedette_model::limits::READ_BYTES) {
        while !chunk.is_empty() {
            let taken = splitter.feed(chunk, &mut out);
            chunk = chunk.get(taken..).unwrap_or_default();
            if out.is_full() {
                count += out.count;
                let partial = out.partial().to_vec();
                out.clear();
                out.bytes.extend_from_slice(&partial);
            }
        }
    }
    splitter.finish(&mut out);
    count + out.count
}
