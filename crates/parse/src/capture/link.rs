//! Link layers: what stands before the network layer, and how to get over it.

use super::cursor::Cursor;

pub(super) const IPV4: u16 = 0x0800;
pub(super) const IPV6: u16 = 0x86dd;
pub(super) const ARP: u16 = 0x0806;
/// Transparent Ethernet bridging, in GRE and GENEVE.
pub(super) const ETHERNET: u16 = 0x6558;
const VLAN: [u16; 3] = [0x8100, 0x88a8, 0x9100];
const PPPOE: u16 = 0x8864;
const MPLS: [u16; 2] = [0x8847, 0x8848];

/// VLAN tags and MPLS labels of one frame that are passed over.
const TAGS_MAX: usize = 8;

/// A link layer by its registered number (LINKTYPE_…): its name, and how its frames begin.
pub(super) fn kind(number: u32) -> (&'static str, Option<Frame>) {
    match number {
        1 => ("ethernet", Some(Frame::Ethernet)),
        0 => ("loopback", Some(Frame::Loopback)),
        108 => ("loopback (OpenBSD)", Some(Frame::Loopback)),
        12 | 14 | 101 => ("raw ip", Some(Frame::Raw)),
        228 => ("raw ipv4", Some(Frame::Raw)),
        229 => ("raw ipv6", Some(Frame::Raw)),
        113 => ("linux cooked", Some(Frame::Cooked)),
        276 => ("linux cooked v2", Some(Frame::CookedTwo)),
        9 | 50 => ("ppp", Some(Frame::Ppp)),
        105 => ("802.11", None),
        127 => ("802.11 radio", None),
        192 => ("802.11 ppi", None),
        195 | 230 | 283 => ("802.15.4", None),
        187 | 201 => ("bluetooth", None),
        189 | 220 | 249 => ("usb", None),
        239 => ("netfilter log", None),
        253 => ("netlink", None),
        _ => ("other", None),
    }
}

/// How the frames of a link layer begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Ethernet,
    Loopback,
    Raw,
    Cooked,
    CookedTwo,
    Ppp,
}

impl Frame {
    /// Ethernet type and payload; `None` when the frame is cut.
    pub(super) fn payload(self, frame: &[u8]) -> Option<(u16, &[u8])> {
        let mut cursor = Cursor(frame);
        let ether_type = match self {
            Self::Ethernet => {
                cursor.take(12)?;
                cursor.u16()?
            }
            // An address family in the byte order of the machine, whose numbers for IPv6 differ by system.
            Self::Loopback => match cursor.array::<4>()? {
                [2, 0, 0, 0] | [0, 0, 0, 2] => IPV4,
                [24 | 28 | 30 | 10, 0, 0, 0] | [0, 0, 0, 24 | 28 | 30 | 10] => IPV6,
                _ => 0,
            },
            Self::Raw => version(frame),
            Self::Cooked => {
                cursor.take(14)?;
                cursor.u16()?
            }
            Self::CookedTwo => {
                let ether_type = cursor.u16()?;
                cursor.take(18)?;
                ether_type
            }
            Self::Ppp => {
                if cursor.0.starts_with(&[0xff, 0x03]) {
                    cursor.take(2)?;
                }
                ppp(&mut cursor)?
            }
        };
        Some((ether_type, cursor.0))
    }
}

/// Passes over VLAN tags, PPPoE sessions and MPLS labels. `None` when the frame is cut.
pub(super) fn untag(mut ether_type: u16, payload: &[u8]) -> Option<(u16, &[u8])> {
    let mut cursor = Cursor(payload);
    for _ in 0..TAGS_MAX {
        if VLAN.contains(&ether_type) {
            cursor.take(2)?;
            ether_type = cursor.u16()?;
        } else if ether_type == PPPOE {
            cursor.take(6)?;
            ether_type = ppp(&mut cursor)?;
        } else if MPLS.contains(&ether_type) {
            let [_, _, bottom, _] = cursor.array::<4>()?;
            if bottom & 1 == 1 {
                ether_type = version(cursor.0);
            }
        } else {
            break;
        }
    }
    Some((ether_type, cursor.0))
}

fn ppp(cursor: &mut Cursor<'_>) -> Option<u16> {
    Some(match cursor.u16()? {
        0x0021 => IPV4,
        0x0057 => IPV6,
        _ => 0,
    })
}

/// The Ethernet type that an IP packet would have.
pub(super) fn version(packet: &[u8]) -> u16 {
    match packet.first().map(|byte| byte >> 4) {
        Some(4) => IPV4,
        Some(6) => IPV6,
        _ => 0,
    }
}
