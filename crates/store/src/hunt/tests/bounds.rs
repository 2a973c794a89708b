//! What a hunt may take.

use super::*;

/// Rows without end, made in the query engine.
const ENDLESS: &str = "with recursive n as (select 1 as i union all select i + 1 from n) select count(*) from n";

fn limited(sql: &str, rows: Option<usize>, time: Duration) -> Query {
    Query { limits: Limits { rows, time }, ..query(sql) }
}

fn numbers(n: usize) -> Tables {
    let rows: Vec<_> = (0..n).map(|i| json!({"status": i % 600, "path": format!("/{i}")})).collect();
    tables(&json!({"exchanges": rows}))
}

#[test]
fn rows_beyond_the_limit_are_left_out_and_told() {
    let ground = Ground::new();
    let ask = |rows| {
        ground.ask(numbers(100), limited("select path from exchanges", rows, Duration::from_secs(30))).unwrap().1
    };
    let (all, some, exact) = (ask(None), ask(Some(7)), ask(Some(100)));
    assert_eq!((all.rows, all.truncated), (100, false));
    assert_eq!((some.rows, some.truncated), (7, true));
    assert_eq!((exact.rows, exact.truncated), (100, false));
}

#[test]
fn a_hunt_without_end_is_ended() {
    let ground = Ground::new();
    let started = std::time::Instant::now();
    let error = ground.ask(Tables::new(), limited(ENDLESS, None, Duration::from_millis(200))).unwrap_err();
    assert!(matches!(error, HuntError::TimedOut { .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(ground.text(Tables::new(), "select 1 as x"), "x\n1\n", "its threads are free again");
}

#[test]
fn a_cross_join_without_end_is_ended() {
    let ground = Ground::new();
    let sql = "select count(*) from exchanges a, exchanges b, exchanges c where a.status + b.status + c.status = -1";
    let started = std::time::Instant::now();
    let error = ground.ask(numbers(3_000), limited(sql, None, Duration::from_millis(300))).unwrap_err();
    assert!(matches!(error, HuntError::TimedOut { .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn canceling_ends_a_hunt_of_the_same_tenant_only() {
    let ground = Ground::new();
    ground.runtime.block_on(async {
        let asked = ground.hunter.run(Tables::new(), limited(ENDLESS, None, Duration::from_mins(1)));
        let cancel = async {
            loop {
                tokio::task::yield_now().await;
                let Some(running) = ground.hunter.running("default").pop() else { continue };
                assert!(ground.hunter.running("other").is_empty());
                assert!(!ground.hunter.cancel("other", running.id));
                assert_eq!((running.asked_by.as_str(), running.sql.as_str()), ("test", ENDLESS));
                assert!(ground.hunter.cancel("default", running.id));
                return;
            }
        };
        let (answer, ()) = tokio::join!(asked, cancel);
        assert!(matches!(answer.unwrap_err(), HuntError::Canceled));
        assert!(ground.hunter.running("default").is_empty());
    });
}

#[test]
fn dropping_an_answer_ends_its_hunt_and_frees_its_turn() {
    let ground = Ground::with(|config| config.at_once = 1);
    let sql = "select a.path from exchanges a, exchanges b, exchanges c";
    ground.runtime.block_on(async {
        let mut hunt = ground.hunter.run(numbers(2_000), limited(sql, None, Duration::from_mins(1))).await.unwrap();
        assert!(hunt.next().await.unwrap().is_some());
        assert_eq!(ground.hunter.running("default").len(), 1);
        drop(hunt);
        assert!(ground.hunter.running("default").is_empty());
    });
    assert_eq!(ground.text(Tables::new(), "select 1 as x"), "x\n1\n");
}

#[test]
fn more_hunts_than_may_wait_are_refused() {
    let ground = Ground::with(|config| (config.at_once, config.waiting) = (1, 1));
    ground.runtime.block_on(async {
        let long = || ground.hunter.run(Tables::new(), limited(ENDLESS, None, Duration::from_millis(500)));
        let (first, second, third) = tokio::join!(long(), long(), long());
        let errors = [first, second, third].map(|answer| answer.unwrap_err());
        let [first, second, third] = errors;
        assert!(matches!(first, HuntError::TimedOut { .. }), "{first:?}");
        assert!(matches!(second, HuntError::TimedOut { .. }), "{second:?}");
        assert!(matches!(third, HuntError::Busy), "{third:?}");
    });
}

#[test]
fn memory_is_bounded_and_sorting_spills() {
    let ground = Ground::with(|config| {
        (config.at_once, config.memory_bytes, config.threads) = (1, 8 << 20, 1);
    });
    let big = "select array_agg(a.path || b.path) from exchanges a, exchanges b";
    let error = ground.ask(numbers(3_000), query(big)).unwrap_err();
    assert!(matches!(error, HuntError::TooLarge { what: "memory" }), "{error:?}");
    let sort = "select x from (select a.path || '/' || b.path as x from exchanges a, exchanges b) order by x desc";
    let limits = Limits { rows: Some(10_000_000), time: Duration::from_mins(1) };
    let (_, stats) = ground.ask(numbers(700), Query { limits, ..query(sort) }).unwrap();
    assert_eq!(stats.rows, 490_000);
    assert!(stats.spilled_bytes > 0 && stats.memory_peak_bytes <= 8 << 20, "{stats:?}");
}

#[test]
fn spilled_rows_are_bounded_too() {
    let ground = Ground::with(|config| {
        (config.at_once, config.memory_bytes, config.threads, config.spill_bytes) = (1, 8 << 20, 1, 1 << 20);
    });
    let sort = "select x from (select a.path || '/' || b.path as x from exchanges a, exchanges b) order by x desc";
    let limits = Limits { rows: None, ..Limits::default() };
    let error = ground.ask(numbers(700), Query { limits, ..query(sort) }).unwrap_err();
    assert!(matches!(error, HuntError::TooLarge { what: "room for spilled rows" }), "{error:?}");
}

#[test]
fn a_panic_ends_one_hunt_and_nothing_else() {
    let ground = Ground::new();
    let panics = Tables::new().with_rows("audit", Arc::new(|| Box::pin(async { panic!("by design") })));
    let error = ground.ask(panics, query("select * from audit")).unwrap_err();
    assert!(matches!(error, HuntError::Broken(_)), "{error:?}");
    assert_eq!(ground.text(Tables::new(), "select 1 as x"), "x\n1\n");
}

#[test]
fn rows_that_cannot_be_fetched_are_no_fault_of_the_author() {
    let ground = Ground::new();
    let failing = Tables::new()
        .with_rows("audit", Arc::new(|| Box::pin(async { Err("/var/lib/vedette/state.sqlite is gone".into()) })));
    let error = ground.ask(failing, query("select * from audit")).unwrap_err();
    assert!(matches!(error, HuntError::Storage(_)), "{error:?}");
    assert_eq!(error.to_string(), "stored rows could not be read", "paths are for the log");
}

#[cfg(target_os = "linux")]
#[test]
fn hunts_run_with_low_priority() {
    let ground = Ground::new();
    let runtime = ground.hunter.runtime.as_ref().unwrap();
    let here = rustix::process::nice(0).unwrap();
    let there = ground.runtime.block_on(runtime.spawn(async { rustix::process::nice(0).unwrap() })).unwrap();
    assert!(there > here || there == 19, "{there} against {here}");
}
