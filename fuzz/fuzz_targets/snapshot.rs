//! Any bytes as the stored state of an engine.
#![no_main]

use std::sync::{Arc, OnceLock};

use libfuzzer_sys::fuzz_target;
use vedette_engine::engine::fuzz::state_of_anything;
use vedette_parse::classes::Classifier;

static CLASSIFIER: OnceLock<Arc<Classifier>> = OnceLock::new();

fuzz_target!(|data: &[u8]| state_of_anything(data, CLASSIFIER.get_or_init(|| Arc::new(Classifier::builtin()))));
