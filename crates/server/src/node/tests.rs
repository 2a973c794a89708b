//! A node against crashes that a test can arrange; the binary's own test kills for real.

use std::path::Path;

use tokio::runtime::Runtime;
use vedette_store::lake::LakeConfig;

use super::*;

/// A node on a folder that flushes and snapshots only when it is told.
fn setup(folder: &Path, runtime: &Runtime) -> Setup {
    let place = folder.join("lake").display().to_string();
    let lake = runtime.block_on(Lake::open(LakeConfig::new(place))).unwrap();
    let never = Duration::from_hours(1);
    Setup {
        folder: folder.to_owned(),
        key: DataKey::of_folder(folder, None).unwrap(),
        classifier: Arc::new(Classifier::builtin()),
        identity: None,
        contract: None,
        labels: Vec::new(),
        lake: Arc::new(lake),
        timing: Timing { conclude_every: never, flush_every: never, flush_rows: 1_000_000, snapshot_every: never },
        journal: journal::Options::default(),
        revision: String::new(),
    }
}

/// Opens a node on a folder. `busy`: it flushes and snapshots all the time.
fn open(folder: &Path, runtime: &Runtime, busy: bool) -> Arc<Node> {
    let mut setup = setup(folder, runtime);
    if busy {
        let always = Duration::ZERO;
        setup.timing = Timing { conclude_every: always, flush_every: always, snapshot_every: always, ..setup.timing };
    }
    Node::open(setup, runtime.handle()).unwrap()
}

fn lines(numbers: std::ops::Range<u32>) -> String {
    let line = |id: u32| {
        format!(
            r#"{{"startedDateTime":"2026-11-20T10:00:{:02}Z","_id":"e{id}","request":{{"method":"GET","url":"https://shop.example/v1/orders/{id}","headers":[]}},"response":{{"status":200,"headers":[],"content":{{}}}}}}"#,
            id % 60
        ) + "\n"
    };
    numbers.map(line).collect()
}

fn batch(text: String) -> Batch {
    Batch {
        source: "push".to_owned(),
        format: "har-ndjson".to_owned(),
        position: None,
        event_id: None,
        received_at: Timestamp::from_secs(1_795_000_000),
        records: text.into_bytes(),
    }
}

/// As a crash: nothing is closed, and the threads see no more asks.
fn forget(node: Arc<Node>) {
    std::mem::forget(node);
}

#[test]
fn lines_are_told_one_by_one_and_a_repeat_is_not_counted() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let node = open(folder.path(), &runtime, false);
    let text = lines(0..2) + "{ no json\n" + &lines(1..3);
    let receipt = runtime.block_on(node.submit(batch(text))).unwrap();
    assert_eq!((receipt.accepted, receipt.repeated, receipt.refused), (3, 1, 1));
    assert_eq!(receipt.refusals[0].record, 2);
    node.conclude();
    let view = node.view();
    assert_eq!(view.results.stats.exchanges, 3);
    let source = &node.sources()[0];
    assert_eq!((source.accepted, source.repeated, source.refused), (3, 1, 1));
    node.close();
}

#[test]
fn a_batch_with_a_name_is_learned_once_and_a_closed_node_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let named = |name: &str| Batch {
        event_id: Some(name.to_owned()),
        ..batch(lines(0..3).replace(r#""_id":"e"#, r#""x":"e"#))
    };
    let node = open(folder.path(), &runtime, false);
    let receipts = ["a", "b", "a"].map(|name| runtime.block_on(node.submit(named(name))).unwrap());
    assert_eq!(receipts.map(|receipt| (receipt.accepted, receipt.repeated)), [(3, 0), (3, 0), (0, 3)]);
    node.close();
    assert!(matches!(runtime.block_on(node.submit(named("c"))), Err(Refused::Closing)));
    // Whoever still looks at the old one does not keep the next from opening.
    let next = open(folder.path(), &runtime, false);
    let receipt = runtime.block_on(next.submit(named("b"))).unwrap();
    assert_eq!((receipt.accepted, receipt.repeated), (0, 3));
    assert_eq!(next.view().results.stats.exchanges, 6);
    assert_eq!(node.view().results.stats.exchanges, 6);
    next.close();
}

#[test]
fn a_restart_knows_what_was_known_from_snapshot_or_journal() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    for (closes, busy) in [(false, false), (true, false), (false, true), (true, true)] {
        let place = folder.path().join(format!("{closes}-{busy}"));
        std::fs::create_dir_all(&place).unwrap();
        let node = open(&place, &runtime, busy);
        for at in 0..20 {
            runtime.block_on(node.submit(batch(lines(at * 10..at * 10 + 10)))).unwrap();
        }
        node.conclude();
        let before = serde_json::to_value(&node.view().results).unwrap();
        if closes {
            node.close();
        }
        forget(node);
        let node = open(&place, &runtime, busy);
        assert_eq!(serde_json::to_value(&node.view().results).unwrap(), before, "closed {closes}, busy {busy}");
        assert_eq!(
            node.lake().rows() + runtime.block_on(node.tail()).iter().map(|rows| rows.num_rows() as u64).sum::<u64>(),
            200
        );
        let again = runtime.block_on(node.submit(batch(lines(190..210)))).unwrap();
        assert_eq!((again.accepted, again.repeated), (10, 10));
        node.close();
    }
}

#[test]
fn a_damaged_snapshot_is_told_and_the_older_one_and_the_journal_give_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    for round in 0..3 {
        let node = open(folder.path(), &runtime, false);
        runtime.block_on(node.submit(batch(lines(round * 10..round * 10 + 10)))).unwrap();
        node.close();
    }
    let snapshots = || {
        let files = std::fs::read_dir(folder.path().join("learned")).unwrap().flatten().map(|entry| entry.path());
        let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "vs")).collect();
        files.sort();
        files
    };
    let files = snapshots();
    assert_eq!(files.len(), 2, "two generations");
    std::fs::write(&files[1], b"garbage").unwrap();
    let node = open(folder.path(), &runtime, false);
    assert_eq!(node.view().results.stats.exchanges, 30);
    assert_eq!(node.health().recovery.len(), 1);
    assert!(node.health().recovery[0].contains("damaged"), "{:?}", node.health().recovery);
    node.close();
}

#[test]
fn a_time_in_the_future_is_taken_as_of_arrival_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let node = open(folder.path(), &runtime, false);
    let ahead = lines(0..1).replace("2026-11-20", "2036-11-20");
    runtime.block_on(node.submit(batch(ahead))).unwrap();
    node.conclude();
    let view = node.view();
    assert_eq!(view.results.endpoints[0].last_seen, Some(Timestamp::from_secs(1_795_000_000)));
    assert!(view.results.sources[0].problems[0].contains("future"));
    node.close();
}

#[test]
fn a_full_journal_refuses_and_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let mut setup = setup(folder.path(), &runtime);
    setup.journal.bytes_max = 1;
    let node = Node::open(setup, runtime.handle()).unwrap();
    runtime.block_on(node.submit(batch(lines(0..1)))).unwrap();
    let refused = runtime.block_on(node.submit(batch(lines(1..2)))).unwrap_err();
    assert!(matches!(refused, Refused::Busy));
    node.conclude();
    assert_eq!(node.view().results.stats.exchanges, 1);
    node.close();
}

#[test]
fn a_long_journal_goes_to_the_lake_while_it_is_learned_again() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let node = open(folder.path(), &runtime, false);
    for at in 0..10 {
        runtime.block_on(node.submit(batch(lines(at * 10..at * 10 + 10)))).unwrap();
    }
    forget(node);
    let mut setup = setup(folder.path(), &runtime);
    setup.timing.flush_rows = 25;
    let node = Node::open(setup, runtime.handle()).unwrap();
    assert_eq!(node.lake().rows(), 90, "thirty at a time");
    let waiting = runtime.block_on(node.tail());
    assert_eq!(waiting.iter().map(RecordBatch::num_rows).sum::<usize>(), 10);
    node.close();
    assert_eq!(node.lake().rows(), 100);
}
