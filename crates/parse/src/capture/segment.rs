//! The TCP header (RFC 9293, 3.1).

use super::cursor::Cursor;

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) from_port: u16,
    pub(super) to_port: u16,
    pub(super) sequence: u32,
    /// What its sender has got, when it says.
    pub(super) acknowledged: Option<u32>,
    pub(super) syn: bool,
    pub(super) fin: bool,
    pub(super) reset: bool,
    pub(super) payload: &'a [u8],
}

impl<'a> Segment<'a> {
    /// `None` when the header is cut or claims an impossible length.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor(bytes);
        let (from_port, to_port) = (cursor.u16()?, cursor.u16()?);
        let (sequence, acknowledged) = (cursor.u32()?, cursor.u32()?);
        let [offset, flags] = cursor.array::<2>()?;
        let header = usize::from(offset >> 4) * 4;
        if header < 20 {
            return None;
        }
        Some(Self {
            from_port,
            to_port,
            sequence,
            acknowledged: (flags & 0x10 != 0).then_some(acknowledged),
            syn: flags & 0x02 != 0,
            fin: flags & 0x01 != 0,
            reset: flags & 0x04 != 0,
            payload: bytes.get(header..)?,
        })
    }
}
