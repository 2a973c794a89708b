//! Client certificates, as the proxy that ended TLS passes them on: Envoy's `X-Forwarded-Client-Cert`, RFC 9440
//! `Client-Cert`, and the headers of nginx, Apache, Traefik and the cloud load balancers.

use super::{AuthScheme, Credential, Found, values};

pub(super) fn read(name: &str, value: &str, found: &mut Found<'_>) {
    let value = value.trim().trim_matches('"');
    let verdict = name.len() >= 6 && values::contains_ignore_case(name.as_bytes(), b"verify");
    let absent = value.is_empty() || ["none", "(null)", "null"].iter().any(|none| value.eq_ignore_ascii_case(none));
    if absent || verdict && !value.eq_ignore_ascii_case("success") && value != "0" {
        return;
    }
    let hashed = part(value, "Hash=").unwrap_or(value);
    let client = part(value, "URI=").or_else(|| part(value, "DNS=")).or_else(|| common_name(value));
    found.push(Credential {
        client: client.and_then(values::identifier),
        ..found.plain(AuthScheme::MutualTls, name, hashed)
    });
}

/// One element of a forwarded certificate; the last hop's comes first.
fn part<'v>(value: &'v str, key: &str) -> Option<&'v str> {
    value.split([';', ',']).find_map(|piece| piece.trim().strip_prefix(key)).map(|v| v.trim_matches('"'))
}

/// `CN` of a subject in either notation (`/C=DE/CN=billing`, `CN=billing,O=…`).
fn common_name(value: &str) -> Option<&str> {
    let start = value.find("CN=")? + 3;
    value.get(start..)?.split([',', '/', '"', ';', '+']).next()
}
