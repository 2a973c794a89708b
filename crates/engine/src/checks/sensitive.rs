//! Which sensitive data an endpoint holds, and what the law says of it.

use vedette_model::results::{Endpoint, Evidence, Field};
use vedette_parse::classes::Classifier;

use super::names;

/// Weight from which data is sensitive: financial, health, national ids, secrets.
pub(super) const SENSITIVE: f64 = 0.7;

/// Weight from which data is personal.
pub(super) const PERSONAL: f64 = 0.4;

/// Confidence below which the class of a field is a guess.
const CONFIDENCE_MIN: f64 = 0.5;

/// One class in one field.
#[derive(Clone, Debug)]
pub(super) struct Held<'a> {
    pub class: &'a str,
    /// The class in words.
    pub label: String,
    pub level: &'a str,
    pub weight: f64,
    pub confidence: f64,
    pub location: String,
    pub name: &'a str,
    pub excerpt: &'a str,
    pub exchange: Option<u64>,
    pub seen: u64,
    pub distinct: u64,
}

/// Weight of a sensitivity level in the impact of a risk, for levels that no class of the classifier has.
pub fn level_weight(level: &str) -> f64 {
    match level {
        "public" => 0.0,
        "internal" => 0.2,
        "sensitive-personal" | "financial" => 0.8,
        "health" => 0.9,
        "secret" => 1.0,
        _ => 0.5,
    }
}

/// Weight of a class: the classifier's, else its level's.
pub(crate) fn class_weight(classifier: &Classifier, class: &str, level: &str) -> f64 {
    let known = classifier.classes().iter().find(|known| known.id == class);
    known.map_or_else(|| level_weight(level), |known| f64::from(known.weight))
}

/// Classes of at least this weight that one side of an endpoint holds, heaviest first. Of responses only successful
/// ones count: an error that repeats the request discloses nothing new.
pub(super) fn held<'a>(endpoint: &'a Endpoint, classifier: &Classifier, side: &str, weight: f64) -> Vec<Held<'a>> {
    let mut found: Vec<Held<'a>> = endpoint
        .fields
        .iter()
        .filter(|field| field.side == side && field.status.as_deref().is_none_or(|status| status.starts_with('2')))
        .flat_map(|field| of_field(field, classifier))
        .filter(|held| held.weight >= weight && held.confidence >= CONFIDENCE_MIN)
        .collect();
    found.sort_by(|a, b| {
        b.weight.total_cmp(&a.weight).then(b.confidence.total_cmp(&a.confidence)).then(a.location.cmp(&b.location))
    });
    found
}

fn of_field<'a>(field: &'a Field, classifier: &Classifier) -> impl Iterator<Item = Held<'a>> {
    field.classes.iter().filter_map(move |class| {
        let harmless = class.level == "secret" && names::is_harmless_token(names::last_key(&field.name));
        (!harmless).then(|| Held {
            class: &class.class,
            label: label(classifier, &class.class),
            level: &class.level,
            weight: class_weight(classifier, &class.class, &class.level),
            confidence: class.confidence,
            location: format!("{}.{}.{}", field.side, field.location, field.name),
            name: &field.name,
            excerpt: &class.excerpt,
            exchange: class.exchange,
            seen: field.seen,
            distinct: field.distinct,
        })
    })
}

/// Classes that alone say little about a person: they stand in logs, catalogs and maps.
pub(super) fn is_weak(class: &str) -> bool {
    matches!(class, "person-name" | "ip-address" | "mac-address" | "geolocation" | "url" | "user-name" | "username")
}

/// What login endpoints hand out: expected where a credential is issued.
pub(super) fn is_issued(class: &str) -> bool {
    matches!(class, "token" | "jwt" | "session-id" | "bearer-token" | "access-token" | "api-key")
}

/// Distinct class ids in order.
pub(super) fn classes<'a>(held: &[Held<'a>]) -> Vec<&'a str> {
    let mut ids = Vec::new();
    for one in held {
        if !ids.contains(&one.class) {
            ids.push(one.class);
        }
    }
    ids
}

/// Distinct classes in order, in words.
pub(super) fn labels(held: &[Held<'_>]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for one in held {
        if !words.contains(&one.label.as_str()) {
            words.push(&one.label);
        }
    }
    super::wording::list(&words)
}

/// The name of a class inside a sentence (`payment card number`); its id when the classifier does not know it.
fn label(classifier: &Classifier, class: &str) -> String {
    let name = classifier.classes().iter().find(|known| known.id == class).map(|known| known.name.as_str());
    let Some(name) = name else { return class.replace('-', " ") };
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == '-' => {
            first.to_lowercase().collect::<String>() + name.get(first.len_utf8()..).unwrap_or_default()
        }
        _ => name.to_owned(),
    }
}

/// Masked evidence of the first few.
pub(super) fn evidence(endpoint: &Endpoint, held: &[Held<'_>]) -> Vec<Evidence> {
    let mut shown: Vec<Evidence> = Vec::new();
    for one in held {
        if shown.len() >= vedette_model::limits::EVIDENCE_MAX {
            break;
        }
        let Some(exchange) = one.exchange else { continue };
        if shown.iter().all(|e| e.location != one.location) {
            let source = source_of(endpoint, exchange);
            shown.push(Evidence {
                source,
                exchange,
                location: one.location.clone(),
                excerpt: one.excerpt.to_owned(),
                ..Evidence::default()
            });
        }
    }
    shown
}

/// The source of an exchange: a sample's when it is one, else that of the endpoint's first sample.
fn source_of(endpoint: &Endpoint, exchange: u64) -> u32 {
    let same = endpoint.samples.iter().find(|sample| sample.exchange == exchange);
    same.or(endpoint.samples.first()).map_or(0, |sample| sample.source)
}

/// Every requirement that [`compliance`] may add.
pub(crate) const COMPLIANCE_BY_DATA: &[&str] =
    &["PCI DSS 4.0.1 3.4.1", "HIPAA 164.312(a)(1)", "GDPR Art. 9", "GDPR Art. 32", "CCPA 1798.150"];

/// Requirements that apply because of the data concerned, among [`COMPLIANCE_BY_DATA`].
pub(super) fn compliance(held: &[Held<'_>]) -> Vec<&'static str> {
    let mut tags = Vec::new();
    let mut add = |tag| {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    };
    for one in held {
        match one.level {
            _ if one.class == "payment-card" => add("PCI DSS 4.0.1 3.4.1"),
            "health" => {
                add("HIPAA 164.312(a)(1)");
                add("GDPR Art. 9");
            }
            "personal" | "sensitive-personal" | "financial" => {
                add("GDPR Art. 32");
                add("CCPA 1798.150");
            }
            _ => {}
        }
    }
    tags
}
