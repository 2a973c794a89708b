//! # Ids that can be guessed
//!
//! **What.** Records with personal data are addressed by consecutive numbers.
//!
//! **Why it matters.** Where one check of ownership is missing, a loop over the numbers copies every record. Ids that
//! cannot be guessed do not replace the check, and they turn a catastrophe into an incident.
//!
//! **Signals and thresholds.** An integer path parameter with at least five distinct values that lie so dense that one
//! in a thousand guesses would meet one that was seen, at an endpoint whose successful responses hold personal data
//! (a name alone does not count). Low; medium when sensitive data is held and no credential is needed.
//!
//! **False positives.** Numbers that are public by nature (years, product numbers): such records hold no personal data.
//! Snowflake ids and other 64-bit numbers are too sparse to count.
//!
//! **Fix.** UUIDs (version 4 or 7) or opaque ids outside, numbers inside; and a check of ownership in any case.
//!
//! **References.** OWASP API1:2023, CWE-639, CWE-340.

use vedette_model::results::{Field, Severity};

use super::ground::{self, Subject};
use super::sensitive::{self, PERSONAL, SENSITIVE};
use super::{Check, Conclusion, Meta, Needs, Tally, wording};
use crate::quality::facts::Fact;

/// Distinct values from which density means something.
const DISTINCT_MIN: u64 = 5;
/// Guesses for one hit that are no obstacle.
const GUESSES_PER_HIT: f64 = 1_000.0;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "guessable-ids",
        title: "Ids that can be guessed",
        severity: Severity::Low,
        owasp: &["API1:2023"],
        cwe: &["CWE-639", "CWE-340"],
        compliance: &["GDPR Art. 25"],
        compliance_by_data: true,
        facts: &[&[Fact::ResponseBody]],
        fix: "Check for each call that the record belongs to the caller. Then show random ids (UUID) outside and keep \
              the numbers inside.",
    },
    needs: Needs::NOTHING,
    observe: None,
    endpoint: Some(endpoint),
    service: None,
};

fn endpoint(subject: &Subject<'_>, _: &Tally) -> Option<Conclusion> {
    let endpoint = subject.endpoint;
    if !subject.ground.inbound() || ground::successes(endpoint) == 0 {
        return None;
    }
    let field = endpoint.fields.iter().find(|field| is_walkable(field))?;
    let mut held = sensitive::held(endpoint, subject.classifier(), "response", PERSONAL);
    held.retain(|one| !sensitive::is_weak(one.class));
    let heaviest = held.first()?;
    let open = endpoint.authentication.iter().all(|scheme| scheme == "none") && !endpoint.authentication.is_empty();
    let (min, max) = (field.min.unwrap_or_default(), field.max.unwrap_or_default());
    Some(Conclusion {
        severity: Some(if open && heaviest.weight >= SENSITIVE { Severity::Medium } else { Severity::Low }),
        confidence: wording::confidence(field.distinct, 0.9),
        explanation: format!(
            "{{{}}} is a number: {} distinct values were seen between {min:.0} and {max:.0}, and each record holds {}.",
            field.name,
            field.distinct,
            sensitive::labels(&held),
        ),
        compliance: sensitive::compliance(&held),
        ..Conclusion::default()
    })
}

fn is_walkable(field: &Field) -> bool {
    let (Some(min), Some(max)) = (field.min, field.max) else { return false };
    field.side == "request"
        && field.location == "path"
        && field.types.iter().all(|kind| kind == "integer")
        && !field.types.is_empty()
        && field.distinct >= DISTINCT_MIN
        && max - min <= field.distinct as f64 * GUESSES_PER_HIT
}
