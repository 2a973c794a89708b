//! Segments of a template while it is built: what they are called and how they are written.

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::shape::{Shape, is_version};
use super::trie::{DeclaredBy, NodeId, Values};
use super::words::{camel, singular};

/// A few values of one path parameter.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlaceValues {
    /// Name of the parameter.
    pub(crate) name: String,
    /// Some of the values, decoded.
    pub(crate) values: Vec<String>,
    /// How many there were (estimate).
    pub(crate) distinct: u64,
    /// The least and the greatest, when all are numbers.
    pub(crate) range: Option<(u64, u64)>,
    /// `uuid`, `date`, `email`, `ipv4` when all are.
    pub(crate) format: Option<&'static str>,
}

/// One decided segment of the template being built.
#[derive(Clone)]
pub(crate) struct Part {
    /// Text in the template, with braces when a parameter.
    pub(crate) text: String,
    /// The word, for naming what follows; empty for parameters.
    pub(crate) word: String,
    pub(crate) parameter: bool,
    /// Log-odds that the decision is right.
    pub(crate) certainty: f64,
    pub(crate) reason: Option<String>,
    /// A few values, of a parameter.
    pub(crate) values: Option<PlaceValues>,
}

/// A group of provisional children that are one segment.
pub(crate) struct Group {
    pub(crate) part: Part,
    pub(crate) ids: Vec<NodeId>,
}

/// A parameter while its values are gathered.
pub(crate) struct Draft {
    pub(crate) suffix: Box<str>,
    pub(crate) ids: Vec<NodeId>,
    pub(crate) odds: f64,
    /// The reason with the best odds.
    pub(crate) reason: String,
    pub(crate) values: Values,
    pub(crate) shapes: Vec<Shape>,
}

pub(crate) fn add_draft(drafts: &mut Vec<Draft>, new: Draft) {
    let Some(own) = drafts.iter_mut().find(|d| d.suffix == new.suffix) else {
        drafts.push(new);
        return;
    };
    own.ids.extend(new.ids);
    own.values.merge(&new.values);
    own.shapes.extend(new.shapes);
    if new.odds > own.odds {
        own.odds = new.odds;
        own.reason = new.reason;
    }
}

pub(crate) fn parameter(draft: Draft, parts: &[Part]) -> Group {
    let ids = draft.shapes.iter().any(|s| matches!(s, Shape::Integer | Shape::Uuid | Shape::Opaque));
    let name = parameter_name(parts, ids, &draft.shapes);
    let format = match draft.shapes.as_slice() {
        [Shape::Uuid] => Some("uuid"),
        [Shape::Date] => Some("date"),
        [Shape::Email] => Some("email"),
        _ => None,
    };
    let numbers = draft.shapes.iter().all(|shape| *shape == Shape::Integer);
    let place = PlaceValues {
        values: draft.values.first.iter().map(|v| vedette_parse::url::percent_decode(v).into_owned()).collect(),
        distinct: draft.values.distinct.estimate(),
        range: draft.values.range.filter(|_| numbers),
        format,
        name: name.clone(),
    };
    let part = Part {
        text: format!("{{{name}}}{}", draft.suffix),
        word: String::new(),
        parameter: true,
        certainty: draft.odds,
        reason: Some(draft.reason),
        values: Some(place),
    };
    Group { part, ids: draft.ids }
}

/// Log-odds of what a specification or the user says.
pub(crate) const DECLARED: f64 = 10.0;

/// A parameter with the name that a given template has for it; `text` is the segment of the template.
pub(crate) fn declared(text: &str, values: &Values, ids: Vec<NodeId>, by: DeclaredBy) -> Group {
    let name = text.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or(text, |(name, _)| name);
    let place = PlaceValues {
        name: name.to_owned(),
        values: values.first.iter().map(|v| vedette_parse::url::percent_decode(v).into_owned()).collect(),
        distinct: values.distinct.estimate(),
        range: None,
        format: None,
    };
    let part = Part {
        text: text.to_owned(),
        word: String::new(),
        parameter: true,
        certainty: DECLARED,
        reason: Some(match by {
            DeclaredBy::User => "you gave this template".to_owned(),
            DeclaredBy::Specification => "a specification declares it".to_owned(),
            DeclaredBy::Protocol => "the protocol says so".to_owned(),
        }),
        values: Some(place),
    };
    Group { part, ids }
}

pub(crate) fn literal(word: &str, ids: Vec<NodeId>, certainty: f64) -> Group {
    Group {
        // Braces of a raw path must not read as a parameter.
        part: Part {
            text: word.replace('{', "%7B").replace('}', "%7D"),
            word: word.to_owned(),
            parameter: false,
            certainty,
            reason: None,
            values: None,
        },
        ids,
    }
}

/// `users` → `userId`; a parameter after a parameter is named by its own kind.
fn parameter_name(parts: &[Part], ids: bool, shapes: &[Shape]) -> String {
    match shapes {
        [Shape::Date] => return "date".to_owned(),
        [Shape::Email] => return "email".to_owned(),
        [Shape::Address] => return "address".to_owned(),
        [Shape::File] => return "file".to_owned(),
        _ => {}
    }
    let noun = parts.last().filter(|p| !p.parameter).map(|p| {
        let word = vedette_parse::url::percent_decode(&p.word).into_owned();
        camel(&singular(&word).unwrap_or(word))
    });
    match noun.filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_version(n)) {
        Some(noun) if ids => format!("{noun}Id"),
        Some(noun) => noun,
        None if ids => "id".to_owned(),
        None => "name".to_owned(),
    }
}

/// The root, a version or `api`, or words that say so together (`api-v2`): what follows names collections.
pub(crate) fn is_prefix(word: &str) -> bool {
    word.is_empty()
        || is_version(word)
        || word.rsplit_once(['-', '_', '.']).is_some_and(|(first, last)| is_version(last) && is_prefix(first))
        || matches!(word.to_ascii_lowercase().as_str(), "api" | "rest" | "apis" | "public" | "internal")
}

/// The text of a template, with the values and the reasons of its parameters.
pub(crate) fn write(parts: &[Part]) -> (String, Vec<PlaceValues>, Vec<String>) {
    let mut template = String::new();
    let mut used: HashSet<String, FixedState> = HashSet::default();
    let mut values = Vec::new();
    let mut reasons = Vec::new();
    for part in parts {
        template.push('/');
        let Some(place) = &part.values else {
            template.push_str(&part.text);
            continue;
        };
        let name = unique_name(&place.name, &mut used);
        let head = part.text.split_once('{').map_or("", |(head, _)| head);
        let tail = part.text.split_once('}').map_or("", |(_, tail)| tail);
        template.extend([head, "{", &name, "}", tail]);
        reasons.extend(part.reason.as_ref().map(|reason| format!("{{{name}}}: {reason}")));
        values.push(PlaceValues { name, ..place.clone() });
    }
    if template.is_empty() {
        template.push('/');
    }
    (template, values, reasons)
}

/// Parameter names are unique in a template: the second `{id}` becomes `{id2}`.
fn unique_name(name: &str, used: &mut HashSet<String, FixedState>) -> String {
    let mut candidate = name.to_owned();
    let mut n = 2;
    while !used.insert(candidate.clone()) {
        candidate = format!("{name}{n}");
        n += 1;
    }
    candidate
}
