//! The client's address behind proxies.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use vedette_model::Headers;
use vedette_model::limits::FORWARDED_HOPS_MAX;

/// The caller: the peer, unless that is one of our own proxies (a private address, or not recorded); then the nearest
/// public address of `X-Forwarded-For` from the right, because a caller can write the left end itself. When all are
/// private, the leftmost is the farthest inside caller.
pub(crate) fn client(peer: Option<IpAddr>, headers: &Headers<'_>) -> Option<IpAddr> {
    if peer.is_some_and(|ip| !is_private(ip)) {
        return peer;
    }
    let mut farthest = None;
    for value in headers.all("x-forwarded-for") {
        for ip in value.rsplit(',').take(FORWARDED_HOPS_MAX).filter_map(parse) {
            if !is_private(ip) {
                return Some(ip);
            }
            farthest = Some(ip);
        }
    }
    let real = || headers.get("x-real-ip").and_then(parse);
    farthest.or_else(real).or(peer)
}

/// The first address that `X-Forwarded-For` names.
pub(crate) fn forwarded(headers: &Headers<'_>) -> Option<IpAddr> {
    headers.all("x-forwarded-for").flat_map(|list| list.split(',')).take(FORWARDED_HOPS_MAX).find_map(parse)
}

/// An address with or without port, brackets and quotes.
pub(super) fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    if let Ok(ip) = text.parse() {
        return Some(unmapped(ip));
    }
    let inner = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => text.rsplit_once(':')?.0,
    };
    let inner = inner.split('%').next()?;
    inner.parse().ok().map(unmapped)
}

/// `::ffff:192.0.2.1` is how a dual-stack socket shows an IPv4 peer.
fn unmapped(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

/// Addresses that only our own side can have: private (RFC 1918, 4193), shared (RFC 6598), link-local, loopback.
pub(crate) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => is_private_v6(ip),
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || (a == 100 && b & 0xc0 == 64)
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
}
