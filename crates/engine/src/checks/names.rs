//! Names that look like secrets and are none, and names of page sizes.

/// A token that proves nothing about its bearer: cursors, anti-forgery tokens, OAuth state, checksums, public keys.
///
/// Pagination cursors point into a list; a CSRF token only works beside the session that it was given to; `code` and
/// `state` of OAuth are used once, within seconds, together with a secret of the client (RFC 6749, 4.1); idempotency
/// keys name a request.
pub(super) fn is_harmless_token(name: &str) -> bool {
    let flat = flatten(name);
    let parts = [
        "csrf",
        "xsrf",
        "page",
        "cursor",
        "next",
        "continu",
        "etag",
        "checksum",
        "nonce",
        "state",
        "idempoten",
        "public",
        "captcha",
        "count",
        "usage",
        "limit",
        "max",
        "type",
        "expires",
        "sort",
        "sync",
        "device",
        "push",
        "challenge",
        "fingerprint",
        "trace",
        "request",
        "correlation",
        "publishable",
        "sitekey",
        "tokenid",
    ];
    flat == "code" || parts.iter().any(|part| flat.contains(part))
}

/// Names of page sizes.
const PAGE_SIZES: [&str; 18] = [
    "limit",
    "per_page",
    "perpage",
    "page_size",
    "pagesize",
    "page-size",
    "page[size]",
    "page[limit]",
    "$top",
    "top",
    "max_results",
    "maxresults",
    "max-results",
    "num_results",
    "results_per_page",
    "rows",
    "first",
    "size",
];

/// Names of positions in a list.
const PAGES: [&str; 12] = [
    "page",
    "offset",
    "skip",
    "start",
    "cursor",
    "after",
    "before",
    "page_token",
    "pagetoken",
    "since",
    "from",
    "$skip",
];

/// A parameter that says how many items a page has.
pub(super) fn is_page_size(name: &str) -> bool {
    let bytes = name.as_bytes();
    // The shortest is `top`, the longest `results_per_page`; most parameters end here.
    if !(3..=16).contains(&bytes.len()) {
        return false;
    }
    PAGE_SIZES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// A parameter that walks through pages.
pub(super) fn is_paging(name: &str) -> bool {
    is_page_size(name) || PAGES.iter().any(|known| name.eq_ignore_ascii_case(known)) || {
        let flat = flatten(name);
        flat.contains("page") || flat.contains("cursor") || flat.contains("continuation")
    }
}

/// Query parameters that sign one URL for a limited time: such a URL is the credential by design.
///
/// AWS Signature 4 and 2, Google Cloud Storage, Azure SAS, CloudFront and Alibaba.
pub(super) fn is_presigned<'n>(names: impl Iterator<Item = &'n str>) -> bool {
    let (mut signature, mut expiry) = (false, false);
    for name in names {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "x-amz-signature" | "x-goog-signature" | "x-oss-signature" => return true,
            "signature" | "sig" | "hmac" | "hash" | "key-pair-id" | "sign" => signature = true,
            "expires" | "exp" | "expiry" | "se" | "policy" | "expiration" => expiry = true,
            _ => {}
        }
    }
    signature && expiry
}

/// A path that may belong to administration; the function of the template decides.
pub(super) fn names_admin(path: &str) -> bool {
    let path = path.as_bytes();
    ["dmin", "ackoffice", "ack-office", "uperuser"]
        .iter()
        .any(|word| memchr::memmem::find(path, word.as_bytes()).is_some())
}

/// The last name of a JSON path (`$.items[].access_token` gives `access_token`).
pub(super) fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path).trim_end_matches("[]")
}

/// Lower case without separators.
pub(super) fn flatten(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_tokens_and_presigned_urls_are_known() {
        for name in ["page_token", "nextPageToken", "csrf_token", "__RequestVerificationToken", "state", "cursor"] {
            assert!(is_harmless_token(name), "{name}");
        }
        for name in ["access_token", "api_key", "password", "sessionId", "private_key", "client_secret"] {
            assert!(!is_harmless_token(name), "{name}");
        }
        assert!(is_presigned(["X-Amz-Signature"].into_iter()));
        assert!(is_presigned(["Signature", "Expires", "AWSAccessKeyId"].into_iter()));
        assert!(is_presigned(["sv", "sig", "se"].into_iter()));
        assert!(!is_presigned(["api_key", "signature"].into_iter()));
    }

    #[test]
    fn page_sizes_are_known_by_name() {
        assert!(is_page_size("limit") && is_page_size("page[size]") && is_page_size("pageSize"));
        assert!(!is_page_size("page") && !is_page_size("q") && !is_page_size("rate_limit_key"));
        assert!(is_paging("page[number]") && is_paging("nextPageToken") && !is_paging("q"));
    }
}
