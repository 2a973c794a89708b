//! TLS key logs.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::capture::fuzz::keylog(data));
