//! From where an address can be reached, as far as its text tells.

use std::net::IpAddr;

use super::Reach;

/// Endings of names that only resolve inside.
const INTERNAL: &[&str] =
    &[".local", ".internal", ".svc", ".lan", ".corp", ".home.arpa", ".consul", ".test", ".invalid"];

/// How far an address or host reaches: `0.0.0.0:80`, `*:443`, `[::]:80`, `unix:/run/x`, `db.internal`. A bare port
/// stands for every interface; a name without a dot is one of the own network.
pub(super) fn reach(address: &str) -> Reach {
    let address = address.trim();
    if address.starts_with("unix:") || address.starts_with('/') || address.starts_with("abns@") {
        return Reach::Loopback;
    }
    let host = host_of(address);
    if host.is_empty() || host == "*" || host.bytes().all(|b| b.is_ascii_digit()) {
        return Reach::Anywhere;
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        return match ip {
            ip if ip.is_loopback() => Reach::Loopback,
            IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() => Reach::Private,
            IpAddr::V6(ip) if ip.is_unique_local() || ip.is_unicast_link_local() => Reach::Private,
            _ => Reach::Anywhere,
        };
    }
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return Reach::Loopback;
    }
    let inside = !name.contains('.') || INTERNAL.iter().any(|end| name.ends_with(end)) || name.contains(".svc.");
    if inside { Reach::Private } else { Reach::Anywhere }
}

/// The host of a URL or address: without scheme, user, port and path.
pub(super) fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if let Some((inside, _)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return inside;
    }
    match rest.split_once(':') {
        // More than one colon: an IPv6 address without brackets.
        Some((_, port)) if port.contains(':') => rest,
        Some((host, _)) => host,
        None => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_tell_how_far_they_reach() {
        for (address, expected) in [
            ("80", Reach::Anywhere),
            ("*:80", Reach::Anywhere),
            ("0.0.0.0:80", Reach::Anywhere),
            ("[::]:443", Reach::Anywhere),
            ("::", Reach::Anywhere),
            ("127.0.0.1:8001", Reach::Loopback),
            ("[::1]:80", Reach::Loopback),
            ("unix:/run/nginx.sock", Reach::Loopback),
            ("10.1.2.3:80", Reach::Private),
            ("http://orders:8080/x", Reach::Private),
            ("https://orders.shop.svc.cluster.local", Reach::Private),
            ("https://user@api.example.org/v1", Reach::Anywhere),
            ("203.0.113.4", Reach::Anywhere),
        ] {
            assert_eq!(reach(address), expected, "{address}");
        }
        assert_eq!(host_of("https://a:b@x.example:1/y"), "x.example");
    }
}
