//! A look into JSON text.

use serde_json::Value;
use vedette_model::limits::HUNT_JSON_BYTES_MAX;

/// The value at a path as text.
pub(super) fn get(json: &str, path: &str) -> Option<String> {
    if json.len() > HUNT_JSON_BYTES_MAX {
        return None;
    }
    let document: Value = serde_json::from_str(json).ok()?;
    match follow(&document, path)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}

/// Follows `$.a.b[0]`, where `$.` may be left out. A name ends at `.` or `[`.
fn follow<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    let mut value = document;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']')?;
            value = match index.parse::<usize>() {
                Ok(index) => value.get(index)?,
                Err(_) => value.get(index.trim_matches(['\'', '"']))?,
            };
            rest = after;
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (name, after) = name.split_at_checked(end)?;
            value = value.get(name)?;
            rest = after;
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_followed() {
        let json = r#"{"a":{"b":[1,{"c d":true}],"n":null,"s":"x"}}"#;
        for (path, expected) in [
            ("$.a.b[0]", Some("1")),
            ("a.b[1]['c d']", Some("true")),
            ("$.a.s", Some("x")),
            ("$.a.b", Some(r#"[1,{"c d":true}]"#)),
            ("$.a.n", None),
            ("$.a.b[7]", None),
            ("$.a.b[", None),
            ("$..", None),
        ] {
            assert_eq!(get(json, path).as_deref(), expected, "{path}");
        }
        assert_eq!(get("{broken", "a"), None);
        assert_eq!(get(&"[".repeat(100_000), "[0]"), None, "no depth breaks it");
    }
}
