//! A schema as a flat list of fields.

use std::fmt::Write as _;

use vedette_model::results::Field;
use vedette_parse::classes::Classifier;

use super::node::{Node, types};
use super::{keys, maps};

const SCALARS: u8 = types::NULL | types::BOOLEAN | types::INTEGER | types::NUMBER | types::STRING;

/// The fields below a node, in alphabetical order of their paths' parts: `$.items[].email`, `$.prices.*` for the values
/// of a map, `$['odd key']`. Containers are listed only when nothing was ever in them.
pub(super) fn list(root: &Node, classifier: &Classifier) -> Vec<Field> {
    let mut listing = Listing { classifier, path: String::from("$"), fields: Vec::new() };
    if root.seen > 0 {
        listing.node(root, "", 1.0);
    }
    listing.fields
}

struct Listing<'a> {
    classifier: &'a Classifier,
    path: String,
    fields: Vec<Field>,
}

impl Listing<'_> {
    fn node(&mut self, node: &Node, key: &str, presence: f64) {
        let below = node.items.as_ref().is_some_and(|items| items.node.seen > 0)
            || node.object.as_ref().is_some_and(|object| !object.properties.is_empty() || object.entries.is_some());
        if node.types & SCALARS & !types::NULL != 0 || !below {
            self.fields.push(self.field(node, key, presence));
        }
        if let Some(items) = node.items.as_ref().filter(|items| items.node.seen > 0) {
            self.at("[]", |listing| listing.node(&items.node, key, 1.0));
        }
        let Some(object) = &node.object else { return };
        if let Some(value) = maps::value_of(object) {
            self.at(".*", |listing| listing.node(&value, key, 1.0));
            return;
        }
        for property in object.properties.sorted() {
            let presence = share(property.present, object.complete);
            self.at(&step(&property.key), |listing| {
                listing.node(&property.node, keys::telling(&property.key, key), presence);
            });
        }
        if let Some(entries) = &object.entries {
            self.at(".*", |listing| listing.node(&entries.node, key, 1.0));
        }
    }

    fn field(&self, node: &Node, key: &str, presence: f64) -> Field {
        let mut field = Field {
            name: self.path.clone(),
            types: type_names(node.types),
            seen: node.seen,
            presence,
            ..Field::default()
        };
        if let Some(scalars) = &node.scalars {
            scalars.fill(&mut field, self.classifier, key);
        }
        field
    }

    /// Runs `inside` one step further down the path.
    fn at(&mut self, step: &str, inside: impl FnOnce(&mut Self)) {
        let len = self.path.len();
        self.path.push_str(step);
        inside(self);
        self.path.truncate(len);
    }
}

/// Names of the types in a set; an integer is a number, so that `number` swallows `integer`.
pub(super) fn type_names(set: u8) -> Vec<String> {
    let set = if set & types::NUMBER != 0 { set & !types::INTEGER } else { set };
    types::NAMES.iter().filter(|(bit, _)| set & bit != 0).map(|(_, name)| (*name).to_owned()).collect()
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { (part as f64 / whole as f64).min(1.0) }
}

fn step(key: &str) -> String {
    let plain =
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$' | b'@'));
    if plain {
        return format!(".{key}");
    }
    let mut step = String::from("['");
    for c in key.chars() {
        match c {
            '\'' | '\\' => step.extend(['\\', c]),
            c if c.is_control() => _ = write!(step, "\\u{:04x}", u32::from(c)),
            c => step.push(c),
        }
    }
    step + "']"
}
