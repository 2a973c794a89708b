//! Definitions of others as classes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::classes::import::fuzz::classes_import(data));
