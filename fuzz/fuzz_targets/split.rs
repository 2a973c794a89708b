//! Records told apart in a stream, whatever the sizes of the reads.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| vedette_ingest::split::fuzz::split(data));
