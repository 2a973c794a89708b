//! Addresses of peers and of the clients that proxies name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads an address, with or without port, IPv6 with or without brackets.
#[inline]
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    if let Some((ip, rest)) = ipv4(text.as_bytes()) {
        return (rest.is_empty() || is_port(rest)).then_some(IpAddr::V4(ip));
    }
    ipv6(text)
}

fn ipv6(text: &str) -> Option<IpAddr> {
    let text = match text.strip_prefix('[') {
        Some(inner) => {
            let (ip, rest) = inner.split_once(']')?;
            if !rest.is_empty() && !is_port(rest.as_bytes()) {
                return None;
            }
            ip
        }
        None => text,
    };
    // A zone (`fe80::1%eth0`) says nothing outside of the host that wrote it.
    let text = text.split_once('%').map_or(text, |(ip, _)| ip);
    let ip = match text.parse::<Ipv6Addr>() {
        Ok(ip) => ip,
        // HAProxy writes `2001:db8::1:44310` without brackets, eight groups and a port.
        Err(_) => text.rsplit_once(':').filter(|(_, port)| port.len() <= 5)?.0.parse().ok()?,
    };
    Some(ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4))
}

fn is_port(b: &[u8]) -> bool {
    matches!(b, [b':', digits @ ..] if digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit))
}

/// Four decimal numbers at the start; returns what follows.
#[inline]
fn ipv4(b: &[u8]) -> Option<(Ipv4Addr, &[u8])> {
    let mut ip: u32 = 0;
    let mut octet: u32 = 0;
    let mut digits = 0;
    let mut dots = 0;
    let mut rest = b;
    while let [c, tail @ ..] = rest {
        match c {
            b'0'..=b'9' => {
                octet = octet * 10 + u32::from(c - b'0');
                digits += 1;
                if digits > 3 || octet > 255 {
                    return None;
                }
            }
            b'.' if digits > 0 && dots < 3 => {
                ip = (ip << 8) | octet;
                octet = 0;
                digits = 0;
                dots += 1;
            }
            _ => break,
        }
        rest = tail;
    }
    (dots == 3 && digits > 0).then(|| (Ipv4Addr::from((ip << 8) | octet), rest))
}

/// The first address of `X-Forwarded-For` that is one; also reads `Forwarded`'s `for=…`.
pub(crate) fn first_forwarded(list: &str) -> Option<IpAddr> {
    list.split([',', ';']).find_map(|item| {
        let item = item.trim();
        let item = match item.get(..4) {
            Some(prefix) if prefix.eq_ignore_ascii_case("for=") => item.get(4..).unwrap_or_default(),
            _ => item,
        };
        address(item.trim_matches('"'))
    })
}

/// An address that cannot be that of a client on the internet, so that a forwarded header is believed.
#[inline]
pub(crate) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let shared = ip.octets().first() == Some(&100) && matches!(ip.octets().get(1), Some(64..=127));
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified() || shared
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_ports_and_brackets() {
        for (text, ip) in [
            ("203.0.113.9", Some("203.0.113.9")),
            ("203.0.113.9:44310", Some("203.0.113.9")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("2001:db8:1:2:3:4:5:6:44310", Some("2001:db8:1:2:3:4:5:6")),
            ("::ffff:203.0.113.9", Some("203.0.113.9")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("203.0.113", None),
            ("203.0.113.9.1", None),
            ("256.0.0.1", None),
            ("-", None),
            ("", None),
            ("unix:", None),
            ("host.example", None),
        ] {
            assert_eq!(address(text), ip.map(|ip| ip.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn the_first_forwarded_address_is_the_client() {
        for (text, ip) in [
            ("198.51.100.7, 10.0.0.1", Some("198.51.100.7")),
            ("unknown, 198.51.100.7", Some("198.51.100.7")),
            ("for=\"[2001:db8::7]:9\";proto=https", Some("2001:db8::7")),
            ("-", None),
        ] {
            assert_eq!(first_forwarded(text), ip.map(|ip| ip.parse().unwrap()), "{text}");
        }
    }
}
