//! What the two sides of a TCP connection say in turns: HTTP/1, HTTP/2 and TLS.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::capture::fuzz::conversation(data));
