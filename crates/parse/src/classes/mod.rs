//! Data classes: what a field holds.
//!
//! A class is data (`rules/classes/<id>.yaml`: patterns, key words, validator, level, examples). [`Classifier`] holds
//! the compiled set; [`FieldTally`] decides per field, not per value; [`Classifier::scan`] finds spans in free text.

use smallvec::SmallVec;
use vedette_model::Diagnostic;

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
}

impl Classifier {
    /// The classes that ship with Vedette.
    pub fn builtin() -> Self {
        Self { classes: Vec::new() }
    }

    /// The built-in classes with a customer's on top (YAML text; `file` names it in diagnostics). Customer classes win.
    pub fn with_custom(_file: &str, _yaml: &str) -> Result<Self, Vec<Diagnostic>> {
        Ok(Self::builtin())
    }

    /// All classes.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// One class.
    pub fn class(&self, id: ClassId) -> Option<&Class> {
        self.classes.get(usize::from(id.0))
    }

    /// Classes that one whole value of a field named `key` could be. Hot path: no allocation.
    pub fn value(&self, _key: &str, _value: &str) -> SmallVec<[ClassId; 2]> {
        SmallVec::new()
    }

    /// Finds classes anywhere in free text; matches do not overlap, in order.
    pub fn scan(&self, _text: &str, _out: &mut Vec<Match>) {}
}

/// What the values of one field looked like: mergeable, bounded (invariant 3).
#[derive(Clone, Debug, Default)]
pub struct FieldTally {}

/// A field's decided class.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Which class.
    pub class: ClassId,
    /// How sure, 0 to 1.
    pub confidence: f32,
    /// Share of values that matched.
    pub share: f32,
    /// One masked value.
    pub excerpt: String,
    /// Where it was seen: source and record number.
    pub seen_at: (u32, u64),
}

impl FieldTally {
    /// Looks at one value. Once the field is settled only a sample is looked at.
    pub fn observe(&mut self, _classifier: &Classifier, _key: &str, _value: &str, _seen_at: (u32, u64)) {}

    /// Adds what another tally saw.
    pub fn merge(&mut self, _other: &Self) {}

    /// The classes that this field holds.
    pub fn decide(&self, _classifier: &Classifier, _key: &str) -> Vec<Decision> {
        Vec::new()
    }
}
