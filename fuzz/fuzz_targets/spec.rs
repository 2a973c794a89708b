//! Specifications in JSON and YAML: read, or refused at a line that is there.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::fuzz::spec(data));
