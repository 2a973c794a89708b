//! Titles of requirements in our words, and what traffic can never tell of them. One file per family.

mod asvs;
mod laws;
mod owasp;
mod pci;

use crate::quality::facts::Fact;

/// A standard or law.
pub struct Framework {
    /// `pci-dss`.
    pub id: &'static str,
    /// `PCI DSS`.
    pub name: &'static str,
    /// `4.0.1`.
    pub version: &'static str,
    /// What tags of findings begin with (`PCI DSS 4.0.1 `).
    pub prefix: &'static str,
    /// What Vedette cannot assess of it at all.
    pub outside: &'static str,
    /// The requirements, in the order of the text.
    pub requirements: &'static [Requirement],
}

/// One requirement.
#[derive(Clone, Copy)]
pub struct Requirement {
    /// As the text numbers it.
    pub id: &'static str,
    /// What it asks for, in our words.
    pub title: &'static str,
    /// Classes or levels of data of which one must flow for it to apply; empty: it always does.
    pub data: &'static [&'static str],
    /// It asks for logs that tell these.
    pub facts: &'static [Fact],
    /// What traffic cannot tell of it.
    pub beyond: &'static str,
}

impl Framework {
    /// The tag that findings of a requirement carry.
    pub fn tag(&self, requirement: &Requirement) -> String {
        format!("{}{}", self.prefix, requirement.id)
    }
}

/// Every framework, in the order shown.
pub const FRAMEWORKS: &[Framework] =
    &[owasp::API_TOP_10, asvs::ASVS, pci::PCI_DSS, laws::GDPR, laws::HIPAA, laws::CCPA];

const fn requirement(id: &'static str, title: &'static str, beyond: &'static str) -> Requirement {
    Requirement { id, title, data: &[], facts: &[], beyond }
}

/// Applies where such data flows.
const fn about_data(data: &'static [&'static str], requirement: Requirement) -> Requirement {
    Requirement { data, ..requirement }
}

/// Asks for logs.
const fn about_logs(facts: &'static [Fact], requirement: Requirement) -> Requirement {
    Requirement { facts, ..requirement }
}
