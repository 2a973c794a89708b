//! pcap (draft-ietf-opsawg-pcap): a header, then packets.

use vedette_model::limits::CAPTURE_PACKET_BYTES_MAX;

use super::{Item, Length, Packet};

/// Bytes of the file's header.
pub(super) const HEADER_BYTES: usize = 24;

/// Bytes before each packet.
const RECORD_BYTES: usize = 16;

const MICROS: u32 = 0xa1b2_c3d4;
const NANOS: u32 = 0xa1b2_3c4d;

/// What the header says.
#[derive(Debug)]
pub(super) struct Header {
    big_endian: bool,
    nanos: bool,
    link: u32,
}

/// True for the four magic numbers: two byte orders, micro- and nanoseconds.
pub(super) fn is_magic(magic: [u8; 4]) -> bool {
    [u32::from_be_bytes(magic), u32::from_le_bytes(magic)].iter().any(|magic| matches!(*magic, MICROS | NANOS))
}

impl Header {
    pub(super) fn read(block: &[u8]) -> Option<Self> {
        let magic = *block.first_chunk::<4>()?;
        let big_endian = matches!(u32::from_be_bytes(magic), MICROS | NANOS);
        let mut header = Self { big_endian, nanos: false, link: 0 };
        let magic = header.number(block, 0)?;
        header.nanos = magic == NANOS;
        // The upper half says whether packets end with a checksum; they are cut by their own lengths anyway.
        header.link = header.number(block, 20)? & 0xffff;
        matches!(magic, MICROS | NANOS).then_some(header)
    }

    fn number(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let field = *bytes.get(at..)?.first_chunk::<4>()?;
        Some(if self.big_endian { u32::from_be_bytes(field) } else { u32::from_le_bytes(field) })
    }

    pub(super) fn length(&self, head: &[u8]) -> Length {
        match self.number(head, 8) {
            Some(_) if head.len() < RECORD_BYTES => Length::Needs(RECORD_BYTES),
            None => Length::Needs(RECORD_BYTES),
            Some(captured) if captured as usize > CAPTURE_PACKET_BYTES_MAX => Length::Broken("a packet is too long"),
            Some(captured) => Length::Is(RECORD_BYTES + captured as usize),
        }
    }

    pub(super) fn item<'a>(&self, block: &'a [u8]) -> Item<'a> {
        let field = |at| self.number(block, at).unwrap_or_default();
        let fraction = i64::from(field(4)) / if self.nanos { 1_000 } else { 1 };
        Item::Packet(Packet {
            at: Some(i64::from(field(0)) * 1_000_000 + fraction),
            link: self.link,
            bytes: block.get(RECORD_BYTES..).unwrap_or_default(),
            original_bytes: field(12) as usize,
        })
    }
}
