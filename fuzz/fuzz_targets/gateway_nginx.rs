//! Configurations of nginx, which may include themselves: read, or refused at a line that is there.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::fuzz::gateway_nginx(data));
