//! Walks a JSON value without building it: every string and number is judged where it stands.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;
use std::io::Write as _;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use vedette_parse::classes::{Classifier, KeyHints};

use super::output::Report;

/// Distinct field names remembered; a hostile input has more, and then they are read again.
const KEYS_MAX: usize = 8_192;

/// Field names that say nothing without the one above them (`customer: {"name": …}`).
const BARE_NAMES: &[&str] = &[
    "name", "number", "value", "id", "no", "code", "line", "address", "token", "key", "text", "line1", "hash", "date",
    "account",
];

/// What field names say, read once per name.
#[derive(Default)]
pub(super) struct KeyCache {
    hints: HashMap<Box<str>, Rc<KeyHints>, foldhash::fast::RandomState>,
    joined: String,
}

impl KeyCache {
    fn get(&mut self, classifier: &Classifier, parent: &str, key: &str) -> Rc<KeyHints> {
        let bare = !parent.is_empty() && BARE_NAMES.iter().any(|name| key.eq_ignore_ascii_case(name));
        if bare {
            self.joined.clear();
            self.joined.push_str(parent);
            self.joined.push('.');
            self.joined.push_str(key);
        }
        let name = if bare { self.joined.as_str() } else { key };
        if let Some(hints) = self.hints.get(name) {
            return Rc::clone(hints);
        }
        let hints = Rc::new(classifier.key(name));
        if self.hints.len() >= KEYS_MAX {
            self.hints.clear();
        }
        self.hints.insert(name.into(), Rc::clone(&hints));
        hints
    }
}

/// One step of a path.
enum Step<'de> {
    Key(Cow<'de, str>),
    Index(usize),
}

/// The walk through one value.
pub(super) struct Walk<'a, 'c, 'de> {
    state: State<'a, 'c, 'de>,
}

struct State<'a, 'c, 'de> {
    report: &'a mut Report<'c>,
    keys: &'a mut KeyCache,
    path: Vec<Step<'de>>,
    hints: Rc<KeyHints>,
    text: Vec<u8>,
}

impl<'a, 'c> Walk<'a, 'c, '_> {
    /// A walk that adds to the report.
    pub(super) fn new(report: &'a mut Report<'c>, keys: &'a mut KeyCache) -> Self {
        Self { state: State { report, keys, path: Vec::new(), hints: Rc::default(), text: Vec::new() } }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<(), D::Error> {
        Node(&mut self.state).deserialize(deserializer)
    }
}

struct Node<'s, 'a, 'c, 'de>(&'s mut State<'a, 'c, 'de>);

impl<'de> DeserializeSeed<'de> for Node<'_, '_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let state = self.0;
        let outer = Rc::clone(&state.hints);
        while let Some(key) = map.next_key_seed(Text)? {
            let parent = state
                .path
                .iter()
                .rev()
                .find_map(|step| if let Step::Key(key) = step { Some(key.as_ref()) } else { None });
            state.hints = state.keys.get(state.report.classifier, parent.unwrap_or_default(), &key);
            state.path.push(Step::Key(key));
            map.next_value_seed(Node(state))?;
            state.path.pop();
        }
        state.hints = outer;
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let state = self.0;
        let mut index = 0;
        loop {
            state.path.push(Step::Index(index));
            let more = seq.next_element_seed(Node(state))?;
            state.path.pop();
            if more.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.judge(text, true);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        // Numbers below six digits hold nothing that their name does not say.
        if number > 99_999 || !self.0.hints.is_silent() {
            self.0.number(format_args!("{number}"));
        }
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        if !self.0.hints.is_silent() {
            self.0.number(format_args!("{number}"));
        }
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        if !self.0.hints.is_silent() {
            self.0.number(format_args!("{number}"));
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

impl State<'_, '_, '_> {
    fn number(&mut self, number: fmt::Arguments<'_>) {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let _ = text.write_fmt(number);
        self.judge(std::str::from_utf8(&text).unwrap_or_default(), false);
        self.text = text;
    }

    fn judge(&mut self, value: &str, search: bool) {
        let (found, look_inside) = self.report.classifier.value_of(&self.hints, value);
        if search && look_inside {
            self.report.text(value, || Self::path(&self.path));
        } else if let Some((class, confidence)) = found.first() {
            self.report.push(*class, *confidence, 0, value.chars().count(), &Self::path(&self.path));
        }
    }

    /// The path as a JSON string: `"$.user.emails[0]"`, names that are no identifiers in brackets.
    fn path(steps: &[Step<'_>]) -> Vec<u8> {
        let mut path = String::from("$");
        for step in steps {
            match step {
                Step::Index(index) => {
                    let _ = write!(path, "[{index}]");
                }
                Step::Key(key) if is_identifier(key) => {
                    path.push('.');
                    path.push_str(key);
                }
                Step::Key(key) => {
                    let _ = write!(path, "['{}']", key.replace('\\', "\\\\").replace('\'', "\\'"));
                }
            }
        }
        serde_json::to_vec(&path).unwrap_or_default()
    }
}

fn is_identifier(key: &str) -> bool {
    key.starts_with(|c: char| c.is_alphabetic() || c == '_') && key.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// A string, borrowed when it has no escapes.
pub(super) struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}
