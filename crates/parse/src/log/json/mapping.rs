//! A user's mapping of fields to keys, in YAML.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_saphyr::Spanned;
use vedette_model::Diagnostic;

use super::fields::{FIELDS, field};
use crate::log::field::Field;

/// One field of a mapping.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) field: Field,
    pub(super) paths: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// The pairs of the file in their order, keys with their position.
struct Pairs(Vec<(Spanned<String>, OneOrMany)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object from field names to keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

/// Reads a mapping; says all that is wrong with it at once.
pub(super) fn read(file: &str, yaml: &str) -> Result<Vec<Entry>, Vec<Diagnostic>> {
    let Pairs(names) = match serde_saphyr::from_str(yaml) {
        Ok(names) => names,
        Err(error) => return Err(vec![from_yaml(file, &error)]),
    };
    let mut entries = Vec::new();
    let mut wrong = Vec::new();
    for (name, paths) in names {
        let at = (name.referenced.line() as usize, name.referenced.column() as usize);
        let paths = match paths {
            OneOrMany::One(path) => vec![path],
            OneOrMany::Many(paths) => paths,
        };
        let name = name.value;
        match field(&name) {
            None => {
                let known: Vec<&str> = FIELDS.iter().map(|(known, _)| *known).collect();
                let hint = format!("fields are {}, request_header.<name> and response_header.<name>", known.join(", "));
                wrong.push(diagnostic(file, at, format!("there is no field {name:?}"), Some(hint)));
            }
            Some(_) if paths.iter().all(|path| path.trim().is_empty()) => {
                let hint = format!("write `{name}: key` or `{name}: [best.key, other_key]`");
                wrong.push(diagnostic(file, at, format!("{name:?} names no key"), Some(hint)));
            }
            Some(field) => entries.push(Entry { field, paths }),
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(wrong) }
}

fn from_yaml(file: &str, error: &serde_saphyr::Error) -> Diagnostic {
    let at = error.location().map_or((0, 0), |l| (l.line() as usize, l.column() as usize));
    let message = error.to_string();
    let message = message.lines().next().unwrap_or("not readable as YAML").to_owned();
    let hint = "a mapping is an object from field names to keys, such as `client_ip: [edge.ip, ip]`";
    diagnostic(file, at, message, Some(hint.to_owned()))
}

fn diagnostic(file: &str, at: (usize, usize), message: String, hint: Option<String>) -> Diagnostic {
    Diagnostic { file: file.to_owned(), line: at.0, column: at.1, message, hint }
}
