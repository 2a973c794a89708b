//! Decoders that were written down, then records.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::fuzz::decoder_description(data));
