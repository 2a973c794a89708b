//! XML bodies as JSON: elements become members, repeated ones arrays, attributes `@name`, text beside them `$text`.
//! Namespaces are dropped, entities beyond the five of XML are not followed, DTDs are passed over.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use vedette_model::limits::{JSON_DEPTH_MAX, MADE_BYTES_MAX, XML_NODES_MAX};
use vedette_model::{Exchange, Side};

use super::{Call, Part, members};
use crate::json::{Reader as JsonReader, Token};

/// Attributes of one element that become members.
const ATTRIBUTES_MAX: usize = 64;

/// Names of one element's members; more are data that somebody put into names.
const MEMBERS_MAX: usize = 512;

/// A body as JSON.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// The members of the document: `{"root": …}`; empty when there was no element.
    pub(super) json: String,
}

/// Bodies of an ordinary exchange that are XML; `None` when neither is.
pub(super) fn read<'a>(exchange: &'a Exchange<'_>) -> Option<Call<'a>> {
    let mut call = Call::own(None);
    let mut any = false;
    for (side, body) in
        [(Side::Request, exchange.request_body.as_deref()), (Side::Response, exchange.response_body.as_deref())]
    {
        let media = exchange.content_type(side).unwrap_or_default().to_ascii_lowercase();
        let is_xml =
            (media.contains("xml") && !media.contains("html")) || body.is_some_and(|b| b.starts_with(b"<?xml"));
        let Some(text) = members::text(body).filter(|_| is_xml) else { continue };
        let made = read_text(text);
        if made.json.is_empty() {
            continue;
        }
        any = true;
        let part = Part::one(made.json.into_bytes());
        match side {
            Side::Request => call.request = part,
            Side::Response => call.response = part,
        }
    }
    any.then_some(call)
}

/// Reads a text as far as it is XML.
pub(super) fn read_text(text: &str) -> Made {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut builder = Builder { open: vec![Element::default()], nodes: 0 };
    while builder.nodes < XML_NODES_MAX {
        match reader.read_event() {
            Ok(Event::Start(tag)) => builder.start(&tag),
            Ok(Event::Empty(tag)) => {
                builder.start(&tag);
                builder.end();
            }
            Ok(Event::End(_)) => builder.end(),
            Ok(Event::Text(text)) => builder.text(&text.xml10_content()),
            Ok(Event::CData(text)) => builder.text(text.as_ref()),
            Ok(Event::GeneralRef(entity)) => builder.entity(&entity.xml10_content()),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    builder.finish()
}

/// The first element below `envelope/inside` of a document as its name and JSON.
pub(super) fn payload(json: &str, inside: &str) -> Option<(String, String)> {
    let mut envelope = None;
    members::object(json, |_, raw| envelope = envelope.or(Some(raw)));
    let body = members::get(envelope?, inside)?;
    let mut found = None;
    members::object(body, |name, raw| {
        if found.is_none() && !name.starts_with(['@', '$']) {
            found = Some((name.to_owned(), raw.to_owned()));
        }
    });
    found
}

/// An element that is open.
#[derive(Default)]
struct Element {
    name: String,
    /// Members by name with their JSON, in order.
    members: Vec<(String, Vec<String>)>,
    text: String,
    bytes: usize,
}

struct Builder {
    open: Vec<Element>,
    nodes: usize,
}

impl Builder {
    fn start(&mut self, tag: &BytesStart<'_>) {
        self.nodes += 1;
        let local = tag.local_name();
        let mut element = Element { name: local.as_ref().to_owned(), ..Element::default() };
        for attribute in tag.attributes().with_checks(false).flatten().take(ATTRIBUTES_MAX) {
            let name = attribute.key.as_ref();
            // Namespace declarations and schema locations are no data.
            if name.starts_with("xmlns") || name.starts_with("xsi:") {
                continue;
            }
            self.nodes += 1;
            element.add(&format!("@{}", name.rsplit(':').next().unwrap_or_default()), scalar(&attribute.value));
        }
        self.open.push(element);
    }

    fn end(&mut self) {
        if self.open.len() < 2 {
            return;
        }
        let Some(element) = self.open.pop() else { return };
        let deep = self.open.len() > JSON_DEPTH_MAX / 2;
        let name = element.name.clone();
        let json = if deep { "null".to_owned() } else { element.json() };
        if let Some(above) = self.open.last_mut() {
            above.add(&name, json);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut().filter(|element| element.text.len() < MADE_BYTES_MAX) {
            element.text.push_str(text);
        }
    }

    fn entity(&mut self, name: &str) {
        let known = match name {
            "lt" => "<",
            "gt" => ">",
            "amp" => "&",
            "quot" => "\"",
            "apos" => "'",
            _ => "?",
        };
        self.text(known);
    }

    /// Elements that were never closed end here.
    fn finish(mut self) -> Made {
        while self.open.len() > 1 {
            self.end();
        }
        let root = self.open.pop().unwrap_or_default();
        Made { json: if root.members.is_empty() { String::new() } else { root.json() } }
    }
}

impl Element {
    fn add(&mut self, name: &str, json: String) {
        self.bytes += name.len() + json.len();
        if self.bytes > MADE_BYTES_MAX {
            return;
        }
        let room = self.members.len() < MEMBERS_MAX;
        match self.members.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(json),
            None if room => self.members.push((name.to_owned(), vec![json])),
            None => {}
        }
    }

    fn json(self) -> String {
        let text = self.text.trim();
        if self.members.is_empty() {
            return scalar(text);
        }
        let mut out = String::from("{");
        for (name, values) in &self.members {
            if out.len() > 1 {
                out.push(',');
            }
            out.push_str(&members::quoted(name));
            out.push(':');
            match values.as_slice() {
                [one] => out.push_str(one),
                many => {
                    out.push('[');
                    out.push_str(&many.join(","));
                    out.push(']');
                }
            }
        }
        if !text.is_empty() {
            out.push_str(",\"$text\":");
            out.push_str(&scalar(text));
        }
        out.push('}');
        out
    }
}

/// XML has no types: what reads as a JSON number of up to 18 characters or as a truth value counts as one, `007` does
/// not, and nothing is `null`.
fn scalar(text: &str) -> String {
    let text = text.trim();
    let plain = match text.as_bytes() {
        [] => return "null".to_owned(),
        b"true" | b"false" => true,
        [b'0'..=b'9' | b'-', ..] if text.len() <= 18 => {
            let mut reader = JsonReader::new(text);
            matches!(reader.value(), Ok(Token::Number(_))) && reader.position() == text.len()
        }
        _ => false,
    };
    if plain { text.to_owned() } else { members::quoted(text) }
}
