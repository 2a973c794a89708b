//! Writes captures: connections as they would have been recorded. For tests, fuzz targets and the benchmark.

use std::net::SocketAddr;

/// A TCP segment that is to be recorded.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Microseconds since the epoch.
    pub at: i64,
    /// Sender.
    pub from: SocketAddr,
    /// Receiver.
    pub to: SocketAddr,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgment number, when there is one.
    pub acknowledged: Option<u32>,
    /// SYN.
    pub syn: bool,
    /// FIN.
    pub fin: bool,
    /// RST.
    pub reset: bool,
    /// Content.
    pub payload: Vec<u8>,
}

/// A connection as it is spoken; its packets come in the order of time.
#[derive(Debug)]
pub struct Talk {
    /// Client and server.
    ends: [SocketAddr; 2],
    /// Next sequence number of each.
    next: [u32; 2],
    /// Time of the next packet; each takes 10 microseconds.
    at: i64,
    /// Bytes of a segment.
    segment_bytes: usize,
    /// What was said.
    pub packets: Vec<Packet>,
}

impl Talk {
    /// A connection that begins with a handshake. Sequence numbers begin near their end, so that they wrap.
    pub fn open(client: SocketAddr, server: SocketAddr, at: i64) -> Self {
        let mut talk = Self::midstream(client, server, at);
        talk.push(0, false, |packet| (packet.syn, packet.acknowledged) = (true, None));
        talk.push(1, false, |packet| packet.syn = true);
        talk.push(0, false, |_| {});
        talk
    }

    /// A connection whose beginning was not recorded.
    pub fn midstream(client: SocketAddr, server: SocketAddr, at: i64) -> Self {
        let next = [u32::MAX - 50, u32::MAX - 5_000];
        Self { ends: [client, server], next, at, segment_bytes: 1_448, packets: Vec::new() }
    }

    /// Bytes of the segments from here on.
    #[must_use]
    pub fn in_segments_of(mut self, bytes: usize) -> Self {
        self.segment_bytes = bytes.max(1);
        self
    }

    /// The client says something.
    pub fn ask(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.say(0, bytes.as_ref())
    }

    /// The server says something.
    pub fn answer(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.say(1, bytes.as_ref())
    }

    fn say(&mut self, side: usize, bytes: &[u8]) -> &mut Self {
        for piece in bytes.chunks(self.segment_bytes) {
            self.push(side, false, |packet| packet.payload = piece.to_vec());
        }
        self.push(1 - side, false, |_| {});
        self
    }

    /// Both say that they are done, the server first.
    pub fn close(&mut self) -> &mut Self {
        self.push(1, true, |_| {});
        self.push(0, true, |_| {});
        self.push(1, false, |_| {});
        self
    }

    /// Time goes by, until then.
    pub fn until(&mut self, at: i64) -> &mut Self {
        self.at = self.at.max(at);
        self
    }

    /// Time goes by.
    pub fn wait(&mut self, micros: i64) -> &mut Self {
        self.at += micros;
        self
    }

    fn push(&mut self, side: usize, fin: bool, change: impl FnOnce(&mut Packet)) {
        let [client, server] = self.ends;
        let (from, to) = if side == 0 { (client, server) } else { (server, client) };
        let (own, other) = (side.min(1), 1 - side.min(1));
        let number = |side: usize| self.next.get(side).copied().unwrap_or_default();
        let mut packet = Packet {
            at: self.at,
            from,
            to,
            sequence: number(own),
            acknowledged: Some(number(other)),
            syn: false,
            fin,
            reset: false,
            payload: Vec::new(),
        };
        change(&mut packet);
        let length = packet.payload.len() as u32 + u32::from(packet.syn) + u32::from(packet.fin);
        if let Some(next) = self.next.get_mut(own) {
            *next = next.wrapping_add(length);
        }
        self.at += 10;
        self.packets.push(packet);
    }
}

impl Packet {
    /// The IP packet: version 4 or 6 as its addresses are. Checksums are zero, as under offloading.
    pub fn ip(&self) -> Vec<u8> {
        let tcp = self.tcp();
        let mut out = Vec::with_capacity(tcp.len() + 40);
        match (self.from, self.to) {
            (SocketAddr::V4(from), SocketAddr::V4(to)) => {
                out.extend([0x45, 0]);
                out.extend((tcp.len() as u16 + 20).to_be_bytes());
                out.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
                out.extend(from.ip().octets());
                out.extend(to.ip().octets());
            }
            (from, to) => {
                let octets = |end: SocketAddr| match end {
                    SocketAddr::V4(end) => end.ip().to_ipv6_mapped().octets(),
                    SocketAddr::V6(end) => end.ip().octets(),
                };
                out.extend([0x60, 0, 0, 0]);
                out.extend((tcp.len() as u16).to_be_bytes());
                out.extend([6, 64]);
                out.extend(octets(from));
                out.extend(octets(to));
            }
        }
        out.extend(tcp);
        out
    }

    fn tcp(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.payload.len() + 20);
        out.extend(self.from.port().to_be_bytes());
        out.extend(self.to.port().to_be_bytes());
        out.extend(self.sequence.to_be_bytes());
        out.extend(self.acknowledged.unwrap_or_default().to_be_bytes());
        let acknowledges = self.acknowledged.is_some();
        let flags =
            u8::from(self.fin) | u8::from(self.syn) << 1 | u8::from(self.reset) << 2 | u8::from(acknowledges) << 4;
        out.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
        out.extend(&self.payload);
        out
    }

    /// The Ethernet frame.
    pub fn frame(&self) -> Vec<u8> {
        let ether_type: [u8; 2] = if self.from.is_ipv4() && self.to.is_ipv4() { [8, 0] } else { [0x86, 0xdd] };
        [[2; 12].as_slice(), &ether_type, &self.ip()].concat()
    }
}

/// The header of a pcap file for a link type, little endian, microseconds.
pub fn header(link: u32) -> Vec<u8> {
    let mut out = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0];
    out.extend(link.to_le_bytes());
    out
}

/// Appends a packet to a pcap file.
pub fn record(out: &mut Vec<u8>, at: i64, bytes: &[u8]) {
    out.extend(((at / 1_000_000) as u32).to_le_bytes());
    out.extend(((at % 1_000_000) as u32).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend(bytes);
}

/// A pcap file of Ethernet frames.
pub fn file<'p>(packets: impl IntoIterator<Item = &'p Packet>) -> Vec<u8> {
    let mut out = header(1);
    for packet in packets {
        record(&mut out, packet.at, &packet.frame());
    }
    out
}
