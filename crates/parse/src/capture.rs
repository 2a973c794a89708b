//! Packet captures: packets in, exchanges out.
//!
//! [`Capture`] takes the bytes of a pcap or pcapng file in pieces of any size, puts fragments and TCP streams together,
//! opens TLS with a key log, and finds HTTP/1.1 and HTTP/2 messages in what comes out. Each exchange is written as one
//! compact record ([`Finished`]); [`exchange()`] reads a record back, which is where headers are split and content
//! codings undone, so that this work can be done by others than the one that reads packets.
//!
//! The times of packets are the clock. State is bounded in connections, bytes and time. Nothing is lost in silence: what
//! was missing, doubled, closed or not understood is counted in [`results::Capture`].
//!
//! What it deliberately does not do: QUIC (HTTP/3), decryption without a key log, TLS suites without AEAD, HTTP/2
//! connections that began before the capture, resynchronization inside TLS after a loss.
//!
//! Start reading at [`Capture::feed`]; then, outward in: `file`, `network`, `connections`, `connection`, `application`,
//! and from there `http1`, `http2`, `tls`.

use std::net::SocketAddr;
use std::sync::Arc;

use vedette_model::Timestamp;
use vedette_model::results;

use connections::Connections;
use file::{File, Item, Packet};
use network::Network;

mod application;
mod connection;
mod connections;
pub(crate) mod cursor;
mod exchange;
mod file;
mod fragments;
#[doc(hidden)]
pub mod fuzz;
mod http1;
mod http2;
mod keylog;
mod link;
mod network;
mod record;
#[doc(hidden)]
pub mod script;
mod segment;
mod stream;
mod summary;
#[cfg(test)]
mod tests;
mod tls;
mod websocket;

pub use exchange::exchange;
pub use keylog::KeyLog;
pub use record::Finished;

/// The file formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// The classic format.
    Pcap,
    /// Its successor.
    PcapNg,
}

impl Container {
    /// The format of a file that begins so, if it is a capture.
    pub fn of(head: &[u8]) -> Option<Self> {
        file::format_of(head)
    }

    /// Format id as shown to users.
    pub fn id(self) -> &'static str {
        match self {
            Self::Pcap => "pcap",
            Self::PcapNg => "pcapng",
        }
    }
}

/// A capture that is being read.
#[derive(Debug, Default)]
pub struct Capture {
    file: File,
    network: Network,
    connections: Connections,
    tally: results::Capture,
    closed: summary::Closed,
    keys: Keys,
}

/// The key log that was given, and what the capture brings itself.
#[derive(Debug, Default)]
struct Keys {
    given: Option<Arc<KeyLog>>,
    embedded: KeyLog,
}

/// What all connections share.
struct Shared<'s> {
    tally: &'s mut results::Capture,
    closed: &'s mut summary::Closed,
    out: &'s mut Finished,
    keys: &'s Keys,
}

/// What the bytes of a connection are read with.
struct Context<'c, 's> {
    /// Time of the bytes, in microseconds since the epoch.
    at: i64,
    facts: &'c mut Facts,
    shared: &'c mut Shared<'s>,
}

/// What is known of a connection.
#[derive(Debug)]
struct Facts {
    client: SocketAddr,
    server: SocketAddr,
    /// The client is not the one that sent the first segment seen.
    is_turned: bool,
    /// It was open before the capture began.
    is_midstream: bool,
    tls: Option<tls::Facts>,
}

impl Facts {
    fn new(client: SocketAddr, server: SocketAddr) -> Self {
        Self { client, server, is_turned: false, is_midstream: false, tls: None }
    }

    fn turn(&mut self) {
        std::mem::swap(&mut self.client, &mut self.server);
        self.is_turned = !self.is_turned;
    }
}

impl Keys {
    fn is_empty(&self) -> bool {
        self.given.as_ref().is_none_or(|given| given.is_empty()) && self.embedded.is_empty()
    }

    fn secret(&self, client_random: &[u8; 32], label: keylog::Label) -> Option<&[u8]> {
        let given = self.given.as_ref().and_then(|given| given.secret(client_random, label));
        given.or_else(|| self.embedded.secret(client_random, label))
    }
}

impl Capture {
    /// Begins a capture, with the key log to open its TLS connections with.
    pub fn new(keys: Option<Arc<KeyLog>>) -> Self {
        Self { keys: Keys { given: keys, embedded: KeyLog::default() }, ..Self::default() }
    }

    /// Takes bytes until they are used up or `out` holds `out_bytes_max` bytes; returns how many.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Finished, out_bytes_max: usize) -> usize {
        let mut rest = chunk;
        while out.bytes() < out_bytes_max
            && let Some(item) = self.file.next(&mut rest)
        {
            match item {
                Item::Packet(packet) => {
                    let shared =
                        &mut Shared { tally: &mut self.tally, closed: &mut self.closed, out, keys: &self.keys };
                    packet_in(&packet, &mut self.network, &mut self.connections, shared);
                }
                Item::Keys(text) => self.keys.embedded.add(text),
                Item::Dropped(count) => self.tally.loss.dropped_packets += count,
                Item::Other => {}
            }
        }
        chunk.len() - rest.len()
    }

    /// Tells that nothing follows: what is unfinished is written as far as it goes.
    pub fn finish(&mut self, out: &mut Finished) {
        let shared = &mut Shared { tally: &mut self.tally, closed: &mut self.closed, out, keys: &self.keys };
        self.connections.finish(shared);
        self.tally.loss.broken_datagrams += self.network.incomplete();
    }

    /// What was met so far.
    pub fn summary(&self) -> results::Capture {
        let mut tally = self.tally.clone();
        self.closed.list(&mut tally.tls);
        tally
    }

    /// What a user must know of the capture, in sentences; `at_end` when nothing follows.
    pub fn problems(&self, at_end: bool) -> Vec<String> {
        let damage = self.file.problem(at_end);
        damage.into_iter().chain(summary::problems(&self.summary())).collect()
    }
}

/// The time of the first packet in the beginning of a capture.
pub fn first_time(head: &[u8]) -> Option<Timestamp> {
    let (mut file, mut rest) = (File::default(), head);
    loop {
        if let Item::Packet(packet) = file.next(&mut rest)? {
            return packet.at.map(Timestamp);
        }
    }
}

fn packet_in(packet: &Packet<'_>, network: &mut Network, connections: &mut Connections, shared: &mut Shared<'_>) {
    shared.tally.packets += 1;
    if packet.bytes.len() < packet.original_bytes {
        shared.tally.loss.cut_packets += 1;
    }
    let at = packet.at.unwrap_or_else(|| connections.now());
    network.frame(at, packet.link, packet.bytes, shared, &mut |datagram, shared| {
        connections.datagram(&datagram, at, shared);
    });
}
