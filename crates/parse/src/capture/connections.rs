//! All connections of a capture, bounded in number, age and bytes.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use hashbrown::HashMap;
use vedette_model::limits::{
    CAPTURE_CLOSED_MICROS, CAPTURE_CONNECTION_BYTES_MAX, CAPTURE_CONNECTIONS_MAX, CAPTURE_HELD_BYTES_MAX,
    CAPTURE_IDLE_MICROS,
};

use super::Shared;
use super::connection::Connection;
use super::network::{Datagram, count};
use super::segment::Segment;

/// Both ends, the smaller first.
type Key = (SocketAddr, SocketAddr);

/// Microseconds after which a connection is put in its new place in the order of idleness.
const RELIST_MICROS: i64 = 1_000_000;

/// The connections that are followed.
#[derive(Debug, Default)]
pub(super) struct Connections {
    open: HashMap<Key, Connection, foldhash::fast::RandomState>,
    /// By the time of a recent packet and their serial number.
    idle: BTreeMap<(i64, u64), Key>,
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
            hashbrown::hash_map::Entry::Vacant(_) if !segment.syn && !segment.fin && segment.payload.is_empty() => {
                return;
            }
            hashbrown::hash_map::Entry::Vacant(entry) => {
                self.serial += 1;
                self.idle.insert((now, self.serial), key);
                entry.insert(Connection::new(from, to, self.serial, now))
            }
        };
        let (before, was_closed) = (connection.held(), connection.is_closed());
        connection.last_at = now;
        if now - connection.listed_at > RELIST_MICROS {
            self.idle.remove(&(connection.listed_at, connection.serial));
            connection.listed_at = now;
            self.idle.insert((now, connection.serial), key);
        }
        connection.segment(side(connection, from), segment, at, shared);
        if connection.is_closed() && !was_closed {
            self.closed.push_back((now, connection.serial, key));
        }
        let held = connection.held();
        self.held = (self.held + held).saturating_sub(before);
        if held > CAPTURE_CONNECTION_BYTES_MAX {
            shared.tally.given_up += 1;
            self.remove(&key, shared);
        }
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
        while let Some(((since, _), key)) = self.idle.first_key_value().map(|(place, key)| (*place, *key)) {
            let is_full = self.open.len() > CAPTURE_CONNECTIONS_MAX || self.held > CAPTURE_HELD_BYTES_MAX;
            if self.now - since <= CAPTURE_IDLE_MICROS && !is_full {
                break;
            }
            let is_closed = self.open.get(&key).is_none_or(Connection::is_closed);
            shared.tally.given_up += u64::from(is_full && !is_closed);
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
        self.idle.remove(&(connection.listed_at, connection.serial));
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
