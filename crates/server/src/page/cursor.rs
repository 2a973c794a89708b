//! The place in a list as opaque text. Depends on nothing of this crate, so that the fuzz target takes it as a file.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Bytes of a cursor: a key and an id, templates being the longest keys (paths are cut at 8 kB by most servers).
pub const CURSOR_BYTES_MAX: usize = 16 << 10;

/// What an item is ordered by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key<'a> {
    /// A count, score or time.
    Number(i64),
    /// A name.
    Text(#[serde(borrow)] Cow<'a, str>),
}

/// The place in a list after which a page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor<'a> {
    /// Name of the order.
    #[serde(borrow)]
    pub order: Cow<'a, str>,
    /// Key of the last item.
    pub key: Key<'a>,
    /// Id of the last item: keys repeat.
    pub id: Cow<'a, str>,
}

impl Cursor<'static> {
    /// Reads what [`Cursor::encode`] wrote. Anything may come here: a client can send any text.
    pub fn decode(text: &str) -> Option<Self> {
        if text.len() > CURSOR_BYTES_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (order, key, id): (String, Key<'_>, String) = serde_json::from_slice(&bytes).ok()?;
        let key = match key {
            Key::Number(number) => Key::Number(number),
            Key::Text(text) => Key::Text(Cow::Owned(text.into_owned())),
        };
        Some(Self { order: Cow::Owned(order), key, id: Cow::Owned(id) })
    }
}

impl Cursor<'_> {
    /// As text of a URL.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(&self.order, &self.key, &self.id)).unwrap_or_default())
    }
}
