//! Reads one object into an exchange.

use std::borrow::Cow;

use vedette_model::{Anomaly, Exchange};

use super::fields::{SLOTS, slot};
use super::headers;
use super::keys::{Keys, NodeId};
use super::scan::{Key, Scalar, Scanner};
use crate::decode::Unreadable;
use crate::log::draft::Draft;
use crate::log::field::Field;
use crate::log::request::{RequestLine, is_method, is_target};
use crate::log::text::is_nothing;
use crate::log::time;

/// Rank of a slot that nothing was put into.
const EMPTY: u8 = u8::MAX;

/// What is needed to read one object.
pub(super) struct Reader<'a> {
    keys: &'a Keys,
    header_prefixes: (&'a [&'a str], &'a [&'a str]),
    scanner: Scanner<'a>,
    draft: Draft<'a>,
    ranks: [u8; SLOTS],
    /// A key for the request was there, whatever its value.
    names_request: bool,
    bad_time: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(keys: &'a Keys, header_prefixes: (&'a [&'a str], &'a [&'a str]), object: &'a str) -> Self {
        Self {
            keys,
            header_prefixes,
            scanner: Scanner::new(object),
            draft: Draft::default(),
            ranks: [EMPTY; SLOTS],
            names_request: false,
            bad_time: false,
        }
    }

    /// Reads the object.
    pub(super) fn exchange(mut self) -> Result<Option<Exchange<'a>>, Unreadable> {
        self.object(0).ok_or(Unreadable { reason: "malformed JSON" })?;
        if !self.scanner.at_end() {
            return Err(Unreadable { reason: "text after the JSON object" });
        }
        let status = self.draft.exchange.status;
        if !self.draft.has_request() {
            if !self.names_request || status == 0 {
                return Ok(None);
            }
            self.draft.odd(Anomaly::MalformedRequestLine);
        } else if self.draft.exchange.method.is_empty() && status == 0 && !self.draft.is_malformed() {
            // A path alone is in many messages that are about no request.
            return Ok(None);
        }
        if self.bad_time && self.draft.exchange.at.is_none() {
            self.draft.odd(Anomaly::BadTimestamp);
        }
        headers::complete(&mut self.draft.exchange);
        self.draft.finish();
        Ok(Some(self.draft.exchange))
    }

    /// Reads an object of which keys below `parent` matter. Recursion ends with the tree of key paths.
    fn object(&mut self, parent: NodeId) -> Option<()> {
        self.scanner.expect(b'{')?;
        let mut first = true;
        while let Key::Name(key) = self.scanner.key(first)? {
            first = false;
            match self.keys.get(parent, key) {
                Some(node) => self.value(node)?,
                None if parent == 0 => self.unknown(key)?,
                None => self.scanner.skip()?,
            }
        }
        Some(())
    }

    fn value(&mut self, id: NodeId) -> Option<()> {
        let Some(node) = self.keys.node(id) else { return self.scanner.skip() };
        let target = node.target.as_ref();
        match (self.scanner.peek()?, target) {
            (b'{' | b'[', Some((Field::RequestHeaders, _))) => {
                let headers = &mut self.draft.exchange.request_headers;
                return headers::read(&mut self.scanner, headers);
            }
            (b'{' | b'[', Some((Field::ResponseHeaders, _))) => {
                let headers = &mut self.draft.exchange.response_headers;
                return headers::read(&mut self.scanner, headers);
            }
            (b'{', _) if node.has_children => return self.object(id),
            (b'{', _) | (_, None) => return self.scanner.skip(),
            (b'[', Some((field, rank))) => {
                let mut list = Scanner::new(self.scanner.raw()?);
                list.expect(b'[')?;
                if let Some(first) = list.scalar().and_then(Scalar::into_text) {
                    self.take(field, *rank, first);
                }
            }
            (_, Some((field, rank))) => {
                let scalar = self.scanner.scalar()?;
                match scalar.into_text() {
                    Some(text) => self.take(field, *rank, text),
                    None => self.names_request |= names_request(field),
                }
            }
        }
        Some(())
    }

    /// A key at the top that is not mapped: perhaps a header by its prefix.
    fn unknown(&mut self, key: &'a str) -> Option<()> {
        let (request, response) = self.header_prefixes;
        let under = |prefixes: &[&str]| prefixes.iter().find_map(|prefix| key.strip_prefix(*prefix));
        let (headers, name) = match (under(request), under(response)) {
            (Some(name), _) => (&mut self.draft.exchange.request_headers, name),
            (_, Some(name)) => (&mut self.draft.exchange.response_headers, name),
            _ => return self.scanner.skip(),
        };
        if self.scanner.peek()? != b'"' {
            return self.scanner.skip();
        }
        if let Some(value) = self.scanner.scalar()?.into_text().filter(|value| !is_nothing(value)) {
            let name = name.replace('_', "-").to_ascii_lowercase();
            headers::push(headers, name.into(), value);
        }
        Some(())
    }

    /// Takes a value for a field unless a better ranked key gave one or it cannot be one.
    fn take(&mut self, field: &'a Field, rank: u8, value: Cow<'a, str>) {
        self.names_request |= names_request(field);
        if is_nothing(&value) {
            return;
        }
        let slot = slot(field);
        let best = slot.and_then(|slot| self.ranks.get(slot)).copied().unwrap_or(EMPTY);
        if slot.is_some() && rank >= best {
            return;
        }
        let fits = match field {
            Field::Time(_) => {
                let at = time::auto(&value);
                self.bad_time |= at.is_none();
                self.draft.exchange.at = at.or(self.draft.exchange.at);
                at.is_some()
            }
            Field::Status => is_status(&value) && self.draft.value(field, value),
            Field::Method => is_method(&value) && self.draft.value(field, http_method(value)),
            Field::Target | Field::Path => is_target("", &value) && self.draft.value(field, value),
            Field::Request => is_request(&value) && self.draft.value(field, value),
            Field::Peer if value.contains(',') => {
                self.draft.value(&Field::Forwarded, value);
                false
            }
            _ => self.draft.value(field, value),
        };
        if let Some(best) = slot.filter(|_| fits).and_then(|slot| self.ranks.get_mut(slot)) {
            *best = rank;
        }
    }
}

/// The method in upper case; the verbs of Kubernetes' audit log as the methods that they stand for.
fn http_method(value: Cow<'_, str>) -> Cow<'_, str> {
    if !value.bytes().any(|c| c.is_ascii_lowercase()) {
        return value;
    }
    Cow::Borrowed(match &*value.to_ascii_lowercase() {
        "get" | "list" | "watch" => "GET",
        "post" | "create" => "POST",
        "put" | "update" => "PUT",
        "patch" => "PATCH",
        "delete" | "deletecollection" => "DELETE",
        "head" => "HEAD",
        "options" => "OPTIONS",
        _ => return value,
    })
}

fn names_request(field: &Field) -> bool {
    matches!(field, Field::Request | Field::Target | Field::Method)
}

fn is_status(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|status| (1..1000).contains(&status))
}

fn is_request(text: &str) -> bool {
    text.starts_with('/') || !RequestLine::parse(text).malformed || text.contains('\\') || text.contains('\u{3}')
}
