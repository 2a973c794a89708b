use std::sync::LazyLock;

use proptest::prelude::*;
use vedette_model::{Exchange, Timestamp};
use vedette_parse::classes::Classifier;

use super::*;
use crate::checks::{Seen, View};

/// Compiled once: it takes longer than all cases together.
static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(Classifier::builtin);

/// What one exchange makes a check write down.
#[derive(Clone, Debug)]
struct Sight {
    exchange: u64,
    at: Option<i64>,
    check: u8,
    excerpt: u8,
    distinct: bool,
}

fn sights() -> impl Strategy<Value = Vec<Sight>> {
    let sight =
        (0..40_u64, prop::option::of(0..100_i64), 0..3_u8, 0..5_u8).prop_map(|(exchange, at, check, excerpt)| {
            // Whether evidence is distinct is a check's own choice, the same for all exchanges.
            Sight { exchange, at, check, excerpt, distinct: check == 1 }
        });
    prop::collection::vec(sight, 0..30)
}

fn observed(sights: &[Sight]) -> TallySet {
    let mut set = TallySet::default();
    for sight in sights {
        let exchange = Exchange { at: sight.at.map(Timestamp), ..Exchange::default() };
        let seen_at = (0, sight.exchange);
        let seen =
            Seen { exchange: &exchange, seen_at, credentials: &[], query: &[], classifier: &CLASSIFIER, inside: None };
        let view = View::of(&seen);
        let mut note = Note::new(&mut set, sight.check);
        note.chance();
        note.add(1, 2);
        let excerpt = || format!("excerpt {}", sight.excerpt);
        if sight.distinct {
            note.hit_distinct(&view, "here", excerpt);
        } else {
            note.hit(&view, "here", excerpt);
        }
    }
    set
}

fn merged(a: &TallySet, b: &TallySet) -> TallySet {
    let mut sum = a.clone();
    sum.merge(b);
    sum
}

proptest! {
    #[test]
    fn merging_equals_observing_everything_in_any_order(a in sights(), b in sights(), c in sights()) {
        let (x, y, z) = (observed(&a), observed(&b), observed(&c));
        prop_assert_eq!(merged(&x, &y), merged(&y, &x));
        prop_assert_eq!(merged(&merged(&x, &y), &z), merged(&x, &merged(&y, &z)));
        prop_assert_eq!(merged(&x, &y), observed(&[a, b].concat()));
    }
}

#[test]
fn an_empty_set_is_as_small_as_a_vector() {
    assert_eq!(std::mem::size_of::<TallySet>(), 24);
}
