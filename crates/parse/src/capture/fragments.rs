//! IP datagrams that came in pieces.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use hashbrown::HashMap;
use vedette_model::limits::{CAPTURE_DATAGRAMS_MAX, CAPTURE_FRAGMENTS_MAX, CAPTURE_RETRANSMIT_MICROS};
use vedette_model::results::Loss;

/// Longest IP datagram.
const DATAGRAM_BYTES_MAX: usize = 65_535;

/// Where a fragment belongs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment {
    pub(super) id: u32,
    pub(super) offset: usize,
    /// Others follow it.
    pub(super) more: bool,
}

type Flow = (IpAddr, IpAddr, u8);

/// Incomplete datagrams, the oldest of which make room.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    datagrams: HashMap<(Flow, u32), Datagram, foldhash::fast::RandomState>,
    /// By age; a key may stand here for a datagram that is gone.
    order: VecDeque<(i64, (Flow, u32))>,
}

#[derive(Debug, Default)]
struct Datagram {
    since: i64,
    pieces: BTreeMap<usize, Vec<u8>>,
    length: Option<usize>,
}

impl Fragments {
    /// Adds a fragment; returns the datagram when it was the last that was missing. Overlapping fragments are an attack
    /// (RFC 5722, 8900): their datagram is dropped and counted.
    pub(super) fn add(
        &mut self,
        at: i64,
        flow: Flow,
        fragment: Fragment,
        bytes: &[u8],
        loss: &mut Loss,
    ) -> Option<Vec<u8>> {
        self.forget(at, loss);
        let key = (flow, fragment.id);
        let datagram = self.datagrams.entry(key).or_insert_with(|| {
            self.order.push_back((at, key));
            Datagram { since: at, ..Datagram::default() }
        });
        match datagram.add(fragment, bytes) {
            Some(false) => None,
            Some(true) => self.datagrams.remove(&key).map(Datagram::whole),
            None => {
                self.datagrams.remove(&key);
                loss.broken_datagrams += 1;
                None
            }
        }
    }

    fn forget(&mut self, at: i64, loss: &mut Loss) {
        while let Some((since, key)) = self.order.front().copied() {
            let is_old = at.saturating_sub(since) > CAPTURE_RETRANSMIT_MICROS;
            if !is_old && self.order.len() < CAPTURE_DATAGRAMS_MAX {
                return;
            }
            self.order.pop_front();
            if self.datagrams.get(&key).is_some_and(|datagram| datagram.since == since) {
                self.datagrams.remove(&key);
                loss.broken_datagrams += 1;
            }
        }
    }

    /// Datagrams that are not complete.
    pub(super) fn incomplete(&self) -> u64 {
        self.datagrams.len() as u64
    }
}

impl Datagram {
    /// Whether the datagram is whole now; `None` when it never can be.
    fn add(&mut self, fragment: Fragment, bytes: &[u8]) -> Option<bool> {
        let end = fragment.offset + bytes.len();
        let before = self.pieces.range(..=fragment.offset).next_back().map_or(0, |(at, piece)| at + piece.len());
        // The same fragment again, from a mirror that saw it twice.
        if self.pieces.get(&fragment.offset).is_some_and(|piece| piece == bytes) {
            return Some(false);
        }
        let after = self.pieces.range(fragment.offset..).next().map_or(usize::MAX, |(at, _)| *at);
        let is_sound = end <= DATAGRAM_BYTES_MAX
            && before <= fragment.offset
            && end <= after
            && !bytes.is_empty()
            && self.pieces.len() < CAPTURE_FRAGMENTS_MAX;
        if !is_sound {
            return None;
        }
        if !fragment.more {
            self.length = Some(end);
        }
        self.pieces.insert(fragment.offset, bytes.to_vec());
        let sum: usize = self.pieces.values().map(Vec::len).sum();
        Some(self.length == Some(sum))
    }

    fn whole(self) -> Vec<u8> {
        self.pieces.into_values().flatten().collect()
    }
}
