//! Learning from one body: one pass over its bytes, token by token, nothing built.

use vedette_model::Anomaly;
use vedette_model::limits::JSON_DEPTH_MAX;
use vedette_parse::json::{Broken, Key, Number, Reader, Token};

use super::node::{Budget, Items, Node, Object, Property, Slot, types};
use super::scalar::Scalars;
use super::{Context, Scalar, keys};

/// Longest text that is told to [`Context::on_scalar`]: ids and names are shorter, and a UUID has 36 bytes.
const TOLD_BYTES_MAX: usize = 64;

/// Levels that are followed into JSON that is itself a string (MCP results, queue messages).
const NESTED_MAX: usize = 1;

/// A pass over one body.
pub(super) struct Walk<'r, 'c, 'd> {
    pub(super) reader: Reader<'r>,
    pub(super) context: &'c mut Context<'d>,
    pub(super) budget: &'c mut Budget,
    /// Number of this body in its schema, from 1.
    pub(super) body: u64,
    /// The worst that was met without being broken.
    pub(super) oddity: Option<Anomaly>,
}

impl Walk<'_, '_, '_> {
    /// Learns the value that `token` begins. `key` is the nearest object key that tells something.
    pub(super) fn value(&mut self, token: Token<'_>, node: &mut Node, key: &str, depth: usize) -> Result<(), Broken> {
        match token {
            Token::Null => {
                node.seen += 1;
                node.nulls += 1;
                node.types |= types::NULL;
            }
            Token::Bool(value) => {
                node.see(types::BOOLEAN, self.body);
                self.context.tell(key, Scalar::Bool(value));
            }
            Token::Number(number) => {
                node.see(if number.whole { types::INTEGER } else { types::NUMBER }, self.body);
                let scalars = node.scalars.get_or_insert_with(|| Box::new(Scalars::new(key)));
                scalars.number(number.raw, number.as_f64(), number.whole);
                scalars.tally.observe(self.context.classifier, key, number.raw, self.context.seen_at);
                self.context.tell(key, scalar_of(&number));
            }
            Token::Text(text) => {
                node.see(types::STRING, self.body);
                let text = text.unescape();
                let scalars = node.scalars.get_or_insert_with(|| Box::new(Scalars::new(key)));
                scalars.text(&text);
                scalars.tally.observe(self.context.classifier, key, &text, self.context.seen_at);
                tell(self.context, key, &text, NESTED_MAX);
            }
            Token::Array | Token::Object if depth >= JSON_DEPTH_MAX => {
                node.see(if token == Token::Array { types::ARRAY } else { types::OBJECT }, self.body);
                self.oddity = Some(Anomaly::JsonTooDeep);
                self.reader.skip()?;
            }
            Token::Array => {
                node.see(types::ARRAY, self.body);
                if node.items.is_none() && !self.budget.take() {
                    return tell_all(&mut self.reader, token, self.context, key, depth, NESTED_MAX);
                }
                self.array(node.items.get_or_insert_default(), key, depth + 1)?;
            }
            Token::Object => {
                node.see(types::OBJECT, self.body);
                self.object(node.object.get_or_insert_default(), key, depth + 1)?;
            }
        }
        Ok(())
    }

    fn array(&mut self, items: &mut Items, key: &str, depth: usize) -> Result<(), Broken> {
        items.arrays += 1;
        let (mut first, mut len) = (true, 0);
        while self.reader.item(&mut first)? {
            len += 1;
            items.max = items.max.max(len);
            let token = self.reader.value()?;
            self.value(token, &mut items.node, key, depth)?;
        }
        Ok(())
    }

    fn object(&mut self, object: &mut Object, key: &str, depth: usize) -> Result<(), Broken> {
        object.serial = object.serial.wrapping_add(1);
        let read = self.properties(object, key, depth);
        match read {
            Ok(()) => object.complete += 1,
            Err(_) => object.forget_last(),
        }
        read
    }

    fn properties(&mut self, object: &mut Object, above: &str, depth: usize) -> Result<(), Broken> {
        let (mut first, mut expected) = (true, 0);
        loop {
            let guess = object.properties.get(expected).filter(|property| property.plain);
            match self.reader.key_like(&mut first, guess.map(|property| &*property.key))? {
                None => return Ok(()),
                Some(Key::Guessed) => self.property(object, expected, above, depth)?,
                Some(Key::Other(key)) => match object.slot(&key, expected, self.budget) {
                    Slot::Property(place) => {
                        expected = place;
                        self.property(object, place, above, depth)?;
                    }
                    Slot::Entry => {
                        self.entry(object, above, &key, depth)?;
                        continue;
                    }
                    Slot::None => {
                        self.unlearned(&key, depth)?;
                        continue;
                    }
                },
            }
            expected += 1;
        }
    }

    fn property(&mut self, object: &mut Object, place: usize, above: &str, depth: usize) -> Result<(), Broken> {
        let token = self.reader.value()?;
        let serial = object.serial;
        let Some(Property { key, stamp, present, node, .. }) = object.properties.get_mut(place) else { return Ok(()) };
        if std::mem::replace(stamp, serial) == serial {
            self.oddity.get_or_insert(Anomaly::DuplicateJsonKey);
        } else {
            *present += 1;
        }
        self.value(token, node, keys::telling(key, above), depth)
    }

    fn entry(&mut self, object: &mut Object, above: &str, key: &str, depth: usize) -> Result<(), Broken> {
        // The key is a value itself: ids given out as keys count as given.
        tell(self.context, above, key, 0);
        let token = self.reader.value()?;
        match &mut object.entries {
            Some(entries) => self.value(token, &mut entries.node, above, depth),
            None => Ok(()),
        }
    }

    /// Past the budget: scalars are still told, nothing is learned.
    fn unlearned(&mut self, key: &str, depth: usize) -> Result<(), Broken> {
        let token = self.reader.value()?;
        tell_all(&mut self.reader, token, self.context, key, depth, NESTED_MAX)
    }
}

/// Tells a text, and the scalars in it when it is JSON itself.
#[inline]
fn tell(context: &mut Context<'_>, key: &str, text: &str, nested: usize) {
    if text.len() <= TOLD_BYTES_MAX {
        context.tell(key, Scalar::Text(text));
    }
    if nested > 0 && text.len() > 2 && text.starts_with(['{', '[']) {
        let mut reader = Reader::new(text);
        if let Ok(token) = reader.value() {
            // What is not JSON after all was told as far as it looked like it.
            let _ = tell_all(&mut reader, token, context, key, 0, nested - 1);
        }
    }
}

/// Tells all scalars of a value, learns nothing.
fn tell_all(
    reader: &mut Reader<'_>,
    token: Token<'_>,
    context: &mut Context<'_>,
    key: &str,
    depth: usize,
    nested: usize,
) -> Result<(), Broken> {
    let mut first = true;
    match token {
        Token::Null => {}
        Token::Bool(value) => context.tell(key, Scalar::Bool(value)),
        Token::Number(number) => context.tell(key, scalar_of(&number)),
        Token::Text(text) => tell(context, key, &text.unescape(), nested),
        Token::Array | Token::Object if depth >= JSON_DEPTH_MAX => reader.skip()?,
        Token::Array => {
            while reader.item(&mut first)? {
                let token = reader.value()?;
                tell_all(reader, token, context, key, depth + 1, nested)?;
            }
        }
        Token::Object => {
            while let Some(key) = reader.key(&mut first)? {
                let token = reader.value()?;
                tell_all(reader, token, context, &key, depth + 1, nested)?;
            }
        }
    }
    Ok(())
}

/// Tells all scalars of a body, as far as it is JSON.
pub(super) fn tell_body(text: &str, context: &mut Context<'_>) {
    let mut reader = Reader::new(text);
    if let Ok(token) = reader.value() {
        let _ = tell_all(&mut reader, token, context, "", 0, NESTED_MAX);
    }
}

fn scalar_of(number: &Number<'_>) -> Scalar<'static> {
    number.integer.map_or_else(|| Scalar::Decimal(number.as_f64()), Scalar::Integer)
}
