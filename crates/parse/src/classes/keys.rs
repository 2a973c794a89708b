//! What the name of a field says about its values.

use std::collections::HashMap;
use std::ops::Range;

use smallvec::SmallVec;
use vedette_model::limits::{KEY_BYTES_MAX, KEY_WORDS_MAX};

use super::ClassId;

/// How a name speaks for a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// Speaks against it.
    Against,
    /// Supports a pattern.
    Weak,
    /// Suffices alone.
    Strong,
}

/// What a name says: made once per field, then reused for its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyHints {
    pub(crate) classes: SmallVec<[(ClassId, Strength); 4]>,
    /// The name ends like an identifier, time or measure: numbers in it are not personal by their shape alone.
    pub(crate) technical: bool,
    /// The name itself, when a customer's pattern wants to see it before the value.
    pub(crate) label: Option<Box<str>>,
}

impl KeyHints {
    /// True when the name speaks for no class.
    pub fn is_silent(&self) -> bool {
        self.classes.is_empty()
    }

    /// What the name says about one class.
    pub(crate) fn about(&self, class: ClassId) -> Option<Strength> {
        self.classes.iter().find(|(id, _)| *id == class).map(|(_, strength)| *strength)
    }
}

/// What one phrase says.
type Said = SmallVec<[(ClassId, Strength); 2]>;

/// Names of all classes, by their words joined (`dateofbirth`).
#[derive(Debug, Default)]
pub(crate) struct KeyTable {
    phrases: HashMap<Box<[u8]>, Said>,
}

/// Last words that make a field an identifier, a time, a measure or a flag, whatever stands before.
const TECHNICAL: &[&str] = &[
    "id",
    "ids",
    "uuid",
    "guid",
    "uid",
    "oid",
    "gid",
    "pid",
    "hash",
    "sha",
    "md",
    "checksum",
    "crc",
    "etag",
    "digest",
    "fingerprint",
    "version",
    "revision",
    "build",
    "release",
    "commit",
    "timestamp",
    "ts",
    "time",
    "date",
    "epoch",
    "at",
    "on",
    "millis",
    "ms",
    "ns",
    "us",
    "seconds",
    "secs",
    "minutes",
    "hours",
    "days",
    "created",
    "updated",
    "modified",
    "expires",
    "expiry",
    "expiration",
    "ttl",
    "count",
    "total",
    "sum",
    "size",
    "bytes",
    "length",
    "len",
    "offset",
    "limit",
    "page",
    "port",
    "seq",
    "sequence",
    "index",
    "idx",
    "rank",
    "position",
    "trace",
    "span",
    "request",
    "correlation",
    "sku",
    "upc",
    "ean",
    "isbn",
    "barcode",
    "serial",
    "price",
    "amount",
    "quantity",
    "qty",
    "balance",
    "score",
    "rate",
    "ratio",
    "percent",
    "duration",
    "latency",
    "cursor",
    "nonce",
    "width",
    "height",
    "type",
    "kind",
    "status",
    "enabled",
    "verified",
    "valid",
    "required",
    "policy",
    "order",
    "invoice",
    "ticket",
];

/// Last words that say nothing: `phoneNumberValue` is `phoneNumber`.
const NEUTRAL: &[&str] = &[
    "value",
    "values",
    "text",
    "string",
    "str",
    "raw",
    "plain",
    "input",
    "field",
    "data",
    "list",
    "primary",
    "secondary",
    "full",
];

/// Ends of words that are names of secrets whatever is joined before them without a separator: `pgpassword`,
/// `dbpassword`, `clientsecret`.
const COMPOUND_ENDS: &[&str] =
    &["password", "passwd", "passphrase", "secret", "apikey", "secretkey", "accesstoken", "authtoken"];

impl KeyTable {
    /// Adds a name of a class.
    pub(crate) fn add(&mut self, phrase: &str, class: ClassId, strength: Strength) {
        let words = Words::of(phrase);
        let joined = words.joined(0..words.len());
        let entries = self.phrases.entry(joined.into()).or_default();
        if !entries.iter().any(|(id, _)| *id == class) {
            entries.push((class, strength));
        }
    }

    /// Reads a field name. A path (`customer.name`) is one name with more words. Only the end of a name decides:
    /// `email` and `work_email` hold an address, `email_count` does not.
    pub(crate) fn hints(&self, key: &str) -> KeyHints {
        let words = Words::of(key);
        let mut end = words.len();
        while end > 1 && NEUTRAL.iter().any(|word| word.as_bytes() == words.joined(end - 1..end)) {
            end -= 1;
        }
        let mut hints = KeyHints::default();
        let Some(last) = end.checked_sub(1) else { return hints };
        hints.technical = TECHNICAL.iter().any(|word| word.as_bytes() == words.joined(last..end));
        // The longest phrase wins: `account number` before `number`.
        for start in 0..end {
            let joined = words.joined(start..end);
            let found = self.phrases.get(joined).or_else(|| self.phrases.get(joined.strip_suffix(b"s")?));
            for &(class, strength) in found.into_iter().flatten() {
                if hints.about(class).is_none() {
                    hints.classes.push((class, strength));
                }
            }
        }
        if hints.classes.is_empty() {
            let word = words.joined(last..end);
            let ends = COMPOUND_ENDS.iter().find(|ends| word.ends_with(ends.as_bytes()));
            let said = ends.and_then(|ends| self.phrases.get(ends.as_bytes()));
            hints.classes.extend(said.into_iter().flatten().copied().filter(|(_, said)| *said == Strength::Strong));
        }
        hints
    }
}

/// The words of a name in lower case, without digits and separators.
struct Words {
    bytes: [u8; KEY_BYTES_MAX],
    ends: [u8; KEY_WORDS_MAX],
    count: usize,
}

impl Words {
    fn of(key: &str) -> Self {
        let mut words = Self { bytes: [0; KEY_BYTES_MAX], ends: [0; KEY_WORDS_MAX], count: 0 };
        let key = key.as_bytes();
        let mut begin = key.len().saturating_sub(KEY_BYTES_MAX);
        // The last words decide, so a name with too many loses its first ones.
        while boundaries(key.get(begin..).unwrap_or_default()) > KEY_WORDS_MAX {
            begin = next_boundary(key, begin);
        }
        words.fill(key.get(begin..).unwrap_or_default());
        words
    }

    fn fill(&mut self, key: &[u8]) {
        let mut written = 0;
        for (i, &byte) in key.iter().enumerate() {
            if starts_word(key, i) && self.last_end() < written {
                self.close(written);
            }
            if is_letter(byte)
                && let Some(slot) = self.bytes.get_mut(written)
            {
                *slot = byte.to_ascii_lowercase();
                written += 1;
            }
        }
        if self.last_end() < written {
            self.close(written);
        }
    }

    fn close(&mut self, end: usize) {
        if let Some(slot) = self.ends.get_mut(self.count) {
            *slot = end as u8;
            self.count += 1;
        }
    }

    fn last_end(&self) -> usize {
        self.count.checked_sub(1).and_then(|last| self.ends.get(last)).map_or(0, |end| usize::from(*end))
    }

    fn len(&self) -> usize {
        self.count
    }

    fn joined(&self, range: Range<usize>) -> &[u8] {
        let start = range.start.checked_sub(1).and_then(|i| self.ends.get(i)).map_or(0, |end| usize::from(*end));
        let end = range.end.checked_sub(1).and_then(|i| self.ends.get(i)).map_or(0, |end| usize::from(*end));
        self.bytes.get(start..end).unwrap_or_default()
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// True where a new word begins: after a separator or digit, at a hump (`userId`), before the last capital of an
/// acronym (`SSNNumber`).
fn starts_word(key: &[u8], i: usize) -> bool {
    let Some(&byte) = key.get(i) else { return false };
    let Some(&before) = i.checked_sub(1).and_then(|i| key.get(i)) else { return is_letter(byte) };
    if !is_letter(byte) {
        return false;
    }
    let next_lower = key.get(i + 1).is_some_and(u8::is_ascii_lowercase);
    !is_letter(before)
        || (byte.is_ascii_uppercase() && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && next_lower)))
}

fn boundaries(key: &[u8]) -> usize {
    (0..key.len()).filter(|i| starts_word(key, *i)).count()
}

fn next_boundary(key: &[u8], begin: usize) -> usize {
    (begin + 1..key.len()).find(|i| starts_word(key, *i)).unwrap_or(key.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        for (key, expected) in [
            ("dateOfBirth", vec!["date", "of", "birth"]),
            ("SSNNumber", vec!["ssn", "number"]),
            ("user_IDs", vec!["user", "i", "ds"]),
            ("billing.address1", vec!["billing", "address"]),
            ("X-API-Key", vec!["x", "api", "key"]),
            ("a_b_c_d_e_f_g_h_i_j", vec!["c", "d", "e", "f", "g", "h", "i", "j"]),
            ("", vec![]),
            ("123", vec![]),
        ] {
            let words = Words::of(key);
            let got: Vec<_> = (0..words.len()).map(|i| std::str::from_utf8(words.joined(i..i + 1)).unwrap()).collect();
            assert_eq!(got, expected, "{key}");
        }
    }

    #[test]
    fn the_end_of_a_name_decides() {
        let mut table = KeyTable::default();
        table.add("email", ClassId(0), Strength::Strong);
        table.add("phone number", ClassId(1), Strength::Strong);
        table.add("password", ClassId(2), Strength::Strong);
        for (key, expected) in [
            ("email", Some(ClassId(0))),
            ("workEmail", Some(ClassId(0))),
            ("emails", Some(ClassId(0))),
            ("user.email_value", Some(ClassId(0))),
            ("email_count", None),
            ("emailVerified", None),
            ("PhoneNumber2", Some(ClassId(1))),
            ("phone", None),
            ("pgpassword", Some(ClassId(2))),
            ("passwordless", None),
        ] {
            assert_eq!(table.hints(key).classes.first().map(|(id, _)| *id), expected, "{key}");
        }
        assert!(table.hints("created_at").technical);
    }
}
