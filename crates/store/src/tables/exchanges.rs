//! `exchanges`: the lake.

use super::{Column, Kind, Rows, Table, column};

pub(super) const TABLE: Table = Table {
    name: "exchanges",
    about: "One row per request with its response, kept for the retention of the lake (30 days by default). Paths are \
            masked: no personal value or secret stands in them.",
    example: "select endpoint, count(*) as errors from exchanges\nwhere status >= 500 and at > now() - interval '1 day'\n\
              group by endpoint order by errors desc",
    columns: COLUMNS,
    rows: Rows::Lake,
};

const COLUMNS: &[Column] = &[
    column("at", Kind::Time, "when the request arrived; when Vedette received it if the source does not say"),
    column("received_at", Kind::Time, "when Vedette received it"),
    column("source", Kind::Text, "id of the source that told it"),
    column("service", Kind::Text, "API host or application"),
    column("method", Kind::Text, "HTTP method"),
    column("endpoint", Kind::Text, "method and path template (`GET /v1/users/{userId}`), empty when not yet known"),
    column("endpoint_id", Kind::Text, "id of the endpoint, as in `endpoints.id`; null when not yet known"),
    column("path", Kind::Text, "path, masked"),
    column("call", Kind::Text, "operation inside the protocol: GraphQL field, JSON-RPC method, MCP tool"),
    column("query_keys", Kind::Text, "names of the query parameters, comma-separated"),
    column("status", Kind::Integer, "HTTP status"),
    column("duration_us", Kind::Integer, "time to answer in microseconds"),
    column("request_bytes", Kind::Integer, "size of the request body in bytes"),
    column("response_bytes", Kind::Integer, "size of the response body in bytes"),
    column("actor", Kind::Text, "id of the actor, as in `actors.id`"),
    column("client_ip", Kind::Text, "address of the client"),
    column("user_agent", Kind::Text, "user agent as sent"),
    column("referer_host", Kind::Text, "host of the Referer header"),
    column("authentication", Kind::Text, "strongest credential: `none`, `bearer`, `session-cookie`, …"),
    column("tls_version", Kind::Text, "TLS version; empty when in clear or not told"),
    column("ja4", Kind::Text, "fingerprint of the TLS client"),
    column("direction", Kind::Text, "`inbound`, `internal` or `outbound`"),
    column("caller", Kind::Text, "calling service of east-west traffic"),
    column("anomalies", Kind::Text, "ids of the oddities met, comma-separated"),
];
