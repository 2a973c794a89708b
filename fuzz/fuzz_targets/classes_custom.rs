//! A customer's class file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::classes::fuzz::classes_custom(data));
