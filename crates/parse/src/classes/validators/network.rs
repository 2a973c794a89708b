//! Addresses of machines, and URLs.

use std::net::{Ipv4Addr, Ipv6Addr};

/// IPv4 in dotted decimal. Values that read like a version (`1.0.0.0`, all parts below 10) are less sure.
pub(super) fn ipv4(text: &str) -> f32 {
    let Ok(address) = text.parse::<Ipv4Addr>() else { return 0.0 };
    match address.octets() {
        [0, _, _, _] => 0.3,
        [127, 0, 0, 1] | [255, 255, 255, _] => 0.6,
        parts
            if parts.iter().all(|part| *part < 20)
                && parts != [10, 10, 10, 10]
                && !matches!(parts, [8, 8, _, _] | [1, 1, 1, 1] | [10, 0, 0, _]) =>
        {
            0.65
        }
        _ => 1.0,
    }
}

/// IPv6 (RFC 4291), with at least one digit and two groups, so that words with colons are not taken.
pub(super) fn ipv6(text: &str) -> f32 {
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    if !digits || text.len() < 3 || text.parse::<Ipv6Addr>().is_err() {
        return 0.0;
    }
    let groups = text.split(':').filter(|group| !group.is_empty()).count();
    if groups >= 3 || text == "::1" || text.starts_with("fe80::") { 1.0 } else { 0.7 }
}

/// MAC or EUI-64 address; all zeros and broadcast say nothing about anybody.
pub(super) fn mac(text: &str) -> f32 {
    let hex = || text.bytes().filter(u8::is_ascii_hexdigit);
    let separators = text.bytes().filter(|byte| !byte.is_ascii_hexdigit());
    let mut distinct = separators.clone();
    let first = distinct.next();
    let mixed = distinct.any(|byte| Some(byte) != first);
    let trivial = hex().all(|byte| byte == b'0') || hex().all(|byte| byte.eq_ignore_ascii_case(&b'f'));
    if mixed || trivial { 0.0 } else { 1.0 }
}

/// An absolute URL, or with less belief a host that begins with `www.`.
pub(super) fn url_or_www(text: &str) -> f32 {
    let bare = text.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("www."))
        && text.bytes().filter(|byte| *byte == b'.').count() >= 2;
    if bare { 0.8 } else { url(text) }
}

/// An absolute URL with a host.
pub(super) fn url(text: &str) -> f32 {
    let Some((scheme, rest)) = text.split_once("://") else { return 0.0 };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let named = host.bytes().any(|byte| byte.is_ascii_alphanumeric());
    f32::from(u8::from(!scheme.is_empty() && named))
}
