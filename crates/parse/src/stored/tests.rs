use std::collections::BTreeMap;
use std::net::IpAddr;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use proptest::prelude::*;
use smallvec::SmallVec;
use vedette_model::Timestamp;

use super::*;
use crate::{stored, stored_codes};

#[derive(Clone, Debug, PartialEq)]
struct Boat {
    name: Box<str>,
    kind: Rig,
    trips: u64,
    tag: u64,
    depth: Option<u64>,
    /// Not stored.
    asked: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Rig {
    Sloop,
    Ketch,
}

stored_codes!(Rig { Sloop = 0, Ketch = 7 });
stored!(Boat { name, kind, trips, tag as Bits, depth as Option<Wide>; asked = 3 } => Boat::named);

impl Boat {
    fn named(self) -> Result<Self, Damaged> {
        if self.name.is_empty() { Err(Damaged::Impossible("name")) } else { Ok(self) }
    }
}

fn bytes<T: Stored>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    value.store(&mut out);
    out
}

fn read<T: Stored>(bytes: &[u8]) -> Result<T, Damaged> {
    let mut from = Reader::new(bytes);
    let value = T::load(&mut from)?;
    from.end().map(|()| value)
}

fn boat() -> Boat {
    Boat { name: "Ines".into(), kind: Rig::Ketch, trips: 300, tag: u64::MAX, depth: Some(u64::MAX), asked: 9 }
}

#[test]
fn a_struct_comes_back_with_what_is_not_stored_made_anew() {
    assert_eq!(read::<Boat>(&bytes(&boat())), Ok(Boat { asked: 3, ..boat() }));
    assert_eq!(bytes(&boat())[5], 7, "the code that was given");
    assert_eq!(read::<Boat>(&bytes(&Boat { name: "".into(), ..boat() })), Err(Damaged::Impossible("name")));
}

#[test]
fn bytes_that_are_cut_or_left_or_impossible_are_errors() {
    let whole = bytes(&boat());
    for len in 0..whole.len() {
        assert!(read::<Boat>(&whole[..len]).is_err(), "{len}");
    }
    assert_eq!(read::<Boat>(&[&whole[..], b"x"].concat()), Err(Damaged::Left));
    assert_eq!(read::<bool>(&[2]), Err(Damaged::Impossible("truth")));
    assert_eq!(read::<Rig>(&[1]), Err(Damaged::Impossible("code")));
    assert_eq!(read::<Box<str>>(&[2, 0xc3, 0x28]), Err(Damaged::Impossible("text")));
    assert_eq!(read::<u16>(&bytes(&70_000_u32)), Err(Damaged::Impossible("number")));
    assert_eq!(Reader::new(&[0xff; 11]).varint(), Err(Damaged::Impossible("number")));
    assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).varint(), Ok(u64::MAX));
}

#[test]
fn a_length_that_the_input_cannot_hold_reserves_nothing() {
    let mut claimed = Vec::new();
    varint(u64::from(u32::MAX), &mut claimed);
    claimed.extend_from_slice(&[0; 64]);
    assert_eq!(read::<Vec<u64>>(&claimed), Err(Damaged::Cut));
    assert_eq!(read::<String>(&claimed), Err(Damaged::Cut));
    let reader = Reader::new(&[0; 64]);
    assert!(reader.room::<[u8; 512]>(60) <= 1);
}

#[test]
fn nesting_is_bounded() {
    fn deeper(from: &mut Reader<'_>) -> Result<usize, Damaged> {
        match from.byte()? {
            0 => Ok(0),
            _ => from.nested(deeper).map(|below| below + 1),
        }
    }
    assert_eq!(deeper(&mut Reader::new(&[&[1; DEPTH_MAX][..], &[0]].concat())), Ok(DEPTH_MAX));
    assert_eq!(deeper(&mut Reader::new(&[1; 4_000])), Err(Damaged::TooDeep));
}

#[test]
fn counts_are_cut_so_that_sums_fit_and_other_numbers_are_not() {
    assert_eq!(read::<u64>(&bytes(&u64::MAX)), Ok(COUNT_MAX));
    let mut wide = Vec::new();
    Wide::store(&u64::MAX, &mut wide);
    assert_eq!(Wide::load(&mut Reader::new(&wide)), Ok(u64::MAX));
}

#[test]
fn numbers_of_a_table_follow_its_names() {
    let mut out = Vec::new();
    table(["email", "gone", "phone"].into_iter(), &mut out);
    let mut from = Reader::new(&out);
    let now = |name: &str| ["phone", "new", "email"].iter().position(|known| *known == name).map(|at| at as u16);
    from.table(CLASSES, now).unwrap();
    let numbers: Vec<_> = (0..4).map(|number| from.renumber(CLASSES, number)).collect();
    assert_eq!(numbers, [Ok(Some(2)), Ok(None), Ok(Some(0)), Err(Damaged::Impossible("number of a table"))]);
}

/// Holds one of everything.
type All = (
    (Vec<(u16, u32)>, BTreeMap<String, u64>, HashMap<u64, bool, FixedState>),
    (Option<IpAddr>, SmallVec<[Timestamp; 2]>, Box<[f64]>),
    (u128, usize, [u8; 3]),
);

proptest! {
    #[test]
    fn everything_comes_back_and_equal_maps_have_equal_bytes(
        list in proptest::collection::vec((any::<u16>(), any::<u32>()), 0..9),
        map in proptest::collection::btree_map("[a-z]{0,4}", 0..COUNT_MAX, 0..9),
        keys in proptest::collection::vec(0..COUNT_MAX, 0..99),
        ip in proptest::option::of(any::<IpAddr>()),
        times in proptest::collection::vec(any::<i64>(), 0..5),
        sum in 0..(1_u128 << 100),
    ) {
        let table: HashMap<u64, bool, FixedState> = keys.iter().map(|key| (*key, key % 2 == 0)).collect();
        let times: SmallVec<[Timestamp; 2]> = times.into_iter().map(Timestamp).collect();
        let floats: Box<[f64]> = Box::new([f64::INFINITY, -0.0, 1.5]);
        let all: All = ((list, map, table.clone()), (ip, times, floats), (sum, 7, [1, 2, 3]));
        prop_assert_eq!(read::<All>(&bytes(&all)), Ok(all));
        let mut roomy: HashMap<u64, bool, FixedState> = HashMap::with_capacity_and_hasher(4_096, FixedState::default());
        keys.iter().rev().for_each(|key| _ = roomy.insert(*key, key % 2 == 0));
        prop_assert_eq!(bytes(&roomy), bytes(&table));
    }

    #[test]
    fn any_bytes_are_read_without_panic(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read::<All>(&data);
        let _ = read::<Boat>(&data);
    }
}
