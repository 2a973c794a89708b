//! Sources to learners: one thread reads, decompresses and splits, N workers decode and learn.
//!
//! Batches are dealt to the workers in turn through bounded queues, never taken by who is free: which worker sees
//! which record, and so the merged result, depends on the input and on N alone. A slow worker holds the reader up.

use std::panic;
use std::sync::Once;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use vedette_ingest::{Batch, Reader, Records, Sources, Tally};
use vedette_model::limits::BATCHES_WAITING_MAX;
use vedette_model::{Exchange, results};

use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// How often a waiting thread looks up: to draw the bar, to see an interrupt.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// Name of the worker threads; panics in them are caught per record.
const WORKER: &str = "vedette-worker";

/// Reads all sources and learns from every exchange; returns what was learned and the sources as they were met.
///
/// `observe` gets an exchange with its source (index into the returned list) and record number. `merge` is called in
/// the order of the workers. When interrupted, what was read so far is learned and returned at once, even while the
/// source blocks. A panic while one record is read or observed costs that record.
pub(crate) fn run<L: Send>(
    sources: Sources,
    threads: usize,
    new_learner: impl Fn() -> L + Sync,
    observe: impl Fn(&mut L, &Exchange<'_>, (u32, u64)) + Sync,
    merge: impl Fn(&mut L, L),
    progress: &Progress,
    interrupt: &Interrupt,
) -> (L, Vec<results::Source>) {
    quiet_workers();
    let threads = threads.max(1);
    let ledger = sources.ledger();
    let (used, unused) = bounded(threads * (BATCHES_WAITING_MAX + 2));
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..threads).map(|_| bounded(BATCHES_WAITING_MAX)).unzip();
    // Not scoped: a read that blocks must not hold up the result of an interrupted run.
    let stop = interrupt.clone();
    let reader = thread::spawn(move || deal(sources, &senders, &unused, &stop));

    let mut failed = 0;
    let mut learned = Vec::with_capacity(threads);
    thread::scope(|scope| {
        let (working, done) = bounded::<()>(0);
        let mut workers = Vec::with_capacity(threads);
        for batches in receivers {
            let (used, working, new_learner, observe) = (used.clone(), working.clone(), &new_learner, &observe);
            let work = move || {
                let _working = working;
                work(new_learner(), observe, &batches, &used, progress, interrupt)
            };
            match thread::Builder::new().name(WORKER.to_owned()).spawn_scoped(scope, work) {
                Ok(worker) => workers.push(worker),
                Err(_) => failed += 1,
            }
        }
        drop(working);
        while done.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            progress.draw();
        }
        for worker in workers {
            match worker.join() {
                Ok(result) => learned.push(result),
                Err(_) => failed += 1,
            }
        }
    });
    if !interrupt.is_set() && reader.join().is_err() {
        failed += 1;
    }
    progress.finish();

    let (sum, tallies) = merged(learned, merge);
    let mut sources = ledger.sources();
    for (source, tally) in sources.iter_mut().zip(&tallies) {
        tally.describe(source);
    }
    if let (true, Some(source)) = (failed > 0, sources.first_mut()) {
        source.problems.push("a defect of Vedette ended a thread, exchanges are missing; please report it".to_owned());
    }
    (sum.unwrap_or_else(new_learner), sources)
}

/// What all workers learned and met, in their order.
fn merged<L>(learned: Vec<(L, Vec<Tally>)>, merge: impl Fn(&mut L, L)) -> (Option<L>, Vec<Tally>) {
    let mut sum = None;
    let mut tallies: Vec<Tally> = Vec::new();
    for (learner, met) in learned {
        match sum.as_mut() {
            Some(sum) => merge(sum, learner),
            None => sum = Some(learner),
        }
        tallies.resize_with(tallies.len().max(met.len()), Tally::default);
        for (tally, met) in tallies.iter_mut().zip(&met) {
            tally.merge(met);
        }
    }
    (sum, tallies)
}

/// Reads and deals batches until the sources end, the workers are gone, or the user wants to stop.
fn deal(mut sources: Sources, workers: &[Sender<Batch>], unused: &Receiver<Records>, interrupt: &Interrupt) {
    for worker in workers.iter().cycle() {
        if interrupt.is_set() {
            return;
        }
        let Some(batch) = sources.next(unused.try_recv().unwrap_or_default()) else { return };
        if worker.send(batch).is_err() {
            return;
        }
    }
}

/// One worker: learns from its batches until they end, or until an interrupted reader sends no more.
fn work<L>(
    mut learner: L,
    observe: impl Fn(&mut L, &Exchange<'_>, (u32, u64)),
    batches: &Receiver<Batch>,
    used: &Sender<Records>,
    progress: &Progress,
    interrupt: &Interrupt,
) -> (L, Vec<Tally>) {
    let mut reader = Reader::default();
    loop {
        match batches.recv_timeout(TICK) {
            Ok(batch) => {
                reader.read(&batch, |exchange, seen_at| observe(&mut learner, exchange, seen_at));
                progress.advance(batch.count(), batch.bytes() as u64);
                let _ = used.try_send(batch.recycle());
            }
            Err(RecvTimeoutError::Timeout) if !interrupt.is_set() => {}
            Err(_) => return (learner, reader.finish()),
        }
    }
}

/// Keeps caught panics of workers off the terminal: their message may quote traffic. They are counted and sampled,
/// masked, in the source. Panics elsewhere are printed as ever.
fn quiet_workers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(WORKER) {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests;
