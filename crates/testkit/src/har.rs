//! HAR 1.2 entries with Vedette's underscore extensions, as they are written: one line each.

use std::fmt::Write;

use vedette_model::Timestamp;

use crate::json::{Json, escape};
use crate::object;

/// One exchange, ready to be written, with the truth about it.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// When the request arrived, in microseconds since 1970.
    pub at: i64,
    /// Time to answer, in microseconds.
    pub duration_us: i64,
    /// Method.
    pub method: String,
    /// `https://host`.
    pub origin: String,
    /// Path, percent-encoded.
    pub path: String,
    /// Query parameters, percent-encoded.
    pub query: Vec<(String, String)>,
    /// `HTTP/1.1` or `HTTP/2`.
    pub http_version: &'static str,
    /// Request headers in order; empty together with [`Entry::response_headers`] when the source records none.
    pub request_headers: Vec<(String, String)>,
    /// Request body.
    pub request_body: Option<Body>,
    /// Status.
    pub status: u16,
    /// Response headers in order.
    pub response_headers: Vec<(String, String)>,
    /// Response body.
    pub response_body: Option<Body>,
    /// Bytes of the response when there is no body to count.
    pub response_bytes: usize,
    /// Address of the caller.
    pub client_ip: String,
    /// Other members (`_server`, `_caller`, `_direction`, `_tls`, `_trace`).
    pub extensions: Vec<(&'static str, Json)>,
    /// Truth: the template that the service routed it to; none for a path that no route matches.
    pub template: Option<String>,
}

/// A body with its media type.
#[derive(Clone, Debug)]
pub struct Body {
    /// Media type.
    pub mime: &'static str,
    /// Text.
    pub text: String,
}

impl Body {
    /// A JSON body.
    pub fn json(value: &Json) -> Self {
        Self { mime: "application/json", text: value.to_string() }
    }
}

impl Entry {
    /// URL with query.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin, self.target())
    }

    /// Path with query.
    pub fn target(&self) -> String {
        let mut target = self.path.clone();
        for (i, (name, value)) in self.query.iter().enumerate() {
            target.push(if i == 0 { '?' } else { '&' });
            target.push_str(name);
            target.push('=');
            target.push_str(value);
        }
        target
    }

    /// Bytes of the response body.
    pub fn response_len(&self) -> usize {
        self.response_body.as_ref().map_or(self.response_bytes, |b| b.text.len())
    }

    /// First request header of that name.
    pub fn request_header(&self, name: &str) -> Option<&str> {
        self.request_headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Appends the entry as one line of JSON.
    pub fn write_line(&self, out: &mut String) {
        // Writing to a String cannot fail; the results are dropped for that reason.
        let _ = write!(out, r#"{{"startedDateTime":"{}","time":"#, Timestamp(self.at));
        let _ = write!(out, "{}", Json::Hundredths(self.duration_us / 10));
        let _ = write!(out, r#","request":{{"method":"{}","url":"#, self.method);
        let _ = escape(&self.url(), out);
        let _ = write!(out, r#","httpVersion":"{}","cookies":[],"headers":"#, self.http_version);
        pairs(&self.request_headers, out);
        out.push_str(r#","queryString":"#);
        let decoded: Vec<_> = self.query.iter().map(|(n, v)| (decode(n), decode(v))).collect();
        pairs(&decoded, out);
        if let Some(body) = &self.request_body {
            let _ = write!(out, r#","postData":{{"mimeType":"{}","text":"#, body.mime);
            let _ = escape(&body.text, out);
            out.push('}');
        }
        let sent = self.request_body.as_ref().map_or(0, |b| b.text.len());
        let _ = write!(out, r#","headersSize":-1,"bodySize":{sent}}},"response":{{"status":{}"#, self.status);
        let _ = write!(out, r#","statusText":"","httpVersion":"{}","cookies":[],"headers":"#, self.http_version);
        pairs(&self.response_headers, out);
        let _ = write!(out, r#","content":{{"size":{},"mimeType":"#, self.response_len());
        match &self.response_body {
            Some(body) => {
                let _ = write!(out, r#""{}","text":"#, body.mime);
                let _ = escape(&body.text, out);
            }
            None => out.push_str(r#""""#),
        }
        let _ =
            write!(out, r#"}},"redirectURL":"","headersSize":-1,"bodySize":{}}},"cache":{{}},"#, self.response_len());
        let wait = Json::Hundredths(self.duration_us / 10);
        let _ = write!(out, r#""timings":{{"send":0,"wait":{wait},"receive":0}}"#);
        let _ = write!(out, r#","_client":{}"#, object! { "ip" => &self.client_ip });
        for (name, value) in &self.extensions {
            let _ = write!(out, r#","{name}":{value}"#);
        }
        out.push_str("}\n");
    }

    /// Appends the truth about the entry as one line, in the format of the template scorer.
    pub fn write_truth(&self, out: &mut String) {
        let truth = object! {
            "method" => &self.method, "path" => &self.path, "template" => self.template.clone(),
            "status" => i64::from(self.status),
        };
        let _ = writeln!(out, "{truth}");
    }
}

fn pairs(items: &[(String, String)], out: &mut String) {
    out.push('[');
    for (i, (name, value)) in items.iter().enumerate() {
        out.push_str(if i == 0 { r#"{"name":"# } else { r#",{"name":"# });
        let _ = escape(name, out);
        out.push_str(r#","value":"#);
        let _ = escape(value, out);
        out.push('}');
    }
    out.push(']');
}

/// Percent-encodes all but the unreserved characters (RFC 3986, 2.3).
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

/// Undoes [`encode`].
pub(crate) fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        if b == b'%' {
            let hex: String = bytes.by_ref().take(2).map(char::from).collect();
            out.push(u8::from_str_radix(&hex, 16).unwrap_or(b'%'));
        } else {
            out.push(b);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Status text is left empty as HTTP/2 has none; the truth and traffic of many entries, in order.
pub fn write_all(entries: &[Entry]) -> (String, String) {
    let (mut traffic, mut truth) = (String::new(), String::new());
    for entry in entries {
        entry.write_line(&mut traffic);
        entry.write_truth(&mut truth);
    }
    (traffic, truth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line_of_har() {
        let entry = Entry {
            at: 1_790_000_000_000_000,
            duration_us: 12_345,
            method: "POST".into(),
            origin: "https://api.example.com".into(),
            path: "/v1/a%20b".into(),
            query: vec![("q".into(), encode("x & y"))],
            http_version: "HTTP/1.1",
            request_body: Some(Body { mime: "text/plain", text: "one\ntwo \"three\"".into() }),
            status: 201,
            client_ip: "203.0.113.9".into(),
            extensions: vec![("_direction", "inbound".into())],
            ..Entry::default()
        };
        let mut line = String::new();
        entry.write_line(&mut line);
        assert_eq!(line.lines().count(), 1);
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["startedDateTime"], "2026-09-21T14:13:20Z");
        assert_eq!(read["time"], 12.34);
        assert_eq!(read["request"]["url"], "https://api.example.com/v1/a%20b?q=x%20%26%20y");
        assert_eq!(read["request"]["queryString"][0]["value"], "x & y");
        assert_eq!(read["request"]["postData"]["text"], "one\ntwo \"three\"");
        assert_eq!(read["response"]["status"], 201);
        assert_eq!(read["_direction"], "inbound");
    }
}
