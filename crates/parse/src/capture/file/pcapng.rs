//! pcapng (draft-ietf-opsawg-pcapng): blocks in sections, each section with its own byte order and interfaces.

use vedette_model::limits::CAPTURE_INTERFACES_MAX;

use super::{Item, Length, Packet};

/// Type of a section header block; the same in both byte orders.
pub(super) const MAGIC: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

const ORDER: u32 = 0x1a2b_3c4d;

const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
const SECRETS: u32 = 10;

/// `TLSK`: the secrets are a TLS key log.
const TLS_KEYS: u32 = 0x544c_534b;

/// Bytes of a block without content: type and two lengths.
const EMPTY_BLOCK_BYTES: usize = 12;

/// The section that is being read.
#[derive(Debug, Default)]
pub(super) struct Section {
    big_endian: bool,
    interfaces: Vec<Interface>,
}

#[derive(Debug)]
struct Interface {
    link: u32,
    snap_bytes: u32,
    resolution: Resolution,
    /// Seconds to add to each time.
    offset_secs: i64,
}

/// Units of a time in one second.
#[derive(Clone, Copy, Debug)]
enum Resolution {
    PowerOfTen(u32),
    PowerOfTwo(u32),
}

/// True for the byte order mark of a section, in either order.
pub(super) fn is_order(bytes: &[u8]) -> bool {
    bytes.first_chunk().is_some_and(|order| *order == ORDER.to_be_bytes() || *order == ORDER.to_le_bytes())
}

/// Length of the block that begins so.
pub(super) fn length(section: Option<&Section>, head: &[u8]) -> Length {
    let Some(head) = head.first_chunk::<12>() else { return Length::Needs(12) };
    let [t0, t1, t2, t3, l0, l1, l2, l3, o0, o1, o2, o3] = *head;
    let is_section = [t0, t1, t2, t3] == MAGIC;
    let order = [o0, o1, o2, o3];
    let big_endian = match section {
        _ if is_section && order == ORDER.to_be_bytes() => true,
        _ if is_section && order == ORDER.to_le_bytes() => false,
        _ if is_section => return Length::Broken("a section without byte order"),
        Some(section) => section.big_endian,
        None => return Length::Broken("no section header"),
    };
    let length = [l0, l1, l2, l3];
    let length = if big_endian { u32::from_be_bytes(length) } else { u32::from_le_bytes(length) } as usize;
    if length < EMPTY_BLOCK_BYTES || !length.is_multiple_of(4) {
        return Length::Broken("a block with an impossible length");
    }
    Length::Is(length)
}

impl Section {
    pub(super) fn item<'a>(&mut self, block: &'a [u8]) -> Item<'a> {
        if block.starts_with(&MAGIC) {
            self.big_endian = block.get(8..12).is_some_and(|order| order == ORDER.to_be_bytes());
            self.interfaces.clear();
            return Item::Other;
        }
        let kind = self.u32(block, 0).unwrap_or_default();
        let content = block.get(8..block.len() - 4).unwrap_or_default();
        let item = match kind {
            INTERFACE => {
                self.interface(content);
                None
            }
            ENHANCED_PACKET => self.packet(content, self.u32(content, 0)),
            OLD_PACKET => self.packet(content, self.u16(content, 0).map(u32::from)),
            SIMPLE_PACKET => self.simple(content),
            STATISTICS => self.dropped(content).map(Item::Dropped),
            SECRETS => self.secrets(content).map(Item::Keys),
            _ => None,
        };
        item.unwrap_or(Item::Other)
    }

    fn interface(&mut self, content: &[u8]) {
        let (Some(link), Some(snap_bytes)) = (self.u16(content, 0), self.u32(content, 4)) else { return };
        if self.interfaces.len() >= CAPTURE_INTERFACES_MAX {
            return;
        }
        let mut interface =
            Interface { link: link.into(), snap_bytes, resolution: Resolution::PowerOfTen(6), offset_secs: 0 };
        for (code, value) in self.options(content.get(8..).unwrap_or_default()) {
            match (code, value) {
                (9, [power, ..]) if power & 0x80 == 0 => interface.resolution = Resolution::PowerOfTen((*power).into()),
                (9, [power, ..]) => interface.resolution = Resolution::PowerOfTwo((power & 0x7f).into()),
                (14, value) => interface.offset_secs = self.u64(value, 0).map_or(0, u64::cast_signed),
                _ => {}
            }
        }
        self.interfaces.push(interface);
    }

    /// An enhanced packet, or one of its predecessors: both have times and lengths at the same places.
    fn packet<'a>(&self, content: &'a [u8], interface: Option<u32>) -> Option<Item<'a>> {
        let interface = self.interfaces.get(interface? as usize)?;
        let ticks = u64::from(self.u32(content, 4)?) << 32 | u64::from(self.u32(content, 8)?);
        let captured = self.u32(content, 12)? as usize;
        Some(Item::Packet(Packet {
            at: interface.micros(ticks),
            link: interface.link,
            bytes: content.get(20..)?.get(..captured).or_else(|| content.get(20..))?,
            original_bytes: self.u32(content, 16)? as usize,
        }))
    }

    /// A packet without time and interface: it belongs to the first.
    fn simple<'a>(&self, content: &'a [u8]) -> Option<Item<'a>> {
        let interface = self.interfaces.first()?;
        let original_bytes = self.u32(content, 0)? as usize;
        let snap_bytes = if interface.snap_bytes == 0 { usize::MAX } else { interface.snap_bytes as usize };
        let bytes = content.get(4..)?;
        let bytes = bytes.get(..original_bytes.min(snap_bytes)).unwrap_or(bytes);
        Some(Item::Packet(Packet { at: None, link: interface.link, bytes, original_bytes }))
    }

    /// Packets that the interface and the operating system dropped.
    fn dropped(&self, content: &[u8]) -> Option<u64> {
        let options = self.options(content.get(12..)?);
        let counts = options.filter(|(code, _)| matches!(code, 5 | 7)).filter_map(|(_, value)| self.u64(value, 0));
        Some(counts.fold(0, u64::saturating_add))
    }

    fn secrets<'a>(&self, content: &'a [u8]) -> Option<&'a [u8]> {
        let length = self.u32(content, 4)? as usize;
        (self.u32(content, 0)? == TLS_KEYS).then(|| content.get(8..)?.get(..length))?
    }

    fn options<'a>(&self, mut rest: &'a [u8]) -> impl Iterator<Item = (u16, &'a [u8])> {
        let big_endian = self.big_endian;
        std::iter::from_fn(move || {
            let section = Self { big_endian, interfaces: Vec::new() };
            let (code, length) = (section.u16(rest, 0)?, usize::from(section.u16(rest, 2)?));
            let value = rest.get(4..)?.get(..length)?;
            rest = rest.get(4 + length.next_multiple_of(4)..).unwrap_or_default();
            (code != 0).then_some((code, value))
        })
    }

    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let field = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u16::from_be_bytes(field) } else { u16::from_le_bytes(field) })
    }

    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let field = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) })
    }

    fn u64(&self, bytes: &[u8], at: usize) -> Option<u64> {
        let field = *bytes.get(at..)?.first_chunk()?;
        Some(if self.big_endian { u64::from_be_bytes(field) } else { u64::from_le_bytes(field) })
    }
}

impl Interface {
    /// Microseconds since the epoch; `None` for a time past the year 290,000.
    fn micros(&self, ticks: u64) -> Option<i64> {
        let ticks = u128::from(ticks);
        let micros = match self.resolution {
            Resolution::PowerOfTen(power @ 0..=6) => ticks * 10_u128.pow(6 - power),
            Resolution::PowerOfTen(power) => ticks.checked_div(10_u128.checked_pow(power - 6)?)?,
            Resolution::PowerOfTwo(power) => (ticks * 1_000_000) >> power,
        };
        i64::try_from(micros).ok()?.checked_add(self.offset_secs.checked_mul(1_000_000)?)
    }
}
