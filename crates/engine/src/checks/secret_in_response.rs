//! # Secrets in responses
//!
//! **What.** A response holds a password, private key, cloud key or token that its receiver did not come for.
//!
//! **Why it matters.** Whoever may read the record can act as its owner, or as your service. Such fields are mostly
//! columns of a table that were serialized because they were there.
//!
//! **Signals and thresholds.** A field of a successful response decided to hold a class of level `secret`. High, with
//! a confidence of 0.8 and more, for what never belongs into an answer (passwords and their hashes, private keys,
//! connection strings, vendor keys), low for session ids alone, medium otherwise: an API key or token may be what its
//! reader came for.
//!
//! **False positives.** Logins, sign-ups, token and MFA endpoints issue tokens: not counted. Neither is a key that is
//! shown once by the `POST` that creates it, nor what the answer of a write repeats from its request. Endpoints whose
//! very purpose is to hand out secrets (their path ends in credentials, keys, tokens, secrets, kubeconfig, …) are low.
//! CSRF tokens, cursors and publishable keys are told by name and not counted.
//!
//! **Fix.** List the fields of each response instead of serializing the record.
//!
//! **References.** OWASP API3:2023, CWE-200, CWE-522.

use vedette_model::results::{Endpoint, Severity};

use super::ground::{self, Subject};
use super::sensitive;
use super::{Check, Conclusion, Meta, Needs, Tally, names, wording};
use crate::quality::facts::Fact;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "secret-in-response",
        title: "Secret in a response",
        severity: Severity::Medium,
        owasp: &["API3:2023"],
        cwe: &["CWE-200", "CWE-522"],
        compliance: &["PCI DSS 4.0.1 8.3.2", "ASVS 5.0.0 14.2.6", "ASVS 5.0.0 15.3.1"],
        compliance_by_data: true,
        facts: &[&[Fact::ResponseBody]],
        fix: "Name the fields that a response may have instead of serializing the whole record, and replace the \
              secrets that were sent. A key may be shown once, by the call that creates it.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: Some(endpoint),
    service: None,
};

fn endpoint(subject: &Subject<'_>, _: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    if ground::is_open_by_design(endpoint) || subject.ground.service.direction == vedette_model::Direction::Outbound {
        return None;
    }
    let by_design = hands_out_secrets(&endpoint.template);
    let mut held = sensitive::held(endpoint, subject.classifier(), "response", sensitive::SENSITIVE);
    held.retain(|one| one.level == "secret" && one.location.starts_with("response.body."));
    if ground::is_write(endpoint) {
        held.retain(|one| !is_echo(endpoint, one.name));
    }
    if endpoint.method == "POST" {
        // Whatever is created may show its own fresh key once; a password never needs to come back.
        held.retain(|one| !by_design && is_chosen_by_people(one.class));
    }
    let heaviest = held.first()?;
    let severity = if by_design || held.iter().all(|one| one.class == "session-id") {
        Severity::Low
    } else if held.iter().any(|one| never_belongs(one.class) && one.confidence >= 0.8) {
        Severity::High
    } else {
        Severity::Medium
    };
    let fields: Vec<String> = held.iter().map(|one| format!("{} ({})", one.name, one.label)).collect();
    let purpose =
        if by_design { " Its path says that this is its purpose: make sure that few may call it." } else { "" };
    Some(Conclusion {
        place: None,
        severity: Some(severity),
        confidence: wording::confidence(heaviest.seen, heaviest.confidence),
        explanation: format!(
            "Successful responses held {}: {}.{purpose}",
            if held.len() == 1 { "a secret".to_owned() } else { wording::count(held.len() as u64, "secret") },
            wording::list(&fields),
        ),
        evidence: sensitive::evidence(endpoint, &held),
        occurrences: heaviest.seen,
        compliance: sensitive::compliance(&held),
    })
}

/// Chosen by people and used in more than one place, or a way into a store: no caller needs to read it.
fn is_chosen_by_people(class: &str) -> bool {
    matches!(class, "credential" | "credentials" | "password" | "password-hash" | "connection-string")
}

/// What no answer should hold; an API key or token may be what its reader came for.
fn never_belongs(class: &str) -> bool {
    is_chosen_by_people(class) || !(sensitive::is_issued(class) || matches!(class, "secret" | "session-id"))
}

/// The caller sent a field of this name itself, so the answer tells it nothing.
fn is_echo(endpoint: &Endpoint, name: &str) -> bool {
    let key = names::last_key(name);
    endpoint.fields.iter().any(|field| field.side == "request" && names::last_key(&field.name) == key)
}

/// The path names what is handed out.
fn hands_out_secrets(template: &str) -> bool {
    const WORDS: [&str; 12] = [
        "credential",
        "apikey",
        "token",
        "secret",
        "kubeconfig",
        "certificate",
        "sshkey",
        "privatekey",
        "accesskey",
        "password",
        "keys",
        "registrykey",
    ];
    let flat = names::flatten(template);
    WORDS.iter().any(|word| flat.contains(word))
}
