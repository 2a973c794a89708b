//! Hunts in a real lake: what is pruned, what is never told, what a damaged file does.

use std::collections::BTreeMap;
use std::time::Duration;

use tempfile::TempDir;
use vedette_store::arrow::util::pretty::pretty_format_batches;
use vedette_store::hunt::{Hunt, HuntConfig, HuntError, Hunter, Limits, Query, Tables};
use vedette_store::lake::Lake;

use crate::lake::rows::{DAY, Ground, at, batch};

/// A lake of three days with 600 rows in files and 100 that wait.
async fn lake(ground: &Ground) -> (Lake, Tables) {
    let lake = ground.open().await;
    for day in 0..3_i64 {
        let seq = day.unsigned_abs() + 1;
        lake.append(vec![batch(seq, 200, at(day * 24 + 1))], seq).await.unwrap();
    }
    let tables = Tables::new().with_exchanges(lake.provider(vec![batch(4, 100, at(73))]));
    (lake, tables)
}

fn hunter() -> (Hunter, TempDir) {
    let spill = tempfile::tempdir().unwrap();
    (Hunter::new(HuntConfig::new(spill.path().to_owned())).unwrap(), spill)
}

async fn ask(hunter: &Hunter, tables: &Tables, sql: &str) -> Result<Hunt, HuntError> {
    let query = Query {
        sql: sql.to_owned(),
        parameters: BTreeMap::new(),
        limits: Limits { rows: Some(1_000), time: Duration::from_secs(30) },
        tenant: "t1".to_owned(),
        asked_by: "test".to_owned(),
        now: at(74),
    };
    hunter.run(tables.clone(), query).await
}

async fn text(hunter: &Hunter, tables: &Tables, sql: &str) -> String {
    let (batches, _) = ask(hunter, tables, sql).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

#[tokio::test]
async fn stored_and_waiting_rows_are_asked_together() {
    let ground = Ground::disk();
    let ((_lake, tables), (hunter, _spill)) = (lake(&ground).await, hunter());
    let sql = "select received_on, count(*) as n, count(distinct actor) as actors from exchanges group by 1 order by 1";
    insta::assert_snapshot!(text(&hunter, &tables, sql).await, @"
    +-------------+-----+--------+
    | received_on | n   | actors |
    +-------------+-----+--------+
    | 2026-11-26  | 200 | 20     |
    | 2026-11-27  | 200 | 20     |
    | 2026-11-28  | 200 | 20     |
    | 2026-11-29  | 100 | 20     |
    +-------------+-----+--------+
    ");
}

#[tokio::test]
async fn days_that_cannot_match_are_not_read() {
    let ground = Ground::disk();
    let ((_lake, tables), (hunter, _spill)) = (lake(&ground).await, hunter());
    let all = ask(&hunter, &tables, "select count(path) from exchanges").await.unwrap().collect().await.unwrap().1;
    let since = format!("select count(path) from exchanges where at > '{}'", at(47));
    let some = ask(&hunter, &tables, &since).await.unwrap().collect().await.unwrap().1;
    assert!(some.scanned_bytes > 0 && some.scanned_bytes < all.scanned_bytes, "{some:?} {all:?}");
    assert!(some.scanned_rows >= 200 && some.scanned_rows <= 300 && all.scanned_rows >= 600, "{some:?} {all:?}");
}

#[tokio::test]
async fn no_answer_and_no_error_names_a_file() {
    let ground = Ground::disk();
    let ((_lake, tables), (hunter, _spill)) = (lake(&ground).await, hunter());
    let folder = ground.path().display().to_string();
    for sql in [
        "explain select status from exchanges where status > 400",
        "select * from information_schema.tables",
        "select * from information_schema.columns",
        "show tables",
        "describe exchanges",
    ] {
        let told = text(&hunter, &tables, sql).await;
        assert!(!told.contains(&folder) && !told.contains(".parquet"), "{sql}: {told}");
    }
    let victim = ground.data_files().pop().unwrap();
    std::fs::remove_file(ground.path().join(victim)).unwrap();
    let error = match ask(&hunter, &tables, "select count(path) from exchanges").await {
        Ok(hunt) => hunt.collect().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, HuntError::Storage(_)), "{error:?}");
    assert_eq!(error.to_string(), "stored rows could not be read");
    let rest = format!("select count(path) as n from exchanges where at < '{DAY}'");
    assert!(text(&hunter, &tables, &rest).await.contains("| 0 "), "other files are still read");
}
