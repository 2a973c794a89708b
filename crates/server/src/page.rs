//! Lists in pages that stay right while the list changes.
//!
//! A cursor holds the order's key and the id of the last item shown, not a number of items: what is added or removed
//! before it moves nothing. It is opaque to clients and bound to the order it was made for.

use std::borrow::Cow;
use std::cmp::Ordering;

use schemars::JsonSchema;
use serde::Serialize;
use vedette_model::limits::{PAGE_ITEMS, PAGE_ITEMS_MAX};

pub use self::cursor::{CURSOR_BYTES_MAX, Cursor, Key};
use crate::problem::Problem;

mod cursor;

/// Some items of a list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Page<T> {
    /// The items, in the order asked for.
    pub items: Vec<T>,
    /// Gives the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Items that the filters let through, on all pages.
    pub total: u64,
}

/// Which way a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// How a list is ordered: a name for the cursor, a direction, and what gives key and id of an item.
pub struct Order<'o, T: ?Sized> {
    /// Name of the order, as in the parameter `sort`.
    pub name: &'static str,
    /// Which way.
    pub direction: Direction,
    /// What the item is ordered by.
    pub key: &'o dyn Fn(&T) -> Key<'_>,
    /// Unique among the items.
    pub id: &'o dyn Fn(&T) -> &str,
}

/// Says of a closure that its key may borrow from the item.
pub fn key_of<T: ?Sized, F: Fn(&T) -> Key<'_>>(key: F) -> F {
    key
}

/// Cuts one page out of the items that the filters let through. Takes time in proportion to their number, not more.
pub fn cut<'i, T: ?Sized>(
    items: impl Iterator<Item = &'i T>,
    order: &Order<'_, T>,
    cursor: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<&'i T>, Problem> {
    let after = match cursor {
        None => None,
        Some(text) => match Cursor::decode(text) {
            Some(cursor) if cursor.order == order.name => Some(cursor),
            Some(_) => return Err(Problem::invalid("cursor", "belongs to another order of the list")),
            None => return Err(Problem::invalid("cursor", "is not one that this server gave").hint("begin without it")),
        },
    };
    let limit = match limit.unwrap_or(PAGE_ITEMS) {
        0 => return Err(Problem::invalid("limit", "must be at least 1")),
        limit if limit > PAGE_ITEMS_MAX => {
            return Err(Problem::invalid("limit", format!("may be at most {PAGE_ITEMS_MAX}")));
        }
        limit => limit as usize,
    };
    let mut total = 0;
    let mut waiting: Vec<(Key<'i>, &'i T)> = Vec::new();
    for item in items {
        total += 1;
        let key = (order.key)(item);
        let follows = after.as_ref().is_none_or(|last| {
            place(order.direction, (&key, (order.id)(item)), (&last.key, &last.id)) == Ordering::Greater
        });
        if follows {
            waiting.push((key, item));
        }
    }
    let compare = |a: &(Key<'i>, &'i T), b: &(Key<'i>, &'i T)| {
        place(order.direction, (&a.0, (order.id)(a.1)), (&b.0, (order.id)(b.1)))
    };
    let more = waiting.len() > limit;
    if more {
        waiting.select_nth_unstable_by(limit, compare);
        waiting.truncate(limit);
    }
    waiting.sort_unstable_by(compare);
    let next_cursor = waiting.last().filter(|_| more).map(|(key, item)| {
        Cursor { order: Cow::Borrowed(order.name), key: key.clone(), id: Cow::Borrowed((order.id)(item)) }.encode()
    });
    Ok(Page { items: waiting.into_iter().map(|(_, item)| item).collect(), next_cursor, total })
}

/// Order of two items; equal keys go by id, always ascending.
fn place(direction: Direction, a: (&Key<'_>, &str), b: (&Key<'_>, &str)) -> Ordering {
    let keys = match direction {
        Direction::Ascending => a.0.cmp(b.0),
        Direction::Descending => b.0.cmp(a.0),
    };
    keys.then_with(|| a.1.cmp(b.1))
}

impl<T> Page<T> {
    /// The same page of other items.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), next_cursor: self.next_cursor, total: self.total }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Item = (i64, String);

    fn id_of(item: &Item) -> &str {
        &item.1
    }

    fn walk(items: &[Item], limit: u32, direction: Direction) -> Vec<Item> {
        let order = Order { name: "n", direction, key: &key_of(|item: &Item| Key::Number(item.0)), id: &id_of };
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let page = cut(items.iter(), &order, cursor.as_deref(), Some(limit)).unwrap();
            assert_eq!(page.total, items.len() as u64);
            seen.extend(page.items.into_iter().cloned());
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => return seen,
            }
        }
    }

    proptest! {
        #[test]
        fn pages_together_are_the_whole_list_in_order(
            keys in prop::collection::vec(-3_i64..3, 0..40),
            limit in 1_u32..7,
            descending: bool,
        ) {
            let items: Vec<Item> = keys.into_iter().enumerate().map(|(n, key)| (key, format!("{n:02}"))).collect();
            let direction = if descending { Direction::Descending } else { Direction::Ascending };
            let mut expected = items.clone();
            expected.sort_by(|a, b| place(direction, (&Key::Number(a.0), &a.1), (&Key::Number(b.0), &b.1)));
            prop_assert_eq!(walk(&items, limit, direction), expected);
        }

        #[test]
        fn cursors_come_back_as_they_were(order in "[a-z]{0,9}", number: i64, text: String, id: String, numeric: bool) {
            let key = if numeric { Key::Number(number) } else { Key::Text(Cow::Owned(text)) };
            let cursor = Cursor { order: Cow::Owned(order), key, id: Cow::Owned(id) };
            let encoded = cursor.encode();
            prop_assume!(encoded.len() <= CURSOR_BYTES_MAX);
            prop_assert_eq!(Cursor::decode(&encoded), Some(cursor));
        }

        #[test]
        fn any_text_is_a_cursor_or_refused(text: String) {
            let _ = Cursor::decode(&text);
        }
    }

    #[test]
    fn what_is_added_or_removed_moves_no_page() {
        let order = Order {
            name: "n",
            direction: Direction::Ascending,
            key: &key_of(|item: &Item| Key::Number(item.0)),
            id: &id_of,
        };
        let mut items: Vec<Item> = (0..6).map(|n| (n * 10, format!("{n}"))).collect();
        let first = cut(items.iter(), &order, None, Some(3)).unwrap();
        let cursor = first.next_cursor.unwrap();
        items.remove(2);
        items.insert(0, (5, "new".to_owned()));
        let second = cut(items.iter(), &order, Some(&cursor), Some(3)).unwrap();
        assert_eq!(second.items.iter().map(|item| item.0).collect::<Vec<_>>(), [30, 40, 50]);
    }

    #[test]
    fn wrong_cursors_and_limits_are_refused() {
        let order = Order {
            name: "n",
            direction: Direction::Ascending,
            key: &key_of(|item: &Item| Key::Number(item.0)),
            id: &id_of,
        };
        let other = Cursor { order: Cow::Borrowed("m"), key: Key::Number(1), id: Cow::Borrowed("") }.encode();
        let items: [Item; 0] = [];
        for (cursor, limit) in
            [(Some("%%%"), None), (Some(other.as_str()), None), (None, Some(0)), (None, Some(100_000))]
        {
            assert!(cut(items.iter(), &order, cursor, limit).is_err(), "{cursor:?} {limit:?}");
        }
    }
}
