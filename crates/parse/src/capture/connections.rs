//! All connections of a capture, bounded in number, age and bytes.

use std::collections::VecDeque;
use std::net::SocketAddr;

use hashbrown::HashMap;
use vedette_model::limits::{
    CAPTURE_CLOSED_MICROS, CAPTURE_CONNECTIONS_MAX, CAPTURE_HELD_BYTES_MAX, CAPTURE_IDLE_MICROS,
};

use super::Shared;
use super::connection::Connection;
use super::network::{Datagram, count};
use super::segment::Segment;

/// Both ends, the smaller first.
type Key = (SocketAddr, SocketAddr);

/// The connections that are followed.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: HashMap<Key, Connection, foldhash::fast::RandomState>,
    /// By the time of their last packet as it was known when they were put here; looked up again when it is their turn.
    idle: VecDeque<(i64, u64, Key)>,
    closed: VecDeque<(i64, u64, Key)>,
    held: usize,
    /// The latest time seen.
    now: i64,
    serial: u64,
}

impl Connections {
    /// The latest time seen.
    pub(super) fn now(&self) -> i64 {
        self.now
    }

    /// Takes a datagram that says to hold TCP.
    pub(super) fn datagram(&mut self, datagram: &Datagram<'_>, at: i64, shared: &mut Shared<'_>) {
        let Some(segment) = Segment::read(datagram.bytes) else {
            return count(&mut shared.tally.not_read, "malformed or cut tcp header");
        };
        shared.tally.segments += 1;
        self.now = self.now.max(at);
        if segment.syn && (segment.fin || segment.reset) {
            shared.tally.loss.implausible += 1;
            return;
        }
        let from = SocketAddr::new(datagram.from, segment.from_port);
        let to = SocketAddr::new(datagram.to, segment.to_port);
        self.segment(from, to, &segment, at, shared);
        self.make_room(shared);
    }

    fn segment(&mut self, from: SocketAddr, to: SocketAddr, segment: &Segment<'_>, at: i64, shared: &mut Shared<'_>) {
        let key = if from <= to { (from, to) } else { (to, from) };
        let is_old = self.open.get(&key).is_some_and(|c| c.is_succeeded_by(side(c, from), segment));
        if is_old && let Some(old) = self.open.remove(&key) {
            self.end(old, at, shared);
        }
        let now = self.now;
        let connection = match self.open.entry(key) {
            hashbrown::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            // What comes after an end that was forgotten, or before anything of use, makes no connection.
            hashbrown::hash_map::Entry::Vacant(_) if !segment.syn && segment.payload.is_empty() => return,
            hashbrown::hash_map::Entry::Vacant(entry) => {
                self.serial += 1;
                self.idle.push_back((now, self.serial, key));
                entry.insert(Connection::new(from, to, segment, self.serial))
            }
        };
        let (before, was_closed) = (connection.held(), connection.is_closed());
        connection.last_at = now;
        connection.segment(side(connection, from), segment, at, shared);
        if connection.is_closed() && !was_closed {
            self.closed.push_back((now, connection.serial, key));
        }
        self.held = (self.held + connection.held()).saturating_sub(before);
    }

    /// Ends connections that are over, and the longest idle ones when there is too much.
    fn make_room(&mut self, shared: &mut Shared<'_>) {
        while let Some((since, serial, key)) = self.closed.front().copied() {
            if self.now - since <= CAPTURE_CLOSED_MICROS {
                break;
            }
            self.closed.pop_front();
            if self.open.get(&key).is_some_and(|connection| connection.serial == serial) {
                self.remove(&key, shared);
            }
        }
        while let Some((since, serial, key)) = self.idle.front().copied() {
            let is_full = self.open.len() > CAPTURE_CONNECTIONS_MAX || self.held > CAPTURE_HELD_BYTES_MAX;
            if self.now - since <= CAPTURE_IDLE_MICROS && !is_full {
                break;
            }
            self.idle.pop_front();
            let Some(connection) = self.open.get(&key).filter(|connection| connection.serial == serial) else { continue };
            if connection.last_at > since {
                self.idle.push_back((connection.last_at, serial, key));
                continue;
            }
            shared.tally.given_up += u64::from(is_full && !connection.is_closed());
            self.remove(&key, shared);
        }
    }

    fn remove(&mut self, key: &Key, shared: &mut Shared<'_>) {
        if let Some(connection) = self.open.remove(key) {
            let at = connection.last_at;
            self.end(connection, at, shared);
        }
    }

    fn end(&mut self, mut connection: Connection, at: i64, shared: &mut Shared<'_>) {
        self.held = self.held.saturating_sub(connection.held());
        connection.finish(at, shared);
    }

    /// Nothing follows: ends all connections, in the order they began.
    pub(super) fn finish(&mut self, shared: &mut Shared<'_>) {
        let mut rest: Vec<Connection> = self.open.drain().map(|(_, connection)| connection).collect();
        rest.sort_unstable_by_key(|connection| connection.serial);
        for connection in rest {
            let at = connection.last_at;
            self.end(connection, at, shared);
        }
        self.idle.clear();
        self.closed.clear();
    }
}

/// Which side of a connection an end is: 0 for the one that sent first.
fn side(connection: &Connection, from: SocketAddr) -> usize {
    usize::from(connection.first != from)
}
