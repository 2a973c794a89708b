//! The crate's one integration binary.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a spec that cannot be read must fail the test")]

use std::sync::{Arc, LazyLock};

use vedette_parse::classes::Classifier;

mod checks;
mod detectors;
mod gateways;
mod snapshots;
mod specs;

/// Compiled once: it takes longer than all cases together.
static CLASSIFIER: LazyLock<Arc<Classifier>> = LazyLock::new(|| Arc::new(Classifier::builtin()));
