//! Questions about addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;
use ipnet::IpNet;

/// Networks to look an address up in.
pub(super) struct Test(Vec<IpNet>);

/// Reads networks separated by commas; a bare address is a network of its own.
pub(super) fn cidr_contains(networks: &str) -> Result<Test> {
    let one = |text: &str| {
        let text = text.trim();
        let network = text.parse::<IpNet>().ok().or_else(|| address(text).map(IpNet::from));
        network.ok_or_else(|| exec_datafusion_err!("'{text}' is no network; write 10.0.0.0/8 or 2001:db8::/32"))
    };
    networks.split(',').map(one).collect::<Result<_>>().map(Test)
}

impl Test {
    pub(super) fn holds(&self, text: &str) -> Option<bool> {
        let address = address(text)?;
        Some(self.0.iter().any(|network| network.contains(&address)))
    }
}

/// Ranges of RFC 6890 that are not globally reachable, but for those of examples in documents.
pub(super) fn is_private(text: &str) -> Option<bool> {
    Some(match address(text)? {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    })
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || a == 0
        || (a == 100 && b & 0xc0 == 64) // shared address space, RFC 6598
        || (a == 198 && b & 0xfe == 18) // benchmarks, RFC 2544
        || (a == 192 && b == 0 && c == 0) // protocol assignments
        || a >= 240
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let first = address.segments().first().copied().unwrap_or_default();
    address.is_loopback()
        || address.is_unspecified()
        || first & 0xfe00 == 0xfc00 // unique local, RFC 4193
        || first & 0xffc0 == 0xfe80 // link-local
}

/// An address; one of IPv4 that is mapped into IPv6 is the one of IPv4.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let text = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    Some(match text.parse().ok()? {
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4),
        address @ IpAddr::V4(_) => address,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_ranges_are_known() {
        for (text, private) in [
            ("10.0.0.1", Some(true)),
            ("100.64.0.1", Some(true)),
            ("100.128.0.1", Some(false)),
            ("::1", Some(true)),
            ("fd00::1", Some(true)),
            ("fe80::1", Some(true)),
            ("::ffff:10.0.0.1", Some(true)),
            ("2606:4700::1", Some(false)),
            ("[2606:4700::1]", Some(false)),
            ("", None),
            ("999.1.1.1", None),
        ] {
            assert_eq!(is_private(text), private, "{text}");
        }
    }

    #[test]
    fn networks_that_are_none_are_the_authors_fault() {
        assert!(cidr_contains("10.0.0.0/99").is_err());
        assert!(cidr_contains("").is_err());
        assert_eq!(cidr_contains("192.0.2.7").unwrap().holds("192.0.2.7"), Some(true));
    }
}
