//! From a frame to a TCP segment: IP, fragments, tunnels.
//!
//! Checksums are not verified: with offloading the recorder sees packets before the network card fills them in.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use vedette_model::limits::CAPTURE_TUNNELS_MAX;

use super::Shared;
use super::cursor::Cursor;
use super::fragments::{Fragment, Fragments};
use super::link;

/// A TCP segment with its addresses.
#[derive(Debug)]
pub(super) struct Datagram<'a> {
    pub(super) from: IpAddr,
    pub(super) to: IpAddr,
    pub(super) bytes: &'a [u8],
}

/// The network layer of one capture.
#[derive(Debug, Default)]
pub(super) struct Network {
    fragments: Fragments,
}

/// Who takes the segments.
type Sink<'k> = &'k mut dyn FnMut(Datagram<'_>, &mut Shared<'_>);

/// An IP packet without its headers.
struct Inner<'a> {
    from: IpAddr,
    to: IpAddr,
    protocol: u8,
    bytes: &'a [u8],
    fragment: Option<Fragment>,
}

const TCP: u8 = 6;
const UDP: u8 = 17;
const GRE: u8 = 47;

impl Network {
    /// Datagrams of which fragments are missing.
    pub(super) fn incomplete(&self) -> u64 {
        self.fragments.incomplete()
    }

    /// Calls `tcp` with the segment in a frame, if there is one; what there is instead is counted.
    pub(super) fn frame(&mut self, at: i64, kind: u32, frame: &[u8], shared: &mut Shared<'_>, tcp: Sink<'_>) {
        let (name, layer) = link::kind(kind);
        count(&mut shared.tally.links, name);
        let Some(layer) = layer else {
            count(&mut shared.tally.not_read, "link layer not supported");
            return;
        };
        match layer.payload(frame) {
            Some((ether_type, payload)) => self.ether(at, ether_type, payload, 0, shared, tcp),
            None => count(&mut shared.tally.not_read, "cut in the link header"),
        }
    }

    fn ether(
        &mut self,
        at: i64,
        ether_type: u16,
        payload: &[u8],
        depth: usize,
        shared: &mut Shared<'_>,
        tcp: Sink<'_>,
    ) {
        let Some((ether_type, payload)) = link::untag(ether_type, payload) else {
            return count(&mut shared.tally.not_read, "cut in the link header");
        };
        let inner = match ether_type {
            link::IPV4 => ipv4(payload),
            link::IPV6 => ipv6(payload),
            link::ARP => return count(&mut shared.tally.not_read, "arp"),
            _ => return count(&mut shared.tally.not_read, "other link protocol"),
        };
        let Some(mut inner) = inner else {
            return count(&mut shared.tally.not_read, "malformed or cut ip header");
        };
        let whole;
        if let Some(fragment) = inner.fragment.take() {
            shared.tally.loss.fragments += 1;
            match self.fragments.add(
                at,
                (inner.from, inner.to, inner.protocol),
                fragment,
                inner.bytes,
                &mut shared.tally.loss,
            ) {
                Some(bytes) => whole = bytes,
                None => return count(&mut shared.tally.not_read, "ip fragment (read with the last of its datagram)"),
            }
            inner.bytes = &whole;
        }
        self.transport(at, &inner, depth, shared, tcp);
    }

    fn transport(&mut self, at: i64, inner: &Inner<'_>, depth: usize, shared: &mut Shared<'_>, tcp: Sink<'_>) {
        let (tunnel, payload) = match inner.protocol {
            TCP => return tcp(Datagram { from: inner.from, to: inner.to, bytes: inner.bytes }, shared),
            UDP => match udp_tunnel(inner.bytes) {
                Ok((name, ether_type, payload)) => (name, Some((ether_type, payload))),
                Err(name) => return count(&mut shared.tally.not_read, name),
            },
            GRE => ("gre", gre(inner.bytes)),
            4 => ("ip in ip", Some((link::IPV4, inner.bytes))),
            41 => ("ip in ip", Some((link::IPV6, inner.bytes))),
            1 | 58 => return count(&mut shared.tally.not_read, "icmp"),
            50 => return count(&mut shared.tally.not_read, "ipsec"),
            132 => return count(&mut shared.tally.not_read, "sctp"),
            _ => return count(&mut shared.tally.not_read, "other ip protocol"),
        };
        count(&mut shared.tally.tunnels, tunnel);
        let payload = match payload {
            Some((link::ETHERNET, frame)) => link::Frame::Ethernet.payload(frame),
            other => other,
        };
        match payload {
            Some(_) if depth >= CAPTURE_TUNNELS_MAX => {
                count(&mut shared.tally.not_read, "too many tunnels inside each other");
            }
            Some((ether_type, payload)) => self.ether(at, ether_type, payload, depth + 1, shared, tcp),
            None => count(&mut shared.tally.not_read, "malformed or cut tunnel header"),
        }
    }
}

/// Counts by name without an allocation for a known one.
pub(super) fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}

/// RFC 791. A total length of zero stands for a packet that was to be segmented by the network card.
fn ipv4(packet: &[u8]) -> Option<Inner<'_>> {
    let (first, length) = (*packet.first()?, Cursor(packet.get(2..)?).u16()?);
    let header = usize::from(first & 0x0f) * 4;
    if first >> 4 != 4 || header < 20 {
        return None;
    }
    let packet = if length == 0 { packet } else { packet.get(..length.into()).unwrap_or(packet) };
    let mut cursor = Cursor(packet.get(4..header)?);
    let (id, flags) = (cursor.u16()?, cursor.u16()?);
    let _time_to_live = cursor.u8()?;
    let protocol = cursor.u8()?;
    let _checksum = cursor.u16()?;
    let from = IpAddr::V4(Ipv4Addr::from(cursor.u32()?));
    let to = IpAddr::V4(Ipv4Addr::from(cursor.u32()?));
    let (offset, more) = (usize::from(flags & 0x1fff) * 8, flags & 0x2000 != 0);
    let fragment = (offset > 0 || more).then_some(Fragment { id: id.into(), offset, more });
    Some(Inner { from, to, protocol, bytes: packet.get(header..)?, fragment })
}

/// RFC 8200, with the extension headers that may stand before TCP.
fn ipv6(packet: &[u8]) -> Option<Inner<'_>> {
    let mut cursor = Cursor(packet);
    if cursor.u32()? >> 28 != 6 {
        return None;
    }
    let length = usize::from(cursor.u16()?);
    let mut protocol = cursor.u8()?;
    cursor.u8()?;
    let from = IpAddr::V6(Ipv6Addr::from(cursor.array::<16>()?)).to_canonical();
    let to = IpAddr::V6(Ipv6Addr::from(cursor.array::<16>()?)).to_canonical();
    if length > 0 {
        cursor = Cursor(cursor.0.get(..length).unwrap_or(cursor.0));
    }
    let mut fragment = None;
    for _ in 0..8 {
        let rest = cursor;
        let next = match protocol {
            // Hop by hop, routing, destination options, mobility: lengths in units of 8 bytes beyond the first 8.
            0 | 43 | 60 | 135 => {
                let (next, length) = (cursor.u8()?, usize::from(cursor.u8()?));
                cursor.take(6 + length * 8)?;
                next
            }
            44 => {
                let next = cursor.u8()?;
                cursor.u8()?;
                let place = cursor.u16()?;
                fragment = Some(Fragment { id: cursor.u32()?, offset: usize::from(place & !7), more: place & 1 == 1 });
                next
            }
            // Authentication: its length in units of 4 bytes beyond the first 8.
            51 => {
                let (next, length) = (cursor.u8()?, usize::from(cursor.u8()?));
                cursor.take(length * 4 + 6)?;
                next
            }
            _ => {
                cursor = rest;
                break;
            }
        };
        protocol = next;
        // What follows the header of a fragment belongs to the datagram, and is read once that is whole.
        if fragment.as_ref().is_some_and(|fragment| fragment.offset > 0) {
            break;
        }
    }
    let fragment = fragment.filter(|fragment| fragment.offset > 0 || fragment.more);
    Some(Inner { from, to, protocol, bytes: cursor.0, fragment })
}

/// The frame in a tunnel over UDP: its name, Ethernet type and payload. Otherwise what the datagram is counted as.
fn udp_tunnel(datagram: &[u8]) -> Result<(&'static str, u16, &[u8]), &'static str> {
    let mut cursor = Cursor(datagram);
    let (Some(from), Some(to), Some(_)) = (cursor.u16(), cursor.u16(), cursor.u32()) else { return Err("udp") };
    match to {
        // RFC 7348, and the port that Linux used before; AWS mirrors in this form.
        4789 | 8472 if cursor.0.first().is_some_and(|flags| flags & 0x08 != 0) && cursor.take(8).is_some() => {
            Ok(("vxlan", link::ETHERNET, cursor.0))
        }
        // RFC 8926.
        6081 => geneve(cursor).map(|(ether_type, payload)| ("geneve", ether_type, payload)).ok_or("udp"),
        443 => Err("udp port 443 (QUIC, HTTP/3)"),
        _ if from == 443 => Err("udp port 443 (QUIC, HTTP/3)"),
        _ => Err("udp"),
    }
}

fn geneve(mut cursor: Cursor<'_>) -> Option<(u16, &[u8])> {
    let options = usize::from(cursor.u8()? & 0x3f) * 4;
    cursor.u8()?;
    let ether_type = cursor.u16()?;
    cursor.take(4 + options)?;
    Some((ether_type, cursor.0))
}

/// GRE (RFC 2784, 2890) and ERSPAN in it (draft-foschiano-erspan).
fn gre(packet: &[u8]) -> Option<(u16, &[u8])> {
    let mut cursor = Cursor(packet);
    let flags = cursor.u16()?;
    let protocol = cursor.u16()?;
    if flags & 7 != 0 {
        return None;
    }
    for flag in [0x8000, 0x2000, 0x1000] {
        if flags & flag != 0 {
            cursor.take(4)?;
        }
    }
    match protocol {
        // Type I has no header of its own and no sequence number; type II has both.
        0x88be => {
            if flags & 0x1000 != 0 {
                cursor.take(8)?;
            }
            Some((link::ETHERNET, cursor.0))
        }
        0x22eb => {
            let header = cursor.take(12)?;
            if header.last().is_some_and(|byte| byte & 1 == 1) {
                cursor.take(8)?;
            }
            Some((link::ETHERNET, cursor.0))
        }
        ether_type => Some((ether_type, cursor.0)),
    }
}
