//! Data classes: what a field holds.
//!
//! A class is data (`rules/classes/*.yaml`: patterns, key words, validator, level, examples). [`Classifier`] holds the
//! compiled set. It answers three questions: what is this one value ([`Classifier::value`]), what is in this text
//! ([`Classifier::scan`]), and, the one that counts, what does this *field* hold ([`FieldTally`]): the name of the
//! field, the share of its values that match, their number of distinct ones and their check digits decide together,
//! never one value alone.
//!
//! Patterns are found in two ways. Those with a literal (`ghp_`) are called by one automaton over all literals; those
//! that begin at the start of a word (numbers) share a second one. Regular expressions and check digits run only on
//! what these let through.

mod anchors;
mod assignment;
mod automaton;
mod boundary;
mod claims;
mod compile;
mod context;
pub(crate) mod definition;
mod entropy;
mod exceptions;
mod field;
mod finder;
mod finders;
pub mod fuzz;
pub mod import;
mod keys;
mod outline;
mod pairs;
mod prepared;
pub(crate) mod regex;
mod scan;
mod tally;
#[cfg(test)]
mod tests;
mod validators;

use smallvec::SmallVec;
use vedette_model::Diagnostic;
use vedette_model::limits::KEY_BYTES_MAX;

pub use keys::KeyHints;
pub use tally::{Decision, FieldTally};

use anchors::Anchors;
use automaton::WordAutomaton;
use compile::{Builder, Call, Pattern, Rule};
use definition::ClassFile;
use keys::KeyTable;

/// Index of a class in its [`Classifier`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u16);

/// A class as users see it.
#[derive(Clone, Debug)]
pub struct Class {
    /// Id (`payment-card`).
    pub id: String,
    /// Name (`Payment card number`).
    pub name: String,
    /// Sensitivity level (`public`, `internal`, `personal`, `sensitive-personal`, `financial`, `health`, `secret`, or a customer's own).
    pub level: String,
    /// Labels that a customer gave (`gdpr`).
    pub labels: Vec<String>,
    /// Weight of the level in the impact of a risk, 0 to 1.
    pub weight: f32,
}

/// A class found in text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Which class.
    pub class: ClassId,
    /// First byte.
    pub start: usize,
    /// Past the last byte.
    pub end: usize,
    /// How sure, 0 to 1.
    pub confidence: f32,
}

/// The compiled set of classes.
#[derive(Debug)]
pub struct Classifier {
    classes: Vec<Class>,
    rules: Vec<Rule>,
    patterns: Vec<Pattern>,
    keys: KeyTable,
    /// Patterns of [`Self::words`], by its pattern ids.
    word_patterns: Vec<u16>,
    words: Option<WordAutomaton>,
    anchors: Option<Anchors>,
    /// What each literal of [`Self::anchors`] calls.
    calls: Vec<Vec<Call>>,
    /// A customer's pattern looks for a name and its value (`acme_key = "…"`).
    labeled: bool,
}

impl Classifier {
    /// The classes that ship with Vedette.
    pub fn builtin() -> Self {
        let built = builtin_files().build();
        // The files are part of the program and a test compiles them, so there is nothing to tell a user here.
        debug_assert!(built.is_ok(), "{built:?}");
        built.unwrap_or_else(|_| Self::none())
    }

    /// The built-in classes with a customer's on top (YAML text; `file` names it in diagnostics). Customer classes win:
    /// one with a built-in id replaces it, and where both match the customer's is named.
    pub fn with_custom(file: &str, yaml: &str) -> Result<Self, Vec<Diagnostic>> {
        Self::with_customs([(file, yaml)])
    }

    /// As [`Self::with_custom`], with several files.
    pub fn with_customs<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<Diagnostic>> {
        let mut builder = builtin_files();
        for (file, yaml) in files {
            builder.add(file, ClassFile::read(file, yaml), true);
        }
        builder.build()
    }

    fn none() -> Self {
        Self {
            classes: Vec::new(),
            rules: Vec::new(),
            patterns: Vec::new(),
            keys: KeyTable::default(),
            word_patterns: Vec::new(),
            words: None,
            anchors: None,
            calls: Vec::new(),
            labeled: false,
        }
    }

    /// All classes, a customer's first, then by weight.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// One class.
    pub fn class(&self, id: ClassId) -> Option<&Class> {
        self.classes.get(usize::from(id.0))
    }

    /// A class by its id (`email`).
    pub fn by_id(&self, id: &str) -> Option<ClassId> {
        self.classes.iter().position(|class| class.id == id).map(|at| ClassId(at as u16))
    }

    /// What the name of a field says; keep it when many values of the field follow. `key` may be a path
    /// (`customer.name`): its last words count.
    pub fn key(&self, key: &str) -> KeyHints {
        let mut hints = self.keys.hints(key);
        if self.labeled {
            hints.label = Some(key.get(key.len().saturating_sub(KEY_BYTES_MAX)..).unwrap_or_default().into());
        }
        hints
    }

    /// Classes that one whole value of a field named `key` could be, likeliest first. Hot path: no allocation.
    pub fn value(&self, key: &str, value: &str) -> SmallVec<[ClassId; 2]> {
        field::classes_of(self, &self.key(key), value).iter().map(|(class, _)| *class).collect()
    }

    /// As [`Self::value`], with what the name says read before, with confidences, and with whether the value may
    /// contain more than it is as a whole: then [`Self::scan`] it.
    pub fn value_of(&self, hints: &KeyHints, value: &str) -> (SmallVec<[(ClassId, f32); 4]>, bool) {
        let judged = field::judge(self, hints, value);
        (judged.found, judged.look_inside)
    }

    /// Finds classes anywhere in free text; matches do not overlap, in order. Only matches that are likelier than not.
    pub fn scan(&self, text: &str, out: &mut Vec<Match>) {
        scan::scan(self, text, field::CONFIDENCE_MIN, out);
    }

    /// The secret that one value of a field named `key` is or contains (level `secret`), the surest first: what a check
    /// asks of a query parameter or a body field.
    pub fn secret(&self, key: &str, value: &str) -> Option<(ClassId, f32)> {
        let secret = |class: ClassId| self.rules.get(usize::from(class.0)).is_some_and(|rule| rule.secret);
        let whole = field::classes_of(self, &self.key(key), value).into_iter().find(|(class, _)| secret(*class));
        whole.or_else(|| {
            let mut matches = Vec::new();
            self.scan(value, &mut matches);
            matches.retain(|found| secret(found.class));
            matches.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
            matches.first().map(|found| (found.class, found.confidence))
        })
    }
}

fn builtin_files() -> Builder {
    let mut builder = Builder::default();
    if let Some(classes) = prepared::classes() {
        builder.add("rules/classes", Ok(classes), false);
    }
    builder
}
