//! nginx `log_format` strings (ngx_http_log_module).

use std::borrow::Cow;

use vedette_model::Diagnostic;

use super::{push_text, wrong};
use crate::log::field::{Field, TimeKind, Unit};
use crate::log::program::Piece;

/// Splits a format into literals and fields. Unknown variables are read past.
pub(super) fn pieces(format: &str) -> Result<Vec<Piece>, Diagnostic> {
    let (format, offset) = string_of_directive(format);
    let mut pieces = Vec::new();
    let mut rest = &*format;
    while let Some(at) = rest.find('$') {
        let (text, variable) = rest.split_at(at);
        push_text(&mut pieces, text);
        let column = offset + format.len() - variable.len() + 1;
        let (name, after) = name(variable.get(1..).unwrap_or_default(), column)?;
        if name.is_empty() {
            push_text(&mut pieces, "$");
        } else {
            pieces.push(Piece::Field(field(name), column));
        }
        rest = after;
    }
    push_text(&mut pieces, rest);
    Ok(pieces)
}

/// The name at the start, `remote_addr` or `{remote_addr}`, and what follows.
fn name(text: &str, column: usize) -> Result<(&str, &str), Diagnostic> {
    if let Some(braced) = text.strip_prefix('{') {
        let hint = "write ${name}";
        return braced.split_once('}').ok_or_else(|| wrong(column, "the brace is not closed", Some(hint)));
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    Ok(text.split_at(end))
}

/// From `log_format main escape=json '…' '…';` the string itself, with the column where it begins.
fn string_of_directive(format: &str) -> (Cow<'_, str>, usize) {
    let Some(directive) = format.trim_start().strip_prefix("log_format") else {
        return (Cow::Borrowed(format), 0);
    };
    let Some(start) = directive.find(['\'', '"']) else { return (Cow::Borrowed(format), 0) };
    let mut out = String::new();
    let mut quote = None;
    for c in directive.get(start..).unwrap_or_default().chars() {
        match quote {
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None if c == ';' => break,
            None => {}
            Some(open) if c == open => quote = None,
            Some(_) => out.push(c),
        }
    }
    (Cow::Owned(out), format.len() - directive.len() + start + 1)
}

/// What a variable holds.
fn field(name: &str) -> Field {
    match name {
        "remote_addr" | "realip_remote_addr" | "binary_remote_addr" => Field::Peer,
        "http_x_forwarded_for"
        | "proxy_add_x_forwarded_for"
        | "http_x_real_ip"
        | "http_true_client_ip"
        | "http_cf_connecting_ip"
        | "http_forwarded" => Field::Forwarded,
        "remote_user" => Field::User,
        "time_local" => Field::Time(TimeKind::Clf),
        "time_iso8601" | "msec" => Field::Time(TimeKind::Auto),
        "request" => Field::Request,
        "request_method" => Field::Method,
        "request_uri" => Field::Target,
        "uri" | "document_uri" => Field::Path,
        "args" | "query_string" => Field::Query,
        "server_protocol" => Field::Protocol,
        "status" => Field::Status,
        "request_time" => Field::Duration(Unit::S),
        "request_length" => Field::RequestBytes,
        "bytes_sent" => Field::ResponseBytes,
        "body_bytes_sent" => Field::BodyBytes,
        "host" | "http_host" => Field::Host,
        "server_name" => Field::ServerName,
        "scheme" | "http_x_forwarded_proto" => Field::Scheme,
        "https" => Field::TlsOn,
        "server_port" => Field::ServerPort,
        "ssl_protocol" => Field::TlsVersion,
        "proxy_upstream_name" | "upstream_name" | "proxy_host" => Field::Backend,
        "http_user_agent" => Field::UserAgent,
        "http_referer" => Field::Referer,
        _ => prefixed(name),
    }
}

/// Variables of our own, for the built-in formats of other servers.
fn own(name: &str) -> Option<Field> {
    Some(match name {
        "vedette_ms" => Field::Duration(Unit::Ms),
        "vedette_seconds_part" => Field::DurationPart(Unit::S),
        "vedette_written_duration" => Field::Duration(Unit::Written),
        "vedette_date" => Field::Date,
        "vedette_time_of_day" => Field::TimeOfDay,
        "haproxy_timers" => Field::HaproxyTimers,
        "haproxy_frontend" => Field::Frontend,
        _ => return None,
    })
}

/// Variables that name a header or cookie by a prefix.
fn prefixed(name: &str) -> Field {
    let header = |name: &str| name.replace('_', "-").to_ascii_lowercase().into_boxed_str();
    if let Some(name) = name.strip_prefix("http_") {
        Field::RequestHeader(header(name))
    } else if let Some(name) = name.strip_prefix("sent_http_").or_else(|| name.strip_prefix("upstream_http_")) {
        Field::ResponseHeader(header(name))
    } else if let Some(name) = name.strip_prefix("cookie_") {
        Field::Cookie(name.into())
    } else if name == "content_type" {
        Field::RequestHeader("content-type".into())
    } else {
        own(name).unwrap_or(Field::Skip)
    }
}
