//! The examples that a class file gives are claims, and claims are checked.

use serde_saphyr::Spanned;
use vedette_model::Diagnostic;

use super::definition::{Definition, diagnostic};
use super::{ClassId, Classifier, Match};

/// The examples of one class.
pub(crate) struct Claims {
    texts: Vec<(Spanned<String>, bool)>,
    fields: Vec<(Spanned<String>, bool)>,
}

impl Claims {
    /// The examples of a definition, each with whether the class is in it.
    pub(crate) fn of(definition: &Definition) -> Self {
        let both = |yes: &[Spanned<String>], no: &[Spanned<String>]| {
            yes.iter().map(|text| (text.clone(), true)).chain(no.iter().map(|text| (text.clone(), false))).collect()
        };
        Self {
            texts: both(&definition.examples, &definition.negative_examples),
            fields: both(&definition.fields, &definition.negative_fields),
        }
    }

    /// One diagnostic for every example that is not what it claims.
    pub(crate) fn check(&self, classifier: &Classifier, class: ClassId, file: &str, diagnostics: &mut Vec<Diagnostic>) {
        for (text, expected) in &self.texts {
            let mut matches: Vec<Match> = Vec::new();
            classifier.scan(&text.value, &mut matches);
            let found = matches.iter().any(|found| found.class == class);
            report(file, text, found, *expected, diagnostics);
        }
        for (field, expected) in &self.fields {
            let Some((key, value)) = field.value.split_once(": ") else {
                diagnostics.push(diagnostic(file, field, "a field example is `name: value`".to_owned(), None));
                continue;
            };
            let found = classifier.value(key, value).contains(&class);
            report(file, field, found, *expected, diagnostics);
        }
    }
}

fn report(file: &str, example: &Spanned<String>, found: bool, expected: bool, diagnostics: &mut Vec<Diagnostic>) {
    let (message, hint) = match (found, expected) {
        (true, false) => ("the class is found in this negative example", "narrow the pattern, or remove the example"),
        (false, true) => (
            "the class is not found in this example",
            "widen the pattern or add `context:` words, or remove the example",
        ),
        _ => return,
    };
    diagnostics.push(diagnostic(file, example, message.to_owned(), Some(hint)));
}
