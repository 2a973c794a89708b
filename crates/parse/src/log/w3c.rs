//! W3C extended logs (IIS, CloudFront): columns named by a `#Fields:` directive.

use std::sync::Arc;

use vedette_model::limits::{LOG_COLUMNS_MAX, LOG_FORMAT_BYTES_MAX};

use super::field::{Encoding, Field, TimeKind, Unit};
use super::program::{Piece, Program};

/// Columns that IIS 7 and later write unless told otherwise.
pub(crate) const IIS_COLUMNS: &str = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip \
     cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";

/// Columns that CloudFront writes; those after the protocol version differ by age.
pub(crate) const CLOUDFRONT_COLUMNS: &str = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem \
     sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header \
     cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type \
     cs-protocol-version";

const DIRECTIVE: &str = "#Fields:";

/// The columns that a directive names; `None` for any other line, and for one that is longer than any format.
pub(crate) fn columns(line: &str) -> Option<&str> {
    let (directive, columns) = line.split_at_checked(DIRECTIVE.len())?;
    (directive.eq_ignore_ascii_case(DIRECTIVE) && columns.len() <= LOG_FORMAT_BYTES_MAX).then(|| columns.trim())
}

/// Columns as they are kept: separated by single spaces, as many as are read.
pub(crate) fn normal(columns: &str) -> Arc<str> {
    columns.split_ascii_whitespace().take(LOG_COLUMNS_MAX).collect::<Vec<_>>().join(" ").into()
}

/// Directives that name columns, a line each.
pub(crate) fn directives(columns: &[Arc<str>]) -> String {
    columns.iter().map(|columns| format!("{DIRECTIVE} {columns}")).collect::<Vec<_>>().join("\n")
}

/// Format id for some columns.
pub(crate) fn id(columns: &str) -> &'static str {
    if columns.contains("x-edge-") { "cloudfront" } else { "iis" }
}

/// Programs for the columns: CloudFront separates values by tabs, others by spaces or tabs.
pub(crate) fn programs(columns: &str) -> Vec<Program> {
    let cloudfront = id(columns) == "cloudfront";
    let separators = if cloudfront { [b'\t'].as_slice() } else { [b' ', b'\t'].as_slice() };
    separators.iter().filter_map(|separator| program(columns, *separator, cloudfront)).collect()
}

fn program(columns: &str, separator: u8, cloudfront: bool) -> Option<Program> {
    let has_host_header = columns.contains("x-host-header");
    let mut pieces = Vec::new();
    for (index, name) in columns.split_ascii_whitespace().take(LOG_COLUMNS_MAX).enumerate() {
        if index > 0 {
            pieces.push(Piece::Literal(char::from(separator).to_string()));
        }
        // CloudFront's `cs(Host)` is the name of the distribution.
        let field = match column(&name.to_ascii_lowercase(), cloudfront) {
            Field::Host if has_host_header && name != "x-host-header" => Field::ServerName,
            field => field,
        };
        pieces.push(Piece::Field(field, index + 1));
    }
    let mut program = Program::assemble("#Fields", pieces).ok()?;
    program.end_at(separator);
    program.has_request().then_some(program)
}

/// What a column holds.
fn column(name: &str, cloudfront: bool) -> Field {
    let encoding = if cloudfront { Encoding::Percent } else { Encoding::Plus };
    let encoded = |field| Field::Encoded(encoding, Box::new(field));
    match name {
        "date" => Field::Date,
        "time" => Field::TimeOfDay,
        "timestamp" | "timestamp(ms)" => Field::Time(TimeKind::Auto),
        "c-ip" => Field::Peer,
        "x-forwarded-for" | "cs(x-forwarded-for)" | "x-real-ip" | "cs(x-real-ip)" => Field::Forwarded,
        "cs-username" => Field::User,
        "cs-method" => Field::Method,
        "cs-uri-stem" => Field::Path,
        "cs-uri-query" => Field::Query,
        "cs-uri" => Field::Target,
        "cs-version" | "cs-protocol-version" => Field::Protocol,
        "sc-status" => Field::Status,
        "sc-bytes" => Field::ResponseBytes,
        "cs-bytes" => Field::RequestBytes,
        "time-taken" => Field::Duration(if cloudfront { Unit::S } else { Unit::Ms }),
        "cs-host" | "cs(host)" | "x-host-header" => Field::Host,
        "cs-protocol" => Field::Scheme,
        "s-port" => Field::ServerPort,
        "ssl-protocol" | "crypt-protocol" if cloudfront => Field::TlsVersion,
        "sc-content-type" => Field::ResponseHeader("content-type".into()),
        "cs(user-agent)" => encoded(Field::UserAgent),
        "cs(referer)" => encoded(Field::Referer),
        _ => header(name).map_or(Field::Skip, encoded),
    }
}

/// `cs(Name)` is a request header, `sc(Name)` a response header.
fn header(name: &str) -> Option<Field> {
    let inner = |prefix: &str| Some(name.strip_prefix(prefix)?.strip_suffix(')')?.into());
    inner("cs(").map(Field::RequestHeader).or_else(|| inner("sc(").map(Field::ResponseHeader))
}
