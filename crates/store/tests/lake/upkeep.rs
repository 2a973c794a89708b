//! The lake stays small, and its rows stay the same.

use std::time::Duration;

use vedette_model::Timestamp;

use super::rows::{DAY, DIGEST, Ground, at, batch, filled, number, sql};

#[tokio::test(flavor = "multi_thread")]
async fn merging_keeps_every_row() {
    for ground in Ground::all() {
        let lake = filled(&ground, 20, 100).await;
        let before = sql(&lake, vec![], DIGEST).await;
        assert_eq!(lake.size().0, 20);
        let done = lake.maintain(at(1)).await.unwrap();
        assert_eq!((done.merged_files, done.merged_into), (20, 1));
        assert_eq!(lake.size().0, 1);
        assert_eq!(sql(&lake, vec![], DIGEST).await, before);
        let lake = ground.open().await;
        assert_eq!(sql(&lake, vec![], DIGEST).await, before);
        assert_eq!(lake.committed_seq(), 20);
        assert_eq!(lake.maintain(at(1)).await.unwrap().merged_files, 0, "what is merged is not merged again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_group_holds_a_span_of_time_in_order_of_endpoints() {
    let ground = Ground::disk();
    let lake = filled(&ground, 10, 200).await;
    lake.maintain(at(1)).await.unwrap();
    let order = "select service, endpoint, at from exchanges";
    let sorted = "select service, endpoint, at from exchanges order by service, endpoint nulls first, at";
    assert_eq!(sql(&lake, vec![], order).await, sql(&lake, vec![], sorted).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_past_the_retention_go_and_no_other() {
    for mut ground in Ground::all() {
        ground.config.retention = Duration::from_hours(3 * 24);
        let lake = ground.open().await;
        for day in 0..6 {
            lake.append(vec![batch(day + 1, 10, at(24 * day.cast_signed() + 5))], day + 1).await.unwrap();
        }
        let done = lake.maintain(at(24 * 5 + 6)).await.unwrap();
        assert_eq!((done.expired_files, done.expired_rows), (2, 20));
        assert_eq!(number(&lake, vec![], "select min(seq) from exchanges").await, 3);
        assert_eq!(number(&lake, vec![], "select count(*) from exchanges").await, 40);
        assert_eq!(lake.committed_seq(), 6);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_when_every_reader_is_done_and_not_before() {
    let ground = Ground::disk();
    let lake = filled(&ground, 8, 10).await;
    // The files are as old as this machine's clock says, so this test's now has to be as well.
    let clock = std::fs::metadata(ground.path()).unwrap().modified().unwrap();
    let clock = clock.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().cast_signed();
    let now = |hours: i64| Timestamp::from_secs(clock.max(DAY.secs()) + hours * 3_600);
    let done = lake.maintain(now(0)).await.unwrap();
    assert_eq!((done.merged_files, done.removed_files), (8, 0), "a query may still read them");
    assert_eq!(ground.data_files().len(), 9);
    // A write that never became a version.
    let leftover = ground.path().join("received_on=2026-11-26/part-leftover.parquet");
    std::fs::write(&leftover, b"PAR1").unwrap();
    assert_eq!(lake.maintain(now(0)).await.unwrap().removed_files, 0);
    let before = sql(&lake, vec![], DIGEST).await;
    let done = lake.maintain(now(3)).await.unwrap();
    assert_eq!(done.removed_files, 9);
    assert_eq!(ground.data_files().len(), 1);
    assert_eq!(sql(&lake, vec![], DIGEST).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_checkpointed_and_the_table_the_same() {
    for ground in Ground::all() {
        let lake = filled(&ground, 70, 3).await;
        let before = sql(&lake, vec![], DIGEST).await;
        assert!(lake.maintain(at(2)).await.unwrap().checkpoint);
        assert!(!lake.maintain(at(2)).await.unwrap().checkpoint);
        lake.append(vec![batch(71, 3, at(3))], 71).await.unwrap();
        let lake = ground.open().await;
        assert_eq!(lake.committed_seq(), 71);
        assert_ne!(sql(&lake, vec![], DIGEST).await, before);
        assert_eq!(number(&lake, vec![], "select count(distinct seq * 1000 + record) from exchanges").await, 71 * 3);
        if ground.is_disk() {
            assert!(ground.files().iter().any(|file| file.ends_with("checkpoint.parquet")), "{:?}", ground.files());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_log_files_go_after_a_checkpoint() {
    let ground = Ground::disk();
    let lake = filled(&ground, 70, 1).await;
    lake.maintain(at(24 * 365 * 100)).await.unwrap();
    let commits = ground.files().iter().filter(|file| file.ends_with(".json")).count();
    assert!(commits <= 2, "{:?}", ground.files());
}

/// Which files a query opens shows in its plan.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_a_time_opens_only_the_files_of_that_time() {
    let ground = Ground::disk();
    let lake = ground.open().await;
    for hour in 0..6 {
        lake.append(vec![batch(hour + 1, 50, at(hour.cast_signed()))], hour + 1).await.unwrap();
    }
    let opened = async |filter: &str| {
        let plan = sql(&lake, vec![], &format!("explain select count(actor) from exchanges where {filter}")).await;
        plan.matches(".parquet").count()
    };
    assert_eq!(opened("status = 200").await, 6);
    assert_eq!(opened("at >= '2026-11-26T02:30:00Z' and at < '2026-11-26T04:30:00Z'").await, 2);
    assert_eq!(opened("received_on = '2026-11-25'").await, 0);
    assert_eq!(opened("service = 'warehouse'").await, 0);
    assert_eq!(opened("seq = 3").await, 1);
}

/// What a reader skipped shows in the analyzed plan.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_an_actor_reads_only_row_groups_that_may_hold_it() {
    let ground = Ground::disk();
    let lake = filled(&ground, 6, 50).await;
    let matched = async |filter: &str| {
        let question = format!("explain analyze select count(endpoint) from exchanges where {filter}");
        let plan = sql(&lake, vec![], &question).await;
        let (_, rest) = plan.split_once("row_groups_pruned_bloom_filter=").unwrap();
        rest.split([',', ']']).next().unwrap().to_owned()
    };
    // Between two actors that are there, so that bounds do not tell.
    assert_eq!(matched("actor = 'a-00000000abc35'").await, "6 total → 0 matched");
    assert_eq!(matched("client_ip = '203.0.113.11x'").await, "6 total → 0 matched");
    assert_eq!(matched("actor = 'a-00000000abc3'").await, "6 total → 6 matched");
}
