//! Configurations of HAProxy: read, or refused at a line that is there.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::fuzz::gateway_haproxy(data));
