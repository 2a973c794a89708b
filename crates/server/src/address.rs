//! Where a request came from.

use std::net::{IpAddr, SocketAddr};

use axum::extract::Request;

/// The peer's address, as the listener put it into the request. `X-Forwarded-For` is not believed: whoever may reach the
/// port may write it.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Address of the peer, when the request came over a socket.
pub fn of(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Peer>().map(|peer| peer.0.ip().to_canonical())
}

/// Whether the peer is on this machine.
pub fn is_loopback(request: &Request) -> bool {
    of(request).is_some_and(|address| address.is_loopback())
}

/// The part of an address that one client has for itself: IPv6 clients choose the lower 64 bits freely (RFC 6177).
pub fn client(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_cannot_be_many_addresses() {
        let a = client("2001:db8:1:2:aaaa::1".parse().unwrap());
        let b = client("2001:db8:1:2:bbbb::9".parse().unwrap());
        assert_eq!(a, b);
        assert_ne!(client("192.0.2.1".parse().unwrap()), client("192.0.2.2".parse().unwrap()));
    }
}
