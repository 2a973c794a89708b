//! Data classes in free text and in fields.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::classes::fuzz::classes_scan(data));
