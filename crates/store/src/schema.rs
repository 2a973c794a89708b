//! The table of exchanges: its columns, their types and what OCSF and OpenTelemetry call them.
//!
//! [`COLUMNS`] is the one place that names a column. The Arrow schema of rows in memory, the schema that queries see,
//! the Delta schema of the lake and `docs/reference/lake.md` are made from it. The schema only grows: a column is never
//! removed, renamed or given another type, a new one is nullable and says since which [`VERSION`] it is there. So every
//! file that was ever written is read by the code of today, and an open table of an older version is extended.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// Version of the table's schema, kept in the table property [`VERSION_PROPERTY`].
pub const VERSION: u32 = 1;

/// Table property that holds the version of its schema.
pub const VERSION_PROPERTY: &str = "vedette.schema_version";

/// Column that the table is partitioned by: the day on which Vedette received the exchange.
pub const PARTITION: &str = "received_on";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; values repeat, so it is a dictionary in memory and in files.
    Text,
    /// Microseconds since the epoch in UTC.
    Time,
    /// Signed 32 bits.
    Int,
    /// Signed 64 bits.
    Long,
    /// Day.
    Date,
}

/// One column of the table of exchanges.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name in SQL and in files.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// False when every row has a value.
    pub nullable: bool,
    /// First [`VERSION`] that has it.
    pub since: u32,
    /// What it says, with unit; the reference is made of it.
    pub about: &'static str,
    /// Attribute of OCSF's HTTP Activity (class 4002) that it corresponds to, or nothing.
    pub ocsf: &'static str,
    /// Attribute of OpenTelemetry's semantic conventions that it corresponds to, or nothing.
    pub otel: &'static str,
}

/// A column of the first version that may be empty.
const fn column(name: &'static str, kind: Kind, about: &'static str, ocsf: &'static str, otel: &'static str) -> Column {
    Column { name, kind, nullable: true, since: 1, about, ocsf, otel }
}

/// A column of the first version that every row has.
const fn always(name: &'static str, kind: Kind, about: &'static str, ocsf: &'static str, otel: &'static str) -> Column {
    Column { nullable: false, ..column(name, kind, about, ocsf, otel) }
}

/// All columns in their order. [`crate::row::RowBuffer`] fills them in this order.
pub const COLUMNS: &[Column] = &[
    always(
        "at",
        Kind::Time,
        "when the request arrived; when Vedette received it if the source does not say",
        "time",
        "span start time",
    ),
    always("service", Kind::Text, "API host or application", "api.service.name", "service.name"),
    always("method", Kind::Text, "HTTP method as sent", "http_request.http_method", "http.request.method"),
    always(
        "path",
        Kind::Text,
        "path without query; personal values and secrets in it are masked, segments are kept",
        "http_request.url.path",
        "url.path",
    ),
    column(
        "endpoint",
        Kind::Text,
        "method and path template as learned (`GET /v1/users/{userId}`), empty while unknown",
        "api.operation",
        "http.route",
    ),
    column("endpoint_id", Kind::Text, "id of the endpoint, 16 hex digits; joins `endpoints.id`", "", ""),
    column(
        "call",
        Kind::Text,
        "call inside the exchange: GraphQL field, JSON-RPC method, MCP tool, SOAP action",
        "api.operation",
        "graphql.operation.name, rpc.method",
    ),
    column(
        "query_keys",
        Kind::Text,
        "names of the query's parameters in order, separated by commas; values are never kept",
        "http_request.url.query_string",
        "url.query",
    ),
    column(
        "status",
        Kind::Int,
        "status of the response, empty when the source does not say",
        "http_response.code",
        "http.response.status_code",
    ),
    column(
        "duration_us",
        Kind::Long,
        "time to answer in microseconds",
        "http_response.latency",
        "http.server.request.duration",
    ),
    column(
        "request_bytes",
        Kind::Long,
        "size of the request in bytes, as the source counts it",
        "http_request.length",
        "http.request.size",
    ),
    column(
        "response_bytes",
        Kind::Long,
        "size of the response in bytes, as the source counts it",
        "http_response.length",
        "http.response.size",
    ),
    always(
        "actor",
        Kind::Text,
        "who called, `a-` and 12 hex digits; joins `actors.id`",
        "actor.user.uid",
        "enduser.pseudo.id",
    ),
    column(
        "client_ip",
        Kind::Text,
        "address of the caller, after forwarded headers of trusted proxies",
        "src_endpoint.ip",
        "client.address",
    ),
    column(
        "user_agent",
        Kind::Text,
        "`User-Agent` as sent, its first 512 bytes",
        "http_request.user_agent",
        "user_agent.original",
    ),
    column(
        "referer_host",
        Kind::Text,
        "host that the `Referer` names",
        "http_request.referrer",
        "http.request.header.referer",
    ),
    column(
        "authentication",
        Kind::Text,
        "scheme of the strongest credential (`bearer`, `session-cookie`, `none`)",
        "auth_protocol",
        "",
    ),
    column("tls_version", Kind::Text, "version of TLS as the source writes it", "tls.version", "tls.protocol.version"),
    column("ja4", Kind::Text, "JA4 fingerprint of the TLS client", "tls.ja4_fingerprint_list", "tls.client.ja4"),
    column(
        "direction",
        Kind::Text,
        "`inbound`, `internal` or `outbound`, relative to the organization",
        "connection_info.direction",
        "network.io.direction",
    ),
    column(
        "caller",
        Kind::Text,
        "calling workload in traffic between services",
        "src_endpoint.svc_name",
        "service.peer.name",
    ),
    column("anomalies", Kind::Text, "ids of oddities that the parser met, separated by commas", "enrichments", ""),
    always(
        "source",
        Kind::Text,
        "id of the source that brought it; joins `sources.id`",
        "metadata.log_name",
        "log.source",
    ),
    always("received_at", Kind::Time, "when Vedette received it", "metadata.logged_time", "observed timestamp"),
    always(
        "seq",
        Kind::Long,
        "number of its batch in the journal; with `record` the identity of the exchange",
        "metadata.sequence",
        "",
    ),
    always("record", Kind::Int, "number of the record within its batch", "metadata.uid", "log.record.uid"),
    always(PARTITION, Kind::Date, "day of `received_at` in UTC; the table is partitioned by it", "", ""),
];

/// Place of a column of [`COLUMNS`] by its name.
pub fn position(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| column.name == name)
}

/// Schema of rows in memory, as [`crate::row::RowBuffer`] makes them and the lake takes them: text is a dictionary.
pub fn rows() -> SchemaRef {
    static ROWS: LazyLock<SchemaRef> = LazyLock::new(|| arrow_schema(&row_text()));
    Arc::clone(&ROWS)
}

/// Schema that queries see, in memory as in the lake. Views keep long text out of the way of a filter.
pub fn queried() -> SchemaRef {
    static QUERIED: LazyLock<SchemaRef> = LazyLock::new(|| arrow_schema(&DataType::Utf8View));
    Arc::clone(&QUERIED)
}

/// Type of text in [`rows`].
pub(crate) fn row_text() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn arrow_schema(text: &DataType) -> SchemaRef {
    let fields = COLUMNS.iter().map(|column| Field::new(column.name, arrow_type(column.kind, text), column.nullable));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Arrow's type of a kind, given the one of text.
pub(crate) fn arrow_type(kind: Kind, text: &DataType) -> DataType {
    match kind {
        Kind::Text => text.clone(),
        Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Kind::Int => DataType::Int32,
        Kind::Long => DataType::Int64,
        Kind::Date => DataType::Date32,
    }
}

/// The page `docs/reference/lake.md`.
pub fn reference() -> String {
    let mut page = String::from(PAGE);
    for column in COLUMNS {
        let kind = match column.kind {
            Kind::Text => "string",
            Kind::Time => "timestamp (µs, UTC)",
            Kind::Int => "integer",
            Kind::Long => "long",
            Kind::Date => "date",
        };
        let Column { name, since, about, .. } = column;
        let null = if column.nullable { "" } else { ", always there" };
        let counterpart = |text: &str| if text.is_empty() { "–".to_owned() } else { format!("`{text}`") };
        let _ = writeln!(
            page,
            "| `{name}` | {kind}{null} | {about} | {} | {} | {since} |",
            counterpart(column.ocsf),
            counterpart(column.otel),
        );
    }
    page
}

const PAGE: &str = "\
<!-- generated by `UPDATE=1 cargo test -p vedette-store` from crates/store/src/schema.rs -->
# The lake

Every exchange that Vedette took is a row of one [Delta Lake](https://delta.io) table per tenant: \
`tenants/<tenant>/lake/exchanges` in the data folder, or `<prefix>/<tenant>/exchanges` in a bucket. Any Delta reader \
opens it; nothing in it needs Vedette. It holds no body, no header, no query value and no secret.

- **Partitions**: a folder per day of receipt (`received_on=2026-11-26`). Retention drops whole days, 30 days by default.
- **Files**: Parquet, compressed with zstd. A row group holds a span of time, in it rows are sorted by service, \
endpoint and time. Fresh files are small; they are merged in the background.
- **Commits**: each carries the application transaction `vedette-journal` with the number of the last journal batch in \
it, so a batch is in the table once, whatever happened on the way.
- **Statistics**: the log has bounds of times, numbers and `service` only, so that erasing a person never leaves a \
trace of them in it.

The table property `vedette.schema_version` says the version below. The schema only grows: columns are added, never \
removed, renamed or given another type.

| column | type | meaning | OCSF | OpenTelemetry | since |
|---|---|---|---|---|---|
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_made_from_the_columns() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/lake.md");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(page, reference()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(page).unwrap(), reference(), "run with UPDATE=1 and commit");
    }

    #[test]
    fn columns_are_named_once_and_new_ones_may_be_empty() {
        for (number, column) in COLUMNS.iter().enumerate() {
            assert_eq!(position(column.name), Some(number), "{}", column.name);
            assert!(column.since <= VERSION && (column.since == 1 || column.nullable), "{}", column.name);
        }
    }
}
