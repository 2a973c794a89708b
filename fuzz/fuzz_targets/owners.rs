//! A file that names owners.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::owners::fuzz::owners(data));
