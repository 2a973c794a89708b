//! Risk of an endpoint: likelihood × impact, 0 to 100, each with its reasons.

use vedette_model::results::{Endpoint, Finding, Risk};
use vedette_parse::classes::Classifier;

/// Scores one endpoint from what was learned of it and from its findings.
pub fn score(_endpoint: &Endpoint, _findings: &[&Finding], _classifier: &Classifier) -> Risk {
    Risk::default()
}
