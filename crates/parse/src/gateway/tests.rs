use super::*;
use std::sync::LazyLock;
static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);
