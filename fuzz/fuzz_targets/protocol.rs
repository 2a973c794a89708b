//! Bodies of all protocols: calls within bounds, made documents are JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::protocol::fuzz::calls_of_anything(data));
