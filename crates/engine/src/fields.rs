//! The flat list of an endpoint's parameters and body fields, with what they hold.

use vedette_model::results::{DataClasses, Field, FieldClass};
use vedette_parse::classes::{Classifier, FieldTally};

use crate::endpoint::EndpointSummary;
use crate::paths::templates::Settled;

/// Fields listed per endpoint; wider bodies are cut after the most frequent.
const FIELDS_LISTED_MAX: usize = 400;

/// All fields of one endpoint.
pub(crate) fn of(settled: &Settled, summary: &EndpointSummary, classifier: &Classifier) -> Vec<Field> {
    let mut fields = path_fields(settled, summary, classifier);
    if let Some(parameters) = &summary.parameters {
        fields.extend(parameters.fields(classifier, summary.exchanges));
    }
    if let Some(schema) = &summary.request_schema {
        fields.extend(schema.fields(classifier).into_iter().map(|f| placed(f, "request", None)));
    }
    for (status, schema) in &summary.response_schemas {
        let status = status.to_string();
        fields.extend(schema.fields(classifier).into_iter().map(|f| placed(f, "response", Some(status.clone()))));
    }
    fields.truncate(FIELDS_LISTED_MAX);
    fields
}

fn placed(mut field: Field, side: &str, status: Option<String>) -> Field {
    side.clone_into(&mut field.side);
    "body".clone_into(&mut field.location);
    field.status = status;
    field
}

fn path_fields(settled: &Settled, summary: &EndpointSummary, classifier: &Classifier) -> Vec<Field> {
    let values = settled.values.iter();
    values
        .map(|place| {
            let mut tally = FieldTally::default();
            for value in &place.values {
                tally.observe(classifier, &place.name, value, (0, 0));
            }
            let integer = place.values.iter().all(|v| v.bytes().all(|b| b.is_ascii_digit()));
            Field {
                side: "request".to_owned(),
                location: "path".to_owned(),
                name: place.name.clone(),
                types: vec![if integer { "integer" } else { "string" }.to_owned()],
                format: place.format.map(str::to_owned),
                seen: summary.exchanges,
                presence: 1.0,
                distinct: place.distinct,
                min: place.range.map(|(least, _)| least as f64),
                max: place.range.map(|(_, greatest)| greatest as f64),
                classes: class_list(&tally, classifier, &place.name),
                ..Field::default()
            }
        })
        .collect()
}

/// Decided classes of a tally, for the results.
pub(crate) fn class_list(tally: &FieldTally, classifier: &Classifier, key: &str) -> Vec<FieldClass> {
    tally
        .decide(classifier, key)
        .into_iter()
        .filter_map(|decision| {
            let class = classifier.class(decision.class)?;
            Some(FieldClass {
                class: class.id.clone(),
                level: class.level.clone(),
                confidence: rounded(decision.confidence),
                share: rounded(decision.share),
                excerpt: decision.excerpt,
                exchange: Some(decision.seen_at.1),
            })
        })
        .collect()
}

/// To two decimals: more would claim what a sample does not tell.
fn rounded(share: f32) -> f64 {
    (f64::from(share) * 100.0).round() / 100.0
}

/// Class ids by side, from the fields.
pub(crate) fn classes(fields: &[Field]) -> DataClasses {
    let of = |side: &str| {
        let mut ids: Vec<String> =
            fields.iter().filter(|f| f.side == side).flat_map(|f| f.classes.iter().map(|c| c.class.clone())).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    DataClasses { request: of("request"), response: of("response") }
}
