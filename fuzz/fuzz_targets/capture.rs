//! Bytes of a capture, in pieces of any size.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::capture::fuzz::capture(data));
