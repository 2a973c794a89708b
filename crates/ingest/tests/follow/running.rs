//! A follower on its thread: told of receipts, held up by a node that is slow, stopped.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use vedette_ingest::{Delivery, FollowOptions, Follower, HealthBoard, LiveSource, Receipt, Watched, run};
use vedette_model::results::UnreadableSample;

use super::{Play, lines};
use crate::read::Folder;

#[test]
fn a_slow_node_holds_reading_up_and_a_stop_is_heard() {
    let folder = Folder::new();
    folder.write("access.log", lines(0..30_000));
    let watched = Watched { path: folder.0.clone(), decoder: None };
    let mut follower = Follower::new(vec![watched], FollowOptions::default(), HashMap::new());
    let board = follower.health();
    let (outlet, deliveries) = crossbeam_channel::bounded(1);
    let (receipts, answers) = crossbeam_channel::bounded::<Receipt>(8);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let running = scope.spawn(|| run(&mut follower, &outlet, &answers, &stop));
        let first = deliveries.recv().unwrap();
        let sample = UnreadableSample { record: 0, reason: "no".to_owned(), excerpt: String::new() };
        let receipt = Receipt {
            number: first.number,
            source: first.source,
            accepted: 7,
            refused: 1,
            samples: vec![sample],
            ..Receipt::default()
        };
        receipts.send(receipt).unwrap();
        // One waits in the queue, one in the hand of the source: it cannot be further.
        let second = deliveries.recv().unwrap();
        assert_eq!((first.number, second.number), (0, 1));
        let health = board.all().pop_first().unwrap().1;
        assert!(health.in_flight <= 4 && health.received < 30_000, "{health:?}");
        stop.store(true, Ordering::Relaxed);
        running.join().unwrap();
    });
    let health = board.all().pop_first().unwrap().1;
    assert_eq!((health.accepted, health.refused, health.samples.len()), (7, 1, 1));
    assert!(health.received_bytes < lines(0..30_000).len() as u64);
}

#[test]
fn health_tells_what_waits_and_for_how_long() {
    let mut play = Play::folder();
    play.write("access.log", lines(0..10_000));
    play.poll();
    assert_eq!(play.health().waiting_bytes, lines(0..10_000).len() as u64);
    play.take();
    for _ in 0..5 {
        play.poll();
    }
    let health = play.health();
    assert!(health.waiting_bytes > 0 && health.waiting_bytes < lines(0..10_000).len() as u64);
    assert_eq!(health.behind, Duration::from_secs(5));
    while play.take() {}
    play.poll();
    let health = play.health();
    assert_eq!((health.waiting_bytes, health.behind), (0, Duration::ZERO));
    assert_eq!((health.format.as_str(), health.received), ("combined", 10_000));
    assert!(health.last_at.is_some());
}

/// What a network source is to the same loop: it is pushed, and takes no more than it can hand on.
struct Pushed {
    inlet: crossbeam_channel::Receiver<Delivery>,
    settled: Vec<u64>,
}

impl LiveSource for Pushed {
    fn next(&mut self, wait: Duration) -> Option<Delivery> {
        self.inlet.recv_timeout(wait).ok()
    }

    fn settled(&mut self, receipt: &Receipt) {
        self.settled.push(receipt.number);
    }

    fn health(&self) -> HealthBoard {
        HealthBoard::default()
    }
}

#[test]
fn a_source_that_is_pushed_fits_the_same_loop() {
    let folder = Folder::new();
    folder.write("access.log", lines(0..2));
    let watched = Watched { path: folder.0.clone(), decoder: None };
    let mut follower = Follower::new(vec![watched], FollowOptions::default(), HashMap::new());
    follower.poll(Duration::ZERO);
    let (push, inlet) = crossbeam_channel::bounded(1);
    let (outlet, deliveries) = crossbeam_channel::bounded(1);
    let (receipts, answers) = crossbeam_channel::bounded(1);
    let stop = AtomicBool::new(false);
    let mut source = Pushed { inlet, settled: Vec::new() };
    thread::scope(|scope| {
        let running = scope.spawn(|| run(&mut source, &outlet, &answers, &stop));
        push.send(follower.take(Duration::ZERO).unwrap()).unwrap();
        let delivery = deliveries.recv().unwrap();
        receipts.send(Receipt { number: delivery.number, ..Receipt::default() }).unwrap();
        while !receipts.is_empty() {
            thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
        running.join().unwrap();
    });
    assert_eq!(source.settled, [0]);
}
