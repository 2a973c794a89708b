//! `/docs`: the API for people, one page made from the OpenAPI document. No script, so that it needs no exception from
//! the content policy and can be read anywhere.

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use axum::routing::get;
use serde_json::{Map, Value};

const STYLE: &str = include_str!("docs/style.css");

/// Deepest that a schema is shown in place; what lies below is behind its link.
const DEPTH_MAX: usize = 4;

/// The page, its style sheet, and the document itself.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(document: &Arc<Value>) -> Router<S> {
    let page = Bytes::from(page(document));
    let json = Bytes::from(serde_json::to_vec(document.as_ref()).unwrap_or_default());
    let answer = |kind: &'static str, bytes: Bytes| {
        get(move || async move { ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], bytes).into_response() })
    };
    Router::new()
        .route("/docs", answer("text/html; charset=utf-8", page))
        .route("/docs/style.css", answer("text/css; charset=utf-8", Bytes::from_static(STYLE.as_bytes())))
        .route("/v1/openapi.json", answer("application/json", json))
}

/// The whole page.
pub fn page(document: &Value) -> String {
    let mut out = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Vedette API</title>\
         <link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body>",
    );
    let operations = by_tag(document);
    out.push_str("<nav aria-label=\"Operations\"><p><a href=\"/\">Vedette</a></p>");
    for (tag, operations) in &operations {
        let _ = write!(out, "<h2>{}</h2><ul>", Text(tag));
        for operation in operations {
            let _ = write!(out, "<li><a href=\"#{}\">{}</a></li>", operation.id(), Text(operation.summary()));
        }
        out.push_str("</ul>");
    }
    out.push_str("<h2>Schemas</h2><ul>");
    let nothing = Map::new();
    let schemas = document["components"]["schemas"].as_object().unwrap_or(&nothing);
    for name in schemas.keys() {
        let _ = write!(out, "<li><a href=\"#schema-{0}\">{0}</a></li>", Text(name));
    }
    out.push_str("</ul></nav><main><h1>Vedette API</h1>");
    let version = document["info"]["version"].as_str().unwrap_or_default();
    let _ = write!(
        out,
        "<p>Version {}. The same for machines: <a href=\"/v1/openapi.json\">OpenAPI 3.1</a>.</p>",
        Text(version)
    );
    prose(&mut out, document["info"]["description"].as_str().unwrap_or_default());
    for (tag, operations) in &operations {
        let _ = write!(out, "<section><h2>{}</h2>", Text(tag));
        for operation in operations {
            operation.write(&mut out);
        }
        out.push_str("</section>");
    }
    out.push_str("<section><h2>Schemas</h2>");
    for (name, schema) in schemas {
        let _ = write!(out, "<article id=\"schema-{0}\"><h3>{0}</h3>", Text(name));
        prose(&mut out, schema["description"].as_str().unwrap_or_default());
        members(&mut out, schema, 0);
        out.push_str("</article>");
    }
    out.push_str("</section></main></body></html>");
    out
}

/// Text in HTML.
struct Text<'t>(&'t str);

impl std::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in self.0.chars() {
            match character {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

struct Operation<'d> {
    method: &'d str,
    path: &'d str,
    value: &'d Value,
}

fn by_tag(document: &Value) -> Vec<(&str, Vec<Operation<'_>>)> {
    let mut tags: Vec<(&str, Vec<Operation<'_>>)> = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, value) in
            item.as_object().into_iter().flatten().filter(|(_, value)| value["responses"].is_object())
        {
            let tag = value["tags"][0].as_str().unwrap_or("Other");
            let operation = Operation { method, path, value };
            match tags.iter_mut().find(|(known, _)| *known == tag) {
                Some((_, operations)) => operations.push(operation),
                None => tags.push((tag, vec![operation])),
            }
        }
    }
    tags.sort_by_key(|(tag, _)| *tag);
    tags
}

impl Operation<'_> {
    fn id(&self) -> String {
        let place: String = self.path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        format!("{}{place}", self.method)
    }

    fn summary(&self) -> &str {
        self.value["summary"].as_str().unwrap_or(self.path)
    }

    fn write(&self, out: &mut String) {
        let _ = write!(
            out,
            "<article id=\"{}\"><h3>{}</h3><p><code class=\"operation\">{} {}</code></p>",
            self.id(),
            Text(self.summary()),
            self.method.to_ascii_uppercase(),
            Text(self.path)
        );
        prose(out, self.value["description"].as_str().unwrap_or_default());
        let scope = self.value["x-required-scope"].as_str().unwrap_or_default();
        let _ = write!(
            out,
            "<p>Needs: <strong>{}</strong></p>",
            Text(match scope {
                "none" => "nothing",
                "any" => "a login or token",
                "read-or-loopback" => "the scope read, or nothing on loopback",
                other => other,
            })
        );
        self.parameters(out);
        self.body(out);
        self.responses(out);
        out.push_str("</article>");
    }

    fn parameters(&self, out: &mut String) {
        let Some(parameters) = self.value["parameters"].as_array().filter(|all| !all.is_empty()) else { return };
        out.push_str(
            "<table><thead><tr><th>Parameter</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>",
        );
        for parameter in parameters {
            let needed = if parameter["required"] == true { " (required)" } else { "" };
            let _ = write!(
                out,
                "<tr><td><code>{}</code>{needed}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                Text(parameter["name"].as_str().unwrap_or_default()),
                Text(parameter["in"].as_str().unwrap_or_default()),
                kind(&parameter["schema"]),
                Text(parameter["description"].as_str().unwrap_or_default())
            );
        }
        out.push_str("</tbody></table>");
    }

    fn body(&self, out: &mut String) {
        for (media_type, content) in self.value["requestBody"]["content"].as_object().into_iter().flatten() {
            let _ = write!(out, "<p>Body, <code>{}</code>: {}</p>", Text(media_type), kind(&content["schema"]));
            if let Some(example) = content["example"].as_str() {
                let _ = write!(out, "<pre>{}</pre>", Text(example));
            } else if content["example"].is_object() {
                let text = serde_json::to_string_pretty(&content["example"]).unwrap_or_default();
                let _ = write!(out, "<pre>{}</pre>", Text(&text));
            }
        }
    }

    fn responses(&self, out: &mut String) {
        out.push_str("<table><thead><tr><th>Status</th><th>Meaning</th><th>Body</th></tr></thead><tbody>");
        for (status, response) in self.value["responses"].as_object().into_iter().flatten() {
            let description = response["description"].as_str().unwrap_or_default();
            let _ = write!(out, "<tr><td>{}</td><td>{}</td><td>", Text(status), Text(description));
            for (media_type, content) in response["content"].as_object().into_iter().flatten() {
                let _ = write!(out, "<div><code>{}</code> {}</div>", Text(media_type), kind(&content["schema"]));
            }
            out.push_str("</td></tr>");
        }
        out.push_str("</tbody></table>");
    }
}

/// A schema in a few words, with links.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#schema-{0}\">{0}</a>", Text(name));
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(|value| format!("<code>{}</code>", Text(&plain(value)))).collect();
        return values.join(", ");
    }
    if let Some(value) = schema.get("const") {
        return format!("<code>{}</code>", Text(&plain(value)));
    }
    for choice in ["oneOf", "anyOf", "allOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let joint = if choice == "allOf" { " and " } else { " or " };
            return choices.iter().map(kind).collect::<Vec<_>>().join(joint);
        }
    }
    let name = match &schema["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().map(plain).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    };
    match schema["format"].as_str() {
        _ if name.starts_with("array") => format!("list of {}", kind(&schema["items"])),
        Some(format) => format!("{} ({})", Text(&name), Text(format)),
        None => Text(&name).to_string(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The members of an object, or the choices of an enumeration with their meanings.
fn members(out: &mut String, schema: &Value, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    for choice in ["allOf", "anyOf", "oneOf"] {
        for one in schema[choice].as_array().into_iter().flatten() {
            if let Some(value) = one.get("const") {
                let description = one["description"].as_str().unwrap_or_default();
                let _ = write!(out, "<p><code>{}</code>: {}</p>", Text(&plain(value)), Text(description));
            } else {
                members(out, one, depth + 1);
            }
        }
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    out.push_str("<table><thead><tr><th>Member</th><th>Type</th><th>Meaning</th></tr></thead><tbody>");
    for (name, member) in properties {
        let description = member["description"].as_str().unwrap_or_default();
        let (name, description) = (Text(name), Text(description));
        let _ = write!(out, "<tr><td><code>{name}</code></td><td>{}</td><td>{description}</td></tr>", kind(member));
    }
    out.push_str("</tbody></table>");
}

/// Paragraphs with `code` and **bold**, which is all the Markdown that descriptions use.
fn prose(out: &mut String, text: &str) {
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        out.push_str("<p>");
        for (at, piece) in paragraph.split('`').enumerate() {
            if at % 2 == 1 {
                let _ = write!(out, "<code>{}</code>", Text(piece));
                continue;
            }
            for (at, piece) in piece.split("**").enumerate() {
                let _ = if at % 2 == 1 {
                    write!(out, "<strong>{}</strong>", Text(piece))
                } else {
                    write!(out, "{}", Text(piece))
                };
            }
        }
        out.push_str("</p>");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_page_tells_every_operation_and_loads_nothing_from_outside() {
        let document = crate::document();
        let page = page(&document);
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                let line = format!("{} {path}", method.to_ascii_uppercase());
                assert!(page.contains(&line), "{line}");
            }
        }
        for forbidden in ["<script", "<style", "style=", "src=", "//cdn"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn texts_cannot_become_markup() {
        let document = json!({
            "info": {"version": "1", "description": "a <b> `<i>` **<u>**"},
            "paths": {"/x": {"get": {"summary": "<img src=x>", "responses": {}, "tags": ["<s>"]}}},
        });
        let page = page(&document);
        for tag in ["<b>", "<i>", "<u>", "<img", "<s>"] {
            assert!(!page.contains(tag), "{tag}");
        }
    }
}
