//! Compressed request bodies: whatever the bytes, what comes out is bounded, and what was packed comes out whole.
//!
//! The file is taken as it is: the crate around it would bring the whole lake.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/server/src/coding.rs"]
#[allow(dead_code)]
mod coding;

use coding::{Coding, decode};

const LIMIT: usize = 1 << 20;

fuzz_target!(|data: &[u8]| {
    for coding in [Coding::Identity, Coding::Gzip, Coding::Zstd] {
        if let Ok(out) = decode(coding, data, LIMIT) {
            assert!(out.len() <= LIMIT);
        }
    }
    if let Ok(packed) = zstd::encode_all(data, 1) {
        assert!(data.len() > LIMIT || decode(Coding::Zstd, &packed, LIMIT).as_deref() == Ok(data));
    }
    let _ = Coding::parse(&String::from_utf8_lossy(data));
});
