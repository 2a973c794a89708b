//! The parameters of an endpoint: what comes in path, query, headers, cookies and forms.
//!
//! Everything arrives as text; a value that reads as a number or boolean counts as one. Headers that every client sends
//! are no parameters of an API (`headers` lists them), and headers and cookies that carry credentials are counted
//! without a look at their values.

mod headers;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use vedette_model::limits::{PARAMETERS_MAX, VALUE_BYTES_MAX};
use vedette_model::results::Field;
use vedette_parse::classes::Classifier;
use vedette_parse::{credentials, stored, stored_codes};

use crate::schema::names::{Named, Names};
use crate::schema::scalar::Scalars;
use crate::sketch::{DistinctCount, hash};

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// A segment of the path.
    Path,
    /// The query string.
    Query,
    /// A header; names compare without case.
    Header,
    /// A cookie.
    Cookie,
    /// A field of an urlencoded or multipart form.
    Form,
}

impl Location {
    /// As in [`Field::location`].
    pub fn id(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Form => "form",
        }
    }
}

/// The parameters of one side of an endpoint: mergeable, at most [`PARAMETERS_MAX`] per location (invariant 3).
#[derive(Clone, Debug, Default)]
pub struct ParameterSet {
    parameters: Names<Parameter>,
    /// The exchange that is being read, and the place where its next parameter is expected.
    current: (u32, u64),
    expected: usize,
    /// Values of parameters that found no place.
    dropped: u64,
}

#[derive(Clone, Debug)]
struct Parameter {
    name: Box<str>,
    location: Location,
    /// Its values are secrets.
    credential: bool,
    /// Exchanges that had it.
    present: u64,
    /// The last of them, plus one.
    last: (u32, u64),
    booleans: u64,
    /// Uploaded files.
    files: u64,
    scalars: Scalars,
    distinct: DistinctCount,
}

impl Named for Parameter {
    #[inline]
    fn name(&self) -> (&str, u8) {
        (&self.name, self.location as u8)
    }
}

stored!(ParameterSet { parameters, dropped; current = (0, 0), expected = 0 });
stored!(Parameter { name, location, credential, present, last, booleans, files, scalars, distinct });
stored_codes!(Location { Path = 0, Query = 1, Header = 2, Cookie = 3, Form = 4 });

impl ParameterSet {
    /// Notes one parameter of the exchange at `seen_at` (source and record); values are decoded. All parameters of an
    /// exchange come in a row: a name that comes again counts once for its presence. Hot path.
    #[inline]
    pub fn observe(
        &mut self,
        location: Location,
        name: &str,
        value: &str,
        classifier: &Classifier,
        seen_at: (u32, u64),
    ) {
        let name = match location {
            Location::Header if headers::is_standard(name) => return,
            Location::Header => lower_case(name),
            _ => Cow::Borrowed(name),
        };
        if self.current != seen_at {
            self.current = seen_at;
            self.expected = 0;
        }
        let place = self.parameters.find(&name, location as u8, self.expected).or_else(|| self.admit(location, &name));
        let Some((place, parameter)) = place.and_then(|place| Some((place, self.parameters.get_mut(place)?))) else {
            self.dropped += 1;
            return;
        };
        self.expected = place + 1;
        let exchange = (seen_at.0, seen_at.1 + 1);
        parameter.present += u64::from(parameter.last != exchange);
        parameter.last = exchange;
        parameter.value(value, classifier, seen_at);
    }

    /// Notes a file of a multipart form: that it was there, nothing of its content.
    pub fn observe_file(&mut self, name: &str, seen_at: (u32, u64)) {
        let found = self.parameters.find(name, Location::Form as u8, usize::MAX);
        let place = found.or_else(|| self.admit(Location::Form, name));
        let Some(parameter) = place.and_then(|place| self.parameters.get_mut(place)) else {
            self.dropped += 1;
            return;
        };
        let exchange = (seen_at.0, seen_at.1 + 1);
        parameter.present += u64::from(parameter.last != exchange);
        parameter.last = exchange;
        parameter.files += 1;
    }

    /// Adds what another set saw.
    pub fn merge(&mut self, other: &Self) {
        self.dropped += other.dropped;
        for theirs in other.parameters.iter() {
            let known = self.parameters.find(&theirs.name, theirs.location as u8, usize::MAX);
            if let Some(place) = known {
                if let Some(mine) = self.parameters.get_mut(place) {
                    mine.merge(theirs);
                }
            } else if self.has_room(theirs.location) {
                self.parameters.push(theirs.clone());
            } else {
                self.dropped += theirs.scalars.seen() + theirs.booleans;
            }
        }
    }

    /// Values that were not noted because there were more than [`PARAMETERS_MAX`] names.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// As shown, of a request, by location and name. `exchanges` is the number that presence is a share of.
    pub fn fields(&self, classifier: &Classifier, exchanges: u64) -> Vec<Field> {
        self.parameters.sorted().into_iter().map(|parameter| parameter.field(exchanges, classifier)).collect()
    }

    #[cold]
    fn admit(&mut self, location: Location, name: &str) -> Option<usize> {
        let admitted = self.has_room(location) && name.len() <= VALUE_BYTES_MAX;
        admitted.then(|| self.parameters.push(Parameter::new(location, name)))
    }

    fn has_room(&self, location: Location) -> bool {
        self.parameters.len() < PARAMETERS_MAX
            || self.parameters.iter().filter(|parameter| parameter.location == location).count() < PARAMETERS_MAX
    }
}

impl Parameter {
    fn new(location: Location, name: &str) -> Self {
        let credential = match location {
            Location::Header => credentials::in_header(name),
            Location::Cookie => credentials::in_cookie(name),
            Location::Path | Location::Query | Location::Form => false,
        };
        Self {
            name: name.into(),
            location,
            credential,
            present: 0,
            last: (0, 0),
            booleans: 0,
            files: 0,
            scalars: if credential { Scalars::unseen() } else { Scalars::new(name) },
            distinct: DistinctCount::default(),
        }
    }

    #[inline]
    fn value(&mut self, value: &str, classifier: &Classifier, seen_at: (u32, u64)) {
        let value = bounded(value);
        self.distinct.observe(hash(value.as_bytes()));
        if self.credential {
            self.scalars.text_length(value);
            return;
        }
        match kind(value) {
            Kind::Boolean => self.booleans += 1,
            Kind::Number(number, whole) => self.scalars.number(value, number, whole),
            Kind::Text => self.scalars.text(value),
        }
        self.scalars.tally.observe(classifier, &self.name, value, seen_at);
    }

    fn merge(&mut self, other: &Self) {
        self.present += other.present;
        self.booleans += other.booleans;
        self.files += other.files;
        self.scalars.merge(&other.scalars);
        self.distinct.merge(&other.distinct);
    }

    fn field(&self, exchanges: u64, classifier: &Classifier) -> Field {
        let mut field = Field {
            side: "request".to_owned(),
            location: self.location.id().to_owned(),
            name: self.name.to_string(),
            seen: self.scalars.seen() + self.booleans + self.files,
            presence: if exchanges == 0 { 0.0 } else { (self.present as f64 / exchanges as f64).min(1.0) },
            ..Field::default()
        };
        let whole = self.scalars.integers > 0 && self.scalars.numbers == 0;
        for (name, had) in [
            ("boolean", self.booleans > 0),
            ("integer", whole),
            ("number", self.scalars.numbers > 0),
            ("string", self.scalars.texts + self.files > 0),
        ] {
            if had {
                field.types.push(name.to_owned());
            }
        }
        self.scalars.fill(&mut field, classifier, &self.name);
        if self.files > 0 {
            // OpenAPI 3.1 names an upload so.
            field.format = Some("binary".to_owned());
        }
        field.distinct = self.distinct.estimate();
        field
    }
}

/// What a text reads as.
enum Kind {
    Boolean,
    Number(f64, bool),
    Text,
}

/// Numbers are taken as JSON writes them, up to 18 digits: `007` and longer ones are names made of digits.
#[inline]
fn kind(value: &str) -> Kind {
    match value.as_bytes() {
        b"true" | b"false" => Kind::Boolean,
        [b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..] if value.len() <= 18 => {
            let mut reader = vedette_parse::json::Reader::new(value);
            match reader.value() {
                Ok(vedette_parse::json::Token::Number(number)) if reader.position() == value.len() => {
                    Kind::Number(number.as_f64(), number.whole)
                }
                _ => Kind::Text,
            }
        }
        _ => Kind::Text,
    }
}

fn lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|b| b.is_ascii_uppercase()) { name.to_ascii_lowercase().into() } else { name.into() }
}

/// The beginning of a value that is looked at.
#[inline]
fn bounded(value: &str) -> &str {
    if value.len() <= VALUE_BYTES_MAX {
        return value;
    }
    (VALUE_BYTES_MAX - 3..=VALUE_BYTES_MAX).rev().find_map(|end| value.get(..end)).unwrap_or_default()
}
