//! Findings seen from the requirements of standards and laws.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A standard or law, with the requirements that traffic can say something about.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Framework {
    /// `pci-dss`.
    pub id: String,
    /// `PCI DSS`.
    pub name: String,
    /// `4.0.1`.
    pub version: String,
    /// What Vedette cannot assess of it at all.
    pub outside: String,
    /// The requirements, in the order of the text.
    pub requirements: Vec<Requirement>,
}

/// One requirement.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Requirement {
    /// As the text numbers it (`6.2.4`).
    pub id: String,
    /// What it asks for, in our words.
    pub title: String,
    /// What is known of it.
    pub status: RequirementStatus,
    /// Why, in a sentence: what was found, looked at, or could not be seen.
    pub reason: String,
    /// Kinds of findings that speak of it.
    pub kinds: Vec<String>,
    /// Of them those that this traffic could not show.
    pub blind: Vec<String>,
    /// Ids of the findings that violate it, also of those that a baseline leaves out.
    pub findings: Vec<String>,
}

/// What is known of a requirement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RequirementStatus {
    /// Findings violate it.
    Violated,
    /// It was looked for in the traffic, and nothing was found.
    Clean,
    /// This traffic, or traffic at all, cannot tell.
    #[default]
    NotAssessable,
}
