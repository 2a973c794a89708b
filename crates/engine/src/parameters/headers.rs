//! Headers that belong to HTTP, to browsers and to proxies, not to an API.

use std::sync::LazyLock;

/// Longest name in the list.
const LENGTH_MAX: usize = 40;

/// Fields of HTTP itself (RFC 9110, 9111, 9112), of the Fetch standard and CORS, of forwarding and tracing, and of the
/// usual security and delivery set-ups. `authorization` and `cookie` are read by `parse::credentials`.
const STANDARD: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "age",
    "allow",
    "alt-svc",
    "authorization",
    "b3",
    "baggage",
    "cache-control",
    "cdn-cache-control",
    "cdn-loop",
    "cf-cache-status",
    "cf-connecting-ip",
    "cf-ipcountry",
    "cf-ray",
    "cf-visitor",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-security-policy",
    "content-security-policy-report-only",
    "content-type",
    "cookie",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "date",
    "deprecation",
    "dnt",
    "early-data",
    "etag",
    "expect",
    "expect-ct",
    "expires",
    "forwarded",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-modified",
    "link",
    "location",
    "max-forwards",
    "nel",
    "origin",
    "origin-agent-cluster",
    "p3p",
    "permissions-policy",
    "pragma",
    "priority",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "referer",
    "referrer-policy",
    "report-to",
    "reporting-endpoints",
    "retry-after",
    "save-data",
    "server",
    "server-timing",
    "set-cookie",
    "strict-transport-security",
    "sunset",
    "surrogate-control",
    "surrogate-key",
    "te",
    "timing-allow-origin",
    "tracestate",
    "traceparent",
    "trailer",
    "transfer-encoding",
    "true-client-ip",
    "upgrade",
    "upgrade-insecure-requests",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-amz-cf-id",
    "x-amz-cf-pop",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-b3-flags",
    "x-b3-parentspanid",
    "x-b3-sampled",
    "x-b3-spanid",
    "x-b3-traceid",
    "x-cache",
    "x-cache-hits",
    "x-cloud-trace-context",
    "x-content-type-options",
    "x-correlation-id",
    "x-dns-prefetch-control",
    "x-download-options",
    "x-envoy-attempt-count",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-upstream-service-time",
    "x-forwarded-client-cert",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-scheme",
    "x-forwarded-server",
    "x-frame-options",
    "x-newrelic-id",
    "x-permitted-cross-domain-policies",
    "x-powered-by",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-real-ip",
    "x-request-id",
    "x-requested-with",
    "x-robots-tag",
    "x-runtime",
    "x-scheme",
    "x-served-by",
    "x-timer",
    "x-ua-compatible",
    "x-varnish",
    "x-xss-protection",
];

/// Families of fields: client hints and fetch metadata, tracing vendors, HTTP/2 pseudo-fields.
const PREFIXES: &[&str] = &["sec-", "x-datadog-", "x-b3-", "x-envoy-", ":"];

static BY_LENGTH: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    let of = |length| STANDARD.iter().copied().filter(|name| name.len() == length).collect();
    (0..=LENGTH_MAX).map(of).collect()
});

/// True for a field that is no parameter of an API.
#[inline]
pub(super) fn is_standard(name: &str) -> bool {
    let same_length = BY_LENGTH.get(name.len()).map(Vec::as_slice).unwrap_or_default();
    same_length.iter().any(|known| known.eq_ignore_ascii_case(name))
        || PREFIXES.iter().any(|prefix| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_headers_are_known_in_any_case_and_custom_ones_are_kept() {
        for name in ["Accept", "USER-AGENT", "sec-ch-ua-platform", "X-Forwarded-For", "X-B3-TraceId", ":authority"] {
            assert!(is_standard(name), "{name}");
        }
        for name in ["X-Tenant", "X-Api-Key", "Idempotency-Key", "X-Filter", "Second", ""] {
            assert!(!is_standard(name), "{name}");
        }
        assert!(STANDARD.iter().all(|name| name.len() <= LENGTH_MAX && *name == name.to_ascii_lowercase()));
    }
}
