use std::collections::BTreeSet;

use vedette_model::results::{Field, FieldClass};

use super::*;
use crate::quality::facts::Fact;

/// Publications that findings cite as a whole, without requirements of their own here.
const CITED: &[&str] = &["NIST SP 800-228"];

fn of<'a>(view: &'a [results::Framework], framework: &str, id: &str) -> &'a results::Requirement {
    let framework = view.iter().find(|one| one.id == framework).unwrap();
    framework.requirements.iter().find(|one| one.id == id).unwrap()
}

fn told(facts: &[Fact]) -> Facts {
    facts.iter().fold(Facts::default(), |set, fact| set.with(*fact, true))
}

fn holding(class: &str, level: &str) -> Endpoint {
    let class = FieldClass { class: class.into(), level: level.into(), ..FieldClass::default() };
    Endpoint { fields: vec![Field { classes: vec![class], ..Field::default() }], ..Endpoint::default() }
}

#[test]
fn every_tag_of_a_check_is_a_requirement_and_ids_are_unique() {
    let mut known = BTreeSet::new();
    for framework in FRAMEWORKS {
        for requirement in framework.requirements {
            assert!(known.insert(framework.tag(requirement)), "{} twice", framework.tag(requirement));
        }
    }
    for meta in CHECKS.iter().map(|check| &check.meta) {
        for tag in meta.compliance.iter().chain(meta.owasp).chain(COMPLIANCE_BY_DATA) {
            assert!(known.contains(*tag) || CITED.contains(tag), "{}: {tag}", meta.id);
        }
    }
}

#[test]
fn what_nothing_speaks_of_says_why() {
    for framework in FRAMEWORKS {
        for requirement in framework.requirements {
            let spoken = kinds_of(&framework.tag(requirement)).next().is_some() || !requirement.facts.is_empty();
            assert!(spoken || !requirement.beyond.is_empty(), "{}", framework.tag(requirement));
        }
    }
}

#[test]
fn a_finding_violates_the_requirements_that_it_names() {
    let finding = Finding {
        id: "f1".into(),
        kind: "cors-open".into(),
        owasp: vec!["API8:2023".into()],
        compliance: vec!["ASVS 5.0.0 3.4.2".into(), "a tag of tomorrow".into()],
        ..Finding::default()
    };
    let view = view(&[finding], &[], Facts::default());
    for (framework, id) in [("owasp-api", "API8:2023"), ("asvs", "3.4.2")] {
        let requirement = of(&view, framework, id);
        assert_eq!(requirement.status, RequirementStatus::Violated, "{id}");
        assert_eq!(requirement.findings, ["f1"], "{id}");
    }
}

#[test]
fn a_requirement_without_a_title_is_not_left_out() {
    let finding = Finding {
        id: "f1".into(),
        kind: "gateway-of-tomorrow".into(),
        compliance: vec!["PCI DSS 4.0.1 99.1".into(), "PCI DSS 4.0.1 6.2.4".into()],
        ..Finding::default()
    };
    let view = view(&[finding], &[], Facts::default());
    let other = of(&view, "pci-dss", "99.1");
    assert_eq!((other.status, other.title.as_str()), (RequirementStatus::Violated, "Named by findings"));
    assert_eq!(other.kinds, ["gateway-of-tomorrow"]);
    assert!(of(&view, "pci-dss", "6.2.4").kinds.contains(&"gateway-of-tomorrow".to_owned()));
}

#[test]
fn the_silence_of_a_blind_check_is_not_clean() {
    let blind = view(&[], &[], told(&[Fact::Status]));
    assert_eq!(of(&blind, "asvs", "3.4.2").status, RequirementStatus::NotAssessable);
    assert_eq!(of(&blind, "asvs", "3.4.2").blind, ["cors-open"]);
    let seeing = view(&[], &[], told(&[Fact::Status, Fact::ResponseHeaders]));
    assert_eq!(of(&seeing, "asvs", "3.4.2").status, RequirementStatus::Clean);
}

#[test]
fn requirements_about_data_wait_for_such_data() {
    let all = Facts(u32::MAX);
    let status = |endpoints: &[Endpoint]| of(&view(&[], endpoints, all), "hipaa", "164.312(a)(1)").status;
    assert_eq!(status(&[holding("email", "personal")]), RequirementStatus::NotAssessable);
    assert_eq!(status(&[holding("diagnosis", "health")]), RequirementStatus::Clean);
}

#[test]
fn requirements_about_logs_follow_from_what_the_logs_tell() {
    let silent = view(&[], &[], told(&[Fact::Time, Fact::Status]));
    let requirement = of(&silent, "pci-dss", "10.2.2");
    assert_eq!(requirement.status, RequirementStatus::NotAssessable);
    assert!(requirement.reason.starts_with("The sources have no client addresses, no users or credentials"));
    let telling = view(&[], &[], told(&[Fact::Time, Fact::Status, Fact::ClientAddress, Fact::Caller]));
    assert_eq!(of(&telling, "pci-dss", "10.2.2").status, RequirementStatus::Clean);
}
