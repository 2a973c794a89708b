//! Made-up values for documentation: by data class, then format, then type. Hosts, numbers and addresses come from the
//! ranges reserved for examples (RFC 2606, RFC 5737, the ISO and card schemes' test numbers).

use serde_json::{Map, Value, json};

use super::schema::CLASSES;

/// Levels of an example; a deeper schema gives an empty value.
const DEPTH_MAX: usize = 8;
/// Properties of one object that are shown.
const PROPERTIES_MAX: usize = 60;

/// An example that fits a schema.
pub(super) fn of(schema: &Value) -> Value {
    value(schema, DEPTH_MAX)
}

fn value(schema: &Value, depth: usize) -> Value {
    let text = |name: &str| schema.get(name).and_then(Value::as_str);
    if let Some(first) = schema.get("enum").and_then(|values| values.get(0)) {
        return first.clone();
    }
    let kind = text("type").or_else(|| schema.get("type")?.as_array()?.iter().find_map(Value::as_str));
    match kind {
        Some("object") => object(schema, depth),
        Some("array") if depth == 0 => json!([]),
        Some("array") => schema.get("items").map_or_else(|| json!([]), |items| json!([value(items, depth - 1)])),
        Some("integer") => json!(42),
        Some("number") => json!(9.5),
        Some("boolean") => json!(true),
        Some("string") => {
            let class = schema.get(CLASSES).and_then(|classes| classes.get(0)).and_then(Value::as_str);
            let known = class.and_then(by_class).or_else(|| text("format").and_then(by_format));
            Value::from(known.unwrap_or("text"))
        }
        _ => Value::Null,
    }
}

fn object(schema: &Value, depth: usize) -> Value {
    let mut members = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten().take(PROPERTIES_MAX).filter(|_| depth > 0) {
        members.insert(name.clone(), value(property, depth - 1));
    }
    Value::Object(members)
}

fn by_class(class: &str) -> Option<&'static str> {
    Some(match class {
        "email" => "ada@example.com",
        "phone" => "+1 202 555 0143",
        "person-name" => "Ada Example",
        "postal-address" => "1 Example Street",
        "date-of-birth" => "1990-01-31",
        "payment-card" => "4242 4242 4242 4242",
        "iban" => "DE89 3704 0044 0532 0130 00",
        "ip-address" => "192.0.2.1",
        "mac-address" => "00:00:5E:00:53:01",
        "url" => "https://example.com/",
        _ => return None,
    })
}

fn by_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "2026-01-31",
        "date-time" => "2026-01-31T12:00:00Z",
        "time" => "12:00:00Z",
        "uuid" => "123e4567-e89b-42d3-a456-426614174000",
        "email" => "ada@example.com",
        "uri" => "https://example.com/",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "hostname" => "example.com",
        _ => return None,
    })
}
