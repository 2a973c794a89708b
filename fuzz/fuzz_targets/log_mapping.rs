//! Field mappings of a user's JSON log.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::fuzz::log_mapping(data));
