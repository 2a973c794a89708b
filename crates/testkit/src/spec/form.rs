//! Which form the values of a parameter take: decided by its schema first, then by its name, as a reader would guess.

use serde_json::Value;

use crate::rng::Rng;
use crate::values::{self, ALPHANUMERIC, DIGITS, HEX, LOWER};
use crate::words::CITIES;

/// The form of a parameter's values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Form {
    /// A closed list.
    Enum(Vec<String>),
    /// Ids counted up from somewhere.
    Integer {
        /// First id.
        first: i64,
        /// Distance between neighbors.
        step: i64,
    },
    /// Small numbers (pages, weeks, issue numbers).
    Small(i64),
    /// UUIDs.
    Uuid,
    /// Hexadecimal digits of this length.
    Hex(usize),
    /// Letters and digits of this length after a prefix.
    Opaque(&'static str, usize),
    /// Log-in names.
    Login,
    /// Slugs of words.
    Slug,
    /// Free text with spaces and capitals.
    Title,
    /// One of the words of a small closed vocabulary.
    Vocabulary(&'static [&'static str]),
    /// `2026-09-21`
    Date,
    /// `2026-09-21T08:00:00Z`
    DateTime,
    /// Mail addresses.
    Email,
    /// Host names.
    Host,
    /// IPv4 addresses.
    Address,
    /// `1.4.2`
    Version,
    /// `summer-report.pdf`
    FileName,
    /// Phone numbers.
    Phone,
    /// Numbers with a fraction.
    Decimal,
}

/// How an API writes the ids that it calls strings: nearly always one way.
#[derive(Clone, Debug)]
pub(super) struct Style {
    id: Form,
    slugs: bool,
}

const LOCALES: &[&str] = &["en", "de", "fr", "es", "it", "nl", "pt-BR", "en-US", "en-GB", "ja", "sv", "pl"];
const COUNTRIES: &[&str] = &["US", "GB", "DE", "FR", "ES", "IT", "NL", "SE", "JP", "BR", "IN", "CA"];
const CURRENCIES: &[&str] = &["USD", "EUR", "GBP", "JPY", "SEK", "CHF", "BRL"];
const REGIONS: &[&str] = &["eu-west-1", "us-east-1", "us-west-2", "ap-south-1", "eu-central-1"];
const SYMBOLS: &[&str] = &["ACME", "HRBR", "NWND", "QLTZ", "BRGT", "LMNA", "OAKS", "TIDE"];
const EXTENSIONS: &[&str] = &["json", "xml", "csv"];

impl Style {
    /// The style of one API. With `slugs`, ids are words too.
    pub(super) fn of(rng: &mut Rng, slugs: bool) -> Self {
        let id = match rng.weighted(&[25, 25, 12, 20, 18]) {
            0 => Form::Integer { first: rng.between(1, 90_000), step: 1 },
            1 => Form::Uuid,
            2 => Form::Hex(24),
            3 => Form::Opaque("", rng.between(9, 22) as usize),
            _ => Form::Opaque(rng.word(&["cus_", "obj_", "acc-", "it_"]), 14),
        };
        Self { id, slugs }
    }
}

impl Form {
    /// Decides the form of a parameter.
    pub(super) fn of(name: &str, schema: &Value, style: &Style, rng: &mut Rng) -> Self {
        if let Some(values) = enumeration(schema) {
            return Self::Enum(values);
        }
        let words = words(name);
        let last = words.last().map_or("", String::as_str);
        let kind = schema.get("type").and_then(|t| t.as_str().or_else(|| t.get(0).and_then(Value::as_str)));
        match (kind, schema.get("format").and_then(Value::as_str)) {
            (Some("number"), _) if last.starts_with("lat") || last.starts_with("lon") => return Self::Decimal,
            (Some("integer" | "number"), _) | (_, Some("int32" | "int64")) => return integer(last, schema, rng),
            (Some("boolean"), _) => return Self::Enum(vec!["true".into(), "false".into()]),
            (_, Some("uuid" | "guid")) => return Self::Uuid,
            (_, Some("date")) => return Self::Date,
            (_, Some("date-time")) => return Self::DateTime,
            (_, Some("email")) => return Self::Email,
            (_, Some("ipv4" | "ip" | "ipv6")) => return Self::Address,
            (_, Some("hostname")) => return Self::Host,
            _ => {}
        }
        if style.slugs {
            return if is_account(last) { Self::Login } else { Self::Slug };
        }
        by_name(&words, last, style)
    }

    /// What stands behind a point (`/status.{content_type}`).
    pub(super) fn file_type() -> Self {
        Self::Vocabulary(EXTENSIONS)
    }

    /// A value. `index` numbers the values of one pool, so that counted ids count.
    pub(super) fn value(&self, rng: &mut Rng, index: usize) -> String {
        let count = i64::try_from(index).unwrap_or(0);
        match self {
            Self::Enum(values) => values.get(index % values.len().max(1)).cloned().unwrap_or_default(),
            Self::Integer { first, step } => (first + count * step).to_string(),
            Self::Small(high) => (1 + count % high).to_string(),
            Self::Uuid => values::uuid(rng),
            Self::Hex(len) => rng.text(HEX, *len),
            Self::Opaque("", len) => rng.text(ALPHANUMERIC, *len),
            Self::Opaque(prefix, len) => format!("{prefix}{}", rng.text(LOWER, *len)),
            Self::Login => values::login(rng),
            Self::Slug => values::slug(rng),
            Self::Title => title(rng),
            Self::Vocabulary(words) => words.get(index % words.len()).copied().unwrap_or_default().to_owned(),
            Self::Date => format!("2026-{:02}-{:02}", rng.between(1, 9), rng.between(1, 28)),
            Self::DateTime => {
                format!("2026-{:02}-{:02}T{:02}:00:00Z", rng.between(1, 9), rng.between(1, 28), rng.below(24))
            }
            Self::Email => {
                let (first, last) = values::person(rng);
                values::email(rng, first, last)
            }
            Self::Host => format!("{}.example.com", values::slug(rng)),
            Self::Address => values::public_ip(rng),
            Self::Version => format!("{}.{}.{}", rng.between(0, 4), rng.between(0, 12), rng.between(0, 9)),
            Self::FileName => format!("{}.{}", values::slug(rng), rng.word(&["pdf", "png", "csv", "txt", "md", "zip"])),
            Self::Phone => values::phone(rng, "US").replace(['-', ' '], ""),
            Self::Decimal => format!("{}.{}", rng.between(-60, 60), rng.text(DIGITS, 4)),
        }
    }

    /// How many values there can be, when that is a closed number.
    pub(super) fn count(&self) -> Option<usize> {
        match self {
            Self::Enum(values) => Some(values.len()),
            Self::Vocabulary(words) => Some(words.len()),
            Self::Small(high) => Some(*high as usize),
            _ => None,
        }
    }
}

fn enumeration(schema: &Value) -> Option<Vec<String>> {
    let values = schema.get("enum")?.as_array()?;
    let text = |v: &Value| v.as_str().map(str::to_owned).or_else(|| v.is_number().then(|| v.to_string()));
    let values: Vec<String> = values.iter().filter_map(text).filter(|v| !v.is_empty()).collect();
    (!values.is_empty()).then_some(values)
}

fn integer(last: &str, schema: &Value, rng: &mut Rng) -> Form {
    let high = schema.get("maximum").and_then(Value::as_i64);
    match last {
        "year" | "season" => return Form::Vocabulary(&["2021", "2022", "2023", "2024", "2025", "2026"]),
        "page" | "pageno" | "week" | "round" | "roundid" | "index" | "number" | "position" | "version" | "day" => {
            return Form::Small(high.unwrap_or(40).clamp(1, 52));
        }
        _ => {}
    }
    if let Some(high) = high.filter(|h| *h < 1_000) {
        return Form::Small(high.max(1));
    }
    let digits = rng.between(0, 5);
    let first = (0..digits).fold(rng.between(1, 97), |n, _| n * 10 + 3);
    Form::Integer { first, step: *rng.pick(&[1, 1, 1, 7, 131]) }
}

fn by_name(words: &[String], last: &str, style: &Style) -> Form {
    let has = |word: &str| words.iter().any(|w| w == word);
    match last {
        "uuid" | "guid" => Form::Uuid,
        "email" | "mail" => Form::Email,
        "date" | "day" => Form::Date,
        "time" | "timestamp" | "datetime" => Form::DateTime,
        "year" | "season" => Form::Vocabulary(&["2021", "2022", "2023", "2024", "2025", "2026"]),
        "page" | "week" | "index" | "number" | "round" | "position" | "minutes" | "limit" => Form::Small(40),
        "sha" | "sha1" | "commit" => Form::Hex(40),
        "hash" | "digest" | "checksum" | "sha256" => Form::Hex(64),
        "sid" => Form::Opaque("SM", 32),
        "token" | "secret" => Form::Opaque("", 32),
        "locale" | "lang" | "language" | "culture" => Form::Vocabulary(LOCALES),
        "country" | "iso" | "iso2" => Form::Vocabulary(COUNTRIES),
        "currency" => Form::Vocabulary(CURRENCIES),
        "region" | "zone" | "datacenter" => Form::Vocabulary(REGIONS),
        "symbol" | "ticker" => Form::Vocabulary(SYMBOLS),
        "format" | "ext" | "extension" => Form::Vocabulary(EXTENSIONS),
        "version" => Form::Version,
        "file" | "filename" | "path" | "attachment" => Form::FileName,
        "ip" | "address" if has("ip") => Form::Address,
        "host" | "hostname" | "domain" => Form::Host,
        "phone" | "msisdn" => Form::Phone,
        "lat" | "latitude" | "lon" | "lng" | "longitude" => Form::Decimal,
        "query" | "q" | "text" | "title" | "keyword" | "term" | "city" => Form::Title,
        "id" | "ids" | "key" | "gid" | "pid" | "identifier" | "serial" => style.id.clone(),
        // `userid` and the like: one word to the eye of a splitter.
        other if other.len() > 3 && other.ends_with("id") => style.id.clone(),
        other if is_account(other) => Form::Login,
        _ => Form::Slug,
    }
}

fn is_account(word: &str) -> bool {
    ["owner", "user", "username", "login", "account", "org", "organization", "team", "author", "member", "assignee"]
        .contains(&word)
}

fn title(rng: &mut Rng) -> String {
    if rng.chance(0.3) {
        return rng.pick(CITIES).0.to_owned();
    }
    let slug = values::slug(rng).replace('-', " ");
    let first: String = slug.chars().take(1).collect();
    format!("{}{}", first.to_uppercase(), slug.get(1..).unwrap_or_default())
}

/// The words of a name in lower case: `orderId`, `order_id` and `order-id` are the same two.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous_lower = false;
    let mut open = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            open = false;
            continue;
        }
        if !open || (c.is_ascii_uppercase() && previous_lower) {
            words.push(String::new());
            open = true;
        }
        if let Some(word) = words.last_mut() {
            word.push(c.to_ascii_lowercase());
        }
        previous_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_schema_decides_before_the_name() {
        let mut rng = Rng::new(1);
        let style = Style { id: Form::Uuid, slugs: false };
        let hard = Style { id: Form::Uuid, slugs: true };
        for (name, schema, want) in [
            ("status", json!({"type": "string", "enum": ["a", "b"]}), Form::Enum(vec!["a".into(), "b".into()])),
            ("email", json!({"type": "string", "format": "date"}), Form::Date),
            ("orderId", json!({"type": "string"}), Form::Uuid),
            ("userid", json!({"type": "string"}), Form::Uuid),
            ("owner", json!({"type": "string"}), Form::Login),
            ("repo", json!({}), Form::Slug),
            ("file_name", json!(null), Form::Slug),
            ("filename", json!(null), Form::FileName),
            ("page", json!({"type": "integer"}), Form::Small(40)),
        ] {
            assert_eq!(Form::of(name, &schema, &style, &mut rng), want, "{name}");
        }
        assert_eq!(Form::of("orderId", &json!({"type": "string"}), &hard, &mut rng), Form::Slug);
        assert_eq!(words("X-orderItem_id2"), ["x", "order", "item", "id2"]);
    }
}
