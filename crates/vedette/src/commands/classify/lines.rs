//! One input line: `{"id":…, "text":…}` or `{"id":…, "json":…}`.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::output::Report;
use super::walk::{KeyCache, Text, Walk};

/// Judges a line into the report; the error is for the output line.
pub(super) fn judge(line: &[u8], report: &mut Report<'_>, keys: &mut KeyCache) -> Result<(), String> {
    report.begin();
    let text = std::str::from_utf8(line).map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
    let mut json = serde_json::Deserializer::from_str(text);
    let line = Line { report, keys };
    line.deserialize(&mut json).and_then(|()| json.end()).map_err(|error| error.to_string())
}

struct Line<'a, 'c> {
    report: &'a mut Report<'c>,
    keys: &'a mut KeyCache,
}

impl<'de> DeserializeSeed<'de> for Line<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Line<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `id` and `text` or `json`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = false;
        while let Some(name) = map.next_key_seed(Text)? {
            match name.as_ref() {
                "id" => self.report.set_id(map.next_value::<&RawValue>()?.get()),
                "text" => {
                    seen = true;
                    let text = map.next_value_seed(Text)?;
                    self.report.text(&text, || b"null".to_vec());
                }
                "json" => {
                    seen = true;
                    map.next_value_seed(Walk::new(self.report, self.keys))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if seen { Ok(()) } else { Err(serde::de::Error::custom("neither `text` nor `json`")) }
    }
}
