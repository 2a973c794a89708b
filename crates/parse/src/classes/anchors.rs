//! All literals that call a pattern, in one automaton: one pass over a text finds all of them, in any case.
//!
//! Aho and Corasick's automaton ("Efficient string matching", 1975) with every transition filled in. It is built at
//! each start, so it is made to be built fast: letters in one case, and a column only for bytes that occur.

use vedette_model::limits::CLASS_PATTERN_BYTES_MAX;

/// Marks a transition to a state in which a literal ends.
const ENDS: u32 = 1 << 31;

/// The automaton.
pub(crate) struct Anchors {
    /// Column of each byte; 0 is that of all bytes in no literal.
    columns: [u8; 256],
    /// Columns of a row, a power of two as bits.
    width_bits: u32,
    /// By state and column, the next state times the width, with [`ENDS`].
    next: Vec<u32>,
    /// Literals that end in a state, longest first, as a range of `ended`.
    ends: Vec<(u32, u32)>,
    ended: Vec<Literal>,
}

#[derive(Clone, Copy)]
struct Literal {
    index: u32,
    len: u32,
}

/// A literal met in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Which literal.
    pub(crate) literal: usize,
    /// First byte.
    pub(crate) start: usize,
    /// Past the last byte.
    pub(crate) end: usize,
}

/// Every literal in a text, by its end; those that end together longest first.
pub(crate) struct Hits<'a> {
    anchors: &'a Anchors,
    text: &'a [u8],
    state: u32,
    at: usize,
    /// Literals that end here and were not given out yet.
    here: &'a [Literal],
}

impl std::fmt::Debug for Anchors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Anchors({} states)", self.ends.len())
    }
}

impl Anchors {
    /// Builds the automaton of different, not empty literals; the error is for the user.
    pub(crate) fn new(literals: &[&str]) -> Result<Self, String> {
        let mut columns = [0_u8; 256];
        let mut used = 1_u8;
        for byte in literals.iter().flat_map(|literal| literal.bytes()).map(|byte| byte.to_ascii_lowercase()) {
            if let Some(column) = columns.get_mut(usize::from(byte)).filter(|column| **column == 0) {
                *column = used;
                used = used.saturating_add(1);
            }
        }
        for upper in b'A'..=b'Z' {
            let lower = columns.get(usize::from(upper.to_ascii_lowercase())).copied().unwrap_or_default();
            if let Some(column) = columns.get_mut(usize::from(upper)) {
                *column = lower;
            }
        }
        let width_bits = usize::from(used).next_power_of_two().trailing_zeros();
        let mut built = Self { columns, width_bits, next: Vec::new(), ends: Vec::new(), ended: Vec::new() };
        let own = built.insert(literals)?;
        built.follow(&own);
        Ok(built)
    }

    /// Every literal in `text`, overlapping ones too.
    pub(crate) fn hits<'a>(&'a self, text: &'a str) -> Hits<'a> {
        Hits { anchors: self, text: text.as_bytes(), state: 0, at: 0, here: &[] }
    }

    /// Makes the tree of all literals; returns which one ends in each state.
    fn insert(&mut self, literals: &[&str]) -> Result<Vec<Option<Literal>>, String> {
        let width = 1_usize << self.width_bits;
        let mut own = vec![None];
        self.next.resize(width, 0);
        for (index, literal) in literals.iter().enumerate() {
            let mut state = 0;
            for byte in literal.bytes() {
                let fresh = (own.len() * width) as u32;
                let place = self.place(state, byte);
                let Some(slot) = self.next.get_mut(place) else { break };
                if *slot == 0 {
                    *slot = fresh;
                    own.push(None);
                    self.next.resize(own.len() * width, 0);
                    state = fresh;
                } else {
                    state = *slot;
                }
            }
            if self.next.len() * size_of::<u32>() > 4 * CLASS_PATTERN_BYTES_MAX {
                return Err(format!("more than {CLASS_PATTERN_BYTES_MAX} bytes"));
            }
            if let Some(slot) = own.get_mut(state as usize >> self.width_bits) {
                *slot = Some(Literal { index: index as u32, len: literal.len() as u32 });
            }
        }
        Ok(own)
    }

    /// Fills what the tree has not: from each state, breadth first, the transitions of its longest proper suffix.
    fn follow(&mut self, own: &[Option<Literal>]) {
        let width = 1_usize << self.width_bits;
        self.ends = vec![(0, 0); own.len()];
        let mut suffixes = vec![0_u32; own.len()];
        let mut order = Vec::with_capacity(own.len());
        order.push(0_u32);
        let mut done = 0;
        while let Some(&state) = order.get(done) {
            done += 1;
            let suffix = suffixes.get(state as usize >> self.width_bits).copied().unwrap_or_default();
            self.end(state, suffix, own);
            for column in 0..width {
                // The suffix is shorter, so its row is whole already; the root's own holes lead to the root.
                let elsewhere =
                    if state == 0 { 0 } else { self.next.get(suffix as usize + column).copied().unwrap_or_default() };
                let Some(slot) = self.next.get_mut(state as usize + column) else { continue };
                if *slot == 0 {
                    *slot = elsewhere;
                } else {
                    order.push(*slot);
                    if let Some(known) = suffixes.get_mut(*slot as usize >> self.width_bits) {
                        *known = elsewhere;
                    }
                }
            }
        }
        for to in &mut self.next {
            if self.ends.get(*to as usize >> self.width_bits).is_some_and(|(from, to)| from < to) {
                *to |= ENDS;
            }
        }
    }

    /// Notes the literals that end in a state: its own, then those of its suffix.
    fn end(&mut self, state: u32, suffix: u32, own: &[Option<Literal>]) {
        let first = self.ended.len() as u32;
        self.ended.extend(own.get(state as usize >> self.width_bits).copied().flatten());
        if state > 0
            && let Some(&(from, to)) = self.ends.get(suffix as usize >> self.width_bits)
        {
            self.ended.extend_from_within(from as usize..to as usize);
        }
        if let Some(slot) = self.ends.get_mut(state as usize >> self.width_bits) {
            *slot = (first, self.ended.len() as u32);
        }
    }

    #[inline]
    fn place(&self, state: u32, byte: u8) -> usize {
        state as usize + usize::from(self.columns.get(usize::from(byte)).copied().unwrap_or_default())
    }
}

impl Iterator for Hits<'_> {
    type Item = Hit;

    #[inline]
    fn next(&mut self) -> Option<Hit> {
        while self.here.is_empty() {
            self.advance()?;
        }
        let (literal, rest) = self.here.split_first()?;
        self.here = rest;
        Some(Hit { literal: literal.index as usize, start: self.at.saturating_sub(literal.len as usize), end: self.at })
    }
}

impl Hits<'_> {
    /// Reads on to the next state in which a literal ends.
    #[inline]
    fn advance(&mut self) -> Option<()> {
        let mut state = self.state;
        for (i, &byte) in self.text.get(self.at..)?.iter().enumerate() {
            state = self.anchors.next.get(self.anchors.place(state, byte)).copied()?;
            if state & ENDS != 0 {
                self.at += i + 1;
                self.state = state & !ENDS;
                let &(from, to) = self.anchors.ends.get(self.state as usize >> self.anchors.width_bits)?;
                self.here = self.anchors.ended.get(from as usize..to as usize)?;
                return Some(());
            }
        }
        self.at = self.text.len();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(literals: &[&str], text: &str) -> Vec<Hit> {
        let lower = text.to_ascii_lowercase();
        let mut hits = Vec::new();
        for end in 1..=text.len() {
            let mut here: Vec<(usize, &&str)> = literals.iter().enumerate().collect();
            here.retain(|(_, literal)| lower.as_bytes()[..end].ends_with(literal.to_ascii_lowercase().as_bytes()));
            here.sort_by_key(|(_, literal)| std::cmp::Reverse(literal.len()));
            hits.extend(here.iter().map(|(at, literal)| Hit { literal: *at, start: end - literal.len(), end }));
        }
        hits
    }

    proptest! {
        #[test]
        fn all_literals_are_found_in_any_case(
            literals in prop::collection::btree_set("[abc@é]{1,4}", 1..9),
            text in "[abcABC@éx]{0,40}",
        ) {
            let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
            let anchors = Anchors::new(&literals).unwrap();
            prop_assert_eq!(anchors.hits(&text).collect::<Vec<_>>(), naive(&literals, &text));
        }
    }

    #[test]
    fn every_byte_may_occur() {
        let all: String = (1..=0x7f).map(char::from).filter(|c| !c.is_ascii_uppercase()).collect();
        let anchors = Anchors::new(&[&all, "z"]).unwrap();
        assert_eq!(anchors.hits(&format!("{all}{all}")).count(), 4);
        assert!(Anchors::new(&[]).unwrap().hits("text").next().is_none());
    }
}
