//! JSON values that keep the order of their keys.
//!
//! `serde_json`'s map is ordered or not by a feature that any crate of a build can turn on; bytes that must be the
//! same tomorrow cannot depend on that. Besides, services answer with `id` first, not with keys in alphabetical order.

use std::fmt::{self, Write};

/// A JSON value. Keys keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with this many hundredths (`1999` is `19.99`): prices and coordinates without binary fractions.
    Hundredths(i64),
    /// Text, unescaped.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// Builds an object: `object! { "id" => 7, "name" => name }`.
#[macro_export]
macro_rules! object {
    ($($key:expr => $value:expr),* $(,)?) => {
        $crate::json::Json::Object(vec![$(($key.to_string(), $crate::json::Json::from($value))),*])
    };
}

impl Json {
    /// An array of what an iterator yields.
    pub fn array<T: Into<Json>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }

    /// The same object with one more member; anything else as it was.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        if let Self::Object(members) = &mut self {
            members.push((key.to_owned(), value.into()));
        }
        self
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Hundredths(n) => {
                let sign = if *n < 0 { "-" } else { "" };
                write!(f, "{sign}{}.{:02}", n.unsigned_abs() / 100, n.unsigned_abs() % 100)
            }
            Self::Text(text) => escape(text, f),
            Self::Array(items) => {
                f.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_char(',')?;
                    }
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Self::Object(members) => {
                f.write_char('{')?;
                for (i, (key, value)) in members.iter().enumerate() {
                    if i > 0 {
                        f.write_char(',')?;
                    }
                    escape(key, f)?;
                    f.write_char(':')?;
                    value.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

/// Writes a JSON string (RFC 8259, section 7).
pub(crate) fn escape(text: &str, out: &mut impl Write) -> fmt::Result {
    out.write_char('"')?;
    let mut start = 0;
    for (i, b) in text.bytes().enumerate() {
        if b >= 0x20 && b != b'"' && b != b'\\' {
            continue;
        }
        out.write_str(text.get(start..i).unwrap_or_default())?;
        start = i + 1;
        match b {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            other => write!(out, "\\u{other:04x}")?,
        }
    }
    out.write_str(text.get(start..).unwrap_or_default())?;
    out.write_char('"')
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<&String> for Json {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}
impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<bool> for Json {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}
impl From<i64> for Json {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}
impl From<i32> for Json {
    fn from(n: i32) -> Self {
        Self::Int(n.into())
    }
}
impl From<usize> for Json {
    fn from(n: usize) -> Self {
        Self::Int(i64::try_from(n).unwrap_or(i64::MAX))
    }
}
impl From<Vec<Json>> for Json {
    fn from(items: Vec<Json>) -> Self {
        Self::Array(items)
    }
}
impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let value = object! {
            "z" => "quote \" backslash \\ line\nbell \u{7} snow \u{2603}", "a" => Json::Hundredths(-105),
            "n" => Json::array([1, 2]), "e" => object! {}, "none" => None::<i64>, "yes" => true,
        };
        let text = value.to_string();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["z"], "quote \" backslash \\ line\nbell \u{7} snow \u{2603}");
        assert_eq!(read["a"], -1.05);
        assert!(
            text.starts_with(r#"{"z":"#) && text.ends_with(r#""n":[1,2],"e":{},"none":null,"yes":true}"#),
            "{text}"
        );
    }
}
