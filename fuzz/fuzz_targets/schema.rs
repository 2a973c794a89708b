//! JSON schemas learned from any bytes, in one piece and merged from two.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use vedette_engine::schema::fuzz::schema_of_anything;
use vedette_parse::classes::Classifier;

static CLASSIFIER: OnceLock<Classifier> = OnceLock::new();

fuzz_target!(|data: &[u8]| schema_of_anything(data, CLASSIFIER.get_or_init(Classifier::builtin)));
