//! The findings seen from standards and laws: what traffic covers of each requirement, what violates it, and what it
//! cannot tell.
//!
//! Which kinds of findings speak of a requirement follows from the tags that checks carry
//! ([`Meta::compliance`](crate::checks::Meta), `owasp`); [`frameworks`] adds titles and what stays outside. Silence of
//! a check that was blind is not called clean. Nothing here certifies anything: it is evidence for those who do.

pub mod frameworks;

use std::collections::BTreeSet;

use vedette_model::results::{self, Endpoint, Finding, RequirementStatus};

use crate::checks::{CHECKS, COMPLIANCE_BY_DATA};
use crate::quality::{blind_findings, facts};
use facts::Facts;
use frameworks::{FRAMEWORKS, Framework, Requirement};

/// All frameworks as the traffic shows them. `told` is what it tells of exchanges.
pub(crate) fn view(findings: &[Finding], endpoints: &[Endpoint], told: Facts) -> Vec<results::Framework> {
    let blind: BTreeSet<&str> = blind_findings(told).collect();
    let held: BTreeSet<&str> = endpoints
        .iter()
        .flat_map(|endpoint| &endpoint.fields)
        .flat_map(|field| &field.classes)
        .flat_map(|class| [class.class.as_str(), class.level.as_str()])
        .collect();
    let seen = Seen { findings, told, blind, held };
    let framework = |framework: &Framework| results::Framework {
        id: framework.id.to_owned(),
        name: framework.name.to_owned(),
        version: framework.version.to_owned(),
        outside: framework.outside.to_owned(),
        requirements: framework
            .requirements
            .iter()
            .map(|requirement| seen.requirement(framework, requirement))
            .chain(seen.others(framework))
            .collect(),
    };
    FRAMEWORKS.iter().map(framework).collect()
}

/// Kinds of findings that carry a tag.
pub fn kinds_of(tag: &str) -> impl Iterator<Item = &'static str> {
    let by_data = COMPLIANCE_BY_DATA.contains(&tag);
    CHECKS
        .iter()
        .map(|check| &check.meta)
        .filter(move |meta| {
            (by_data && meta.compliance_by_data) || meta.compliance.contains(&tag) || meta.owasp.contains(&tag)
        })
        .map(|meta| meta.id)
}

/// What the traffic showed.
struct Seen<'a> {
    findings: &'a [Finding],
    told: Facts,
    blind: BTreeSet<&'a str>,
    /// Classes and levels of data that some field holds.
    held: BTreeSet<&'a str>,
}

impl Seen<'_> {
    fn requirement(&self, framework: &Framework, requirement: &Requirement) -> results::Requirement {
        self.tagged(&framework.tag(requirement), requirement)
    }

    fn tagged(&self, tag: &str, requirement: &Requirement) -> results::Requirement {
        let carries = |finding: &&Finding| finding.compliance.iter().chain(&finding.owasp).any(|own| own == tag);
        let findings: Vec<&Finding> = self.findings.iter().filter(carries).collect();
        let mut kinds: Vec<&str> = kinds_of(tag).collect();
        // Specifications and configurations bring findings of other registries.
        for finding in &findings {
            if !kinds.contains(&finding.kind.as_str()) {
                kinds.push(&finding.kind);
            }
        }
        let blind: Vec<&str> = kinds.iter().copied().filter(|kind| self.blind.contains(kind)).collect();
        let (status, reason) = self.judge(requirement, findings.len(), &kinds, &blind);
        let own = |kinds: &[&str]| kinds.iter().map(|kind| (*kind).to_owned()).collect();
        results::Requirement {
            id: requirement.id.to_owned(),
            title: requirement.title.to_owned(),
            status,
            reason: join(&reason, requirement.beyond),
            kinds: own(&kinds),
            blind: own(&blind),
            findings: findings.iter().map(|finding| finding.id.clone()).collect(),
        }
    }

    /// Requirements that findings name and that have no title here: never left out in silence.
    fn others(&self, framework: &Framework) -> Vec<results::Requirement> {
        let known = |id: &str| framework.requirements.iter().any(|requirement| requirement.id == id);
        let tags = self.findings.iter().flat_map(|finding| &finding.compliance);
        let named = tags.filter(|_| !framework.prefix.is_empty()).filter_map(|tag| tag.strip_prefix(framework.prefix));
        let ids: BTreeSet<&str> = named.filter(|id| !known(id)).collect();
        let one = |id: &str| {
            let other = Requirement { title: "Named by findings", data: &[], facts: &[], beyond: "", id: "" };
            let tag = format!("{}{id}", framework.prefix);
            results::Requirement { id: id.to_owned(), ..self.tagged(&tag, &other) }
        };
        ids.into_iter().map(one).collect()
    }

    fn judge(
        &self,
        requirement: &Requirement,
        findings: usize,
        kinds: &[&str],
        blind: &[&str],
    ) -> (RequirementStatus, String) {
        use RequirementStatus::{Clean, NotAssessable, Violated};
        if findings > 0 {
            let noun = if findings == 1 { "finding shows" } else { "findings show" };
            return (Violated, format!("{findings} {noun} it."));
        }
        if !requirement.facts.is_empty() {
            let untold: Vec<&str> = facts::TABLE
                .iter()
                .filter(|about| requirement.facts.contains(&about.fact) && !self.told.has(about.fact))
                .map(|about| about.name)
                .collect();
            return match untold.as_slice() {
                [] => (Clean, "The sources record what it asks for.".to_owned()),
                names => (NotAssessable, format!("The sources have no {}; another log may.", names.join(", no "))),
            };
        }
        if kinds.is_empty() {
            return (NotAssessable, String::new());
        }
        if !requirement.data.is_empty() && !requirement.data.iter().any(|data| self.held.contains(data)) {
            return (NotAssessable, "No such data was recognized in the traffic.".to_owned());
        }
        if blind.len() == kinds.len() {
            return (NotAssessable, "The traffic cannot show any of its findings.".to_owned());
        }
        let looked = format!(
            "Looked for in the traffic ({} of {} kinds), nothing found.",
            kinds.len() - blind.len(),
            kinds.len()
        );
        (Clean, looked)
    }
}

fn join(reason: &str, beyond: &str) -> String {
    [reason, beyond].iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
