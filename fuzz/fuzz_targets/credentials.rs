//! Credentials, wherever they may stand in a request.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::credentials::fuzz::credentials_of_anything(data));
