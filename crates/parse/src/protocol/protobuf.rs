//! Protocol buffers on the wire (encoding guide of protobuf.dev) as JSON, without a schema: fields by number
//! (`field_1`), types guessed.
//!
//! A length-delimited field may be text, bytes or a message. It is text when it reads as text, else a message when it
//! parses as one to its end, else bytes, of which only the presence is told.

use std::fmt::Write as _;

use vedette_model::limits::{MADE_BYTES_MAX, PROTOBUF_DEPTH_MAX, PROTOBUF_FIELDS_MAX};

use super::members;

/// Stands for bytes that are neither text nor a message.
pub(super) const BINARY: &str = "\"(binary)\"";

/// Highest field number that is believed without a schema; real ones stay far below the format's 2^29.
const NUMBER_MAX: u64 = 100_000;

/// Different field numbers of one message; more are bytes that happen to parse.
const NUMBERS_MAX: usize = 512;

/// A message as a JSON object; `None` when the bytes are none.
pub(super) fn json(bytes: &[u8]) -> Option<String> {
    let mut budget = PROTOBUF_FIELDS_MAX;
    message(bytes, 0, &mut budget).filter(|json| json.len() <= MADE_BYTES_MAX)
}

fn message(bytes: &[u8], depth: usize, budget: &mut usize) -> Option<String> {
    if depth > PROTOBUF_DEPTH_MAX {
        return None;
    }
    let mut fields: Vec<(u64, Vec<String>)> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let key = varint(&mut rest)?;
        let (number, wire) = (key >> 3, key & 7);
        if number == 0 || number > NUMBER_MAX || *budget == 0 {
            return None;
        }
        *budget -= 1;
        let json = value(wire, &mut rest, depth, budget)?;
        let room = fields.len() < NUMBERS_MAX;
        match fields.iter_mut().find(|(known, _)| *known == number) {
            Some((_, values)) => values.push(json),
            None if room => fields.push((number, vec![json])),
            None => return None,
        }
    }
    fields.sort_by_key(|(number, _)| *number);
    let mut out = String::from("{");
    for (number, values) in fields {
        let comma = if out.len() > 1 { "," } else { "" };
        let _ = match values.as_slice() {
            [one] => write!(out, "{comma}\"field_{number}\":{one}"),
            many => write!(out, "{comma}\"field_{number}\":[{}]", many.join(",")),
        };
    }
    out.push('}');
    Some(out)
}

fn value(wire: u64, rest: &mut &[u8], depth: usize, budget: &mut usize) -> Option<String> {
    match wire {
        // Negative numbers stand as 64-bit two's complement.
        0 => varint(rest).map(|n| n.cast_signed().to_string()),
        1 => {
            let (bytes, tail) = rest.split_first_chunk::<8>()?;
            *rest = tail;
            Some(float(f64::from_le_bytes(*bytes), u64::from_le_bytes(*bytes)))
        }
        2 => {
            let len = usize::try_from(varint(rest)?).ok()?;
            let (bytes, tail) = rest.split_at_checked(len)?;
            *rest = tail;
            Some(delimited(bytes, depth, budget))
        }
        5 => {
            let (bytes, tail) = rest.split_first_chunk::<4>()?;
            *rest = tail;
            let (bits, value) = (u32::from_le_bytes(*bytes), f32::from_le_bytes(*bytes));
            Some(float(f64::from(value), u64::from(bits)))
        }
        // Groups were removed from the language.
        _ => None,
    }
}

/// A fixed-width field is a floating point number when that has a usual size, else an integer.
fn float(value: f64, bits: u64) -> String {
    let usual = value == 0.0 || (value.is_finite() && (1e-6..1e15).contains(&value.abs()));
    if usual { value.to_string() } else { bits.cast_signed().to_string() }
}

fn delimited(bytes: &[u8], depth: usize, budget: &mut usize) -> String {
    let text = std::str::from_utf8(bytes).ok();
    if let Some(text) = text.filter(|text| !text.chars().any(|c| c.is_control() && c != '\t')) {
        return members::quoted(text);
    }
    if let Some(json) = message(bytes, depth + 1, budget) {
        return json;
    }
    text.filter(|text| !text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace()))
        .map_or_else(|| BINARY.to_owned(), members::quoted)
}

/// At most ten bytes, seven bits each.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for (at, byte) in rest.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            *rest = rest.get(at + 1..)?;
            return Some(value);
        }
    }
    None
}
