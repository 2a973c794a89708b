//! The two file formats: packets out of bytes that come in pieces.
//!
//! Own code because a capture must be read in one pass from a pipe, with one copy at most, with every length checked
//! before it is believed, and with what the formats say beside packets (drops, embedded key logs).

use vedette_model::limits::CAPTURE_BLOCK_BYTES_MAX;

mod pcap;
mod pcapng;

/// What a capture file holds.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Packet(Packet<'a>),
    /// A TLS key log that was embedded (pcapng).
    Keys(&'a [u8]),
    /// Packets that the recorder dropped, as far as it knows.
    Dropped(u64),
    /// Nothing of interest.
    Other,
}

/// A recorded packet.
#[derive(Debug)]
pub(super) struct Packet<'a> {
    /// Microseconds since the epoch, when the file says.
    pub(super) at: Option<i64>,
    /// Link type as registered (LINKTYPE_…).
    pub(super) link: u32,
    pub(super) bytes: &'a [u8],
    /// Bytes that it had on the wire.
    pub(super) original_bytes: usize,
}

/// How long the next block is, from its beginning.
enum Length {
    /// That many bytes are needed to tell.
    Needs(usize),
    Is(usize),
    /// Nothing after this can be read; why.
    Broken(&'static str),
}

/// A file that is being read.
#[derive(Debug, Default)]
pub(super) struct File {
    format: Format,
    /// The beginning of a block.
    buffer: Vec<u8>,
    /// The buffer was handed out.
    used: bool,
    /// Bytes that made whole blocks.
    position: u64,
    broken: Option<&'static str>,
}

#[derive(Debug, Default)]
enum Format {
    #[default]
    Unknown,
    Pcap(pcap::Header),
    PcapNg(pcapng::Section),
}

/// The format of a file that begins so.
pub(super) fn format_of(head: &[u8]) -> Option<super::Container> {
    let magic = head.first_chunk::<4>()?;
    if pcap::is_magic(*magic) {
        return Some(super::Container::Pcap);
    }
    let order = head.get(8..12)?;
    (*magic == pcapng::MAGIC && pcapng::is_order(order)).then_some(super::Container::PcapNg)
}

impl File {
    /// The next item; takes what it needs off `chunk`. `None` when the chunk is used up.
    pub(super) fn next<'a, 'c: 'a>(&'a mut self, chunk: &mut &'c [u8]) -> Option<Item<'a>> {
        if std::mem::take(&mut self.used) {
            self.buffer.clear();
        }
        if self.broken.is_some() {
            *chunk = &[];
            return None;
        }
        let block = loop {
            let buffered = self.buffer.len();
            let have = if buffered == 0 { *chunk } else { self.buffer.as_slice() };
            let needs = match self.format.length(have) {
                Length::Is(length) if length > CAPTURE_BLOCK_BYTES_MAX => {
                    return self.stop("a block is too long", chunk);
                }
                Length::Is(length) if have.len() >= length => break length,
                Length::Is(length) | Length::Needs(length) => length,
                Length::Broken(problem) => return self.stop(problem, chunk),
            };
            let missing = needs.saturating_sub(buffered);
            let (taken, rest) = chunk.split_at_checked(missing).unwrap_or((chunk, &[]));
            self.buffer.extend_from_slice(taken);
            *chunk = rest;
            if taken.len() < missing {
                return None;
            }
        };
        self.position += block as u64;
        let bytes = if self.buffer.is_empty() {
            let (bytes, rest) = chunk.split_at_checked(block)?;
            *chunk = rest;
            bytes
        } else {
            self.used = true;
            self.buffer.get(..block)?
        };
        Some(self.format.item(bytes))
    }

    fn stop<'a>(&mut self, problem: &'static str, chunk: &mut &[u8]) -> Option<Item<'a>> {
        self.broken = Some(problem);
        *chunk = &[];
        None
    }

    /// Why reading ended before the end of the file, with the byte where.
    pub(super) fn problem(&self, at_end: bool) -> Option<String> {
        if let Some(problem) = self.broken {
            return Some(format!(
                "the capture is damaged at byte {} ({problem}), what came before was read; hint: `editcap` of Wireshark may repair it",
                self.position
            ));
        }
        (at_end && !self.used && !self.buffer.is_empty()).then(|| {
            "the capture ends in the middle of a packet, the packets before were read; hint: copy it again, or wait until it is written".to_owned()
        })
    }
}

impl Format {
    fn length(&self, head: &[u8]) -> Length {
        match self {
            Self::Unknown => {
                let Some(magic) = head.first_chunk::<4>() else { return Length::Needs(4) };
                if pcap::is_magic(*magic) { Length::Is(pcap::HEADER_BYTES) } else { pcapng::length(None, head) }
            }
            Self::Pcap(header) => header.length(head),
            Self::PcapNg(section) => pcapng::length(Some(section), head),
        }
    }

    fn item<'a>(&mut self, block: &'a [u8]) -> Item<'a> {
        match self {
            Self::Pcap(header) => header.item(block),
            Self::PcapNg(section) => section.item(block),
            Self::Unknown => {
                if let Some(header) = pcap::Header::read(block) {
                    *self = Self::Pcap(header);
                    return Item::Other;
                }
                let mut section = pcapng::Section::default();
                let item = section.item(block);
                *self = Self::PcapNg(section);
                item
            }
        }
    }
}
