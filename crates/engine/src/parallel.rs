//! The same work for many things, on all cores. Only how long it takes depends on their number, never what comes out.

use std::{panic, thread};

/// Items of one thread at the least: a thread costs as much as describing a few endpoints.
const ITEMS_MIN: usize = 32;

/// Threads at the most; what is left to share out takes milliseconds.
const THREADS_MAX: usize = 8;

/// Applies `work` to each item; results stand in the order of the items. A panic goes on in the caller.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, items_min: usize, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let threads = cores.min(items.len() / items_min.max(1));
    if threads < 2 {
        return items.into_iter().map(work).collect();
    }
    let share = items.len().div_ceil(threads);
    let mut rest = items;
    let mut shares = Vec::with_capacity(threads);
    while rest.len() > share {
        let behind = rest.split_off(share);
        shares.push(std::mem::replace(&mut rest, behind));
    }
    thread::scope(|scope| {
        let work = &work;
        let run = |share: Vec<T>| scope.spawn(move || share.into_iter().map(work).collect::<Vec<R>>());
        let running: Vec<_> = shares.into_iter().map(run).collect();
        // The last share is this thread's own.
        let own: Vec<R> = rest.into_iter().map(work).collect();
        let mut out = Vec::new();
        for done in running {
            out.extend(done.join().unwrap_or_else(|payload| panic::resume_unwind(payload)));
        }
        out.extend(own);
        out
    })
}

/// As [`map`], for things that are described quickly.
pub(crate) fn map_many<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    map(items, ITEMS_MIN, work)
}

/// Does both, side by side.
pub(crate) fn both(one: impl FnOnce() + Send, other: impl FnOnce()) {
    thread::scope(|scope| {
        let running = scope.spawn(one);
        other();
        if let Err(payload) = running.join() {
            panic::resume_unwind(payload);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_whatever_the_number_of_items() {
        for count in [0, 1, 63, 64, 65, 1_000] {
            let expected: Vec<usize> = (0..count).map(|n| n * 2).collect();
            assert_eq!(map_many((0..count).collect(), |n: usize| n * 2), expected);
        }
    }

    #[test]
    fn both_are_done() {
        let (mut one, mut other) = (0, 0);
        both(|| one += 1, || other += 2);
        assert_eq!((one, other), (1, 2));
    }
}
