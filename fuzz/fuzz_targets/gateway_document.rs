//! Documents of gateways (Envoy, Kong, AWS, Azure, Kubernetes): whatever is in them, reading ends and lines are there.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_parse::fuzz::gateway_document(data));
