//! Rows come in, once each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::rows::{DIGEST, Ground, at, batch, number, sql};

#[tokio::test(flavor = "multi_thread")]
async fn an_append_is_there_once_however_often_it_is_repeated() {
    for ground in Ground::all() {
        let lake = ground.open().await;
        assert_eq!((lake.committed_seq(), lake.rows()), (0, 0));
        assert_eq!(number(&lake, vec![], "select count(*) from exchanges").await, 0);
        let first = lake.append(vec![batch(1, 10, at(1)), batch(2, 10, at(1))], 2).await.unwrap();
        assert_eq!((first.rows, first.files), (20, 1));
        // The reply was lost, and the caller does not know how far it got.
        let again = lake.append(vec![batch(1, 10, at(1)), batch(2, 10, at(1))], 2).await.unwrap();
        assert_eq!(again.rows, 0);
        let lake = ground.open().await;
        assert_eq!(lake.committed_seq(), 2, "the number is part of the commit");
        let more = lake.append(vec![batch(2, 10, at(1)), batch(3, 10, at(1))], 3).await.unwrap();
        assert_eq!(more.rows, 10, "only what is not there yet");
        assert_eq!(number(&lake, vec![], "select count(distinct seq * 100 + record) from exchanges").await, 30);
        assert_eq!(number(&lake, vec![], "select count(*) from exchanges").await, 30);
        assert_eq!((lake.committed_seq(), lake.rows()), (3, 30));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_without_rows_is_committed_too() {
    for ground in Ground::all() {
        let lake = ground.open().await;
        lake.append(vec![], 7).await.unwrap();
        assert_eq!(ground.open().await.committed_seq(), 7);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_go_to_the_day_they_were_received_on() {
    for ground in Ground::all() {
        let lake = ground.open().await;
        let done = lake.append(vec![batch(1, 4, at(23)), batch(2, 5, at(25))], 2).await.unwrap();
        assert_eq!((done.rows, done.files), (9, 2));
        let shown = sql(&lake, vec![], "select received_on, count(*) n from exchanges group by 1 order by 1").await;
        let counted: Vec<&str> = shown.lines().filter(|line| line.contains("2026")).collect();
        assert_eq!(counted, ["| 2026-11-26  | 4 |", "| 2026-11-27  | 5 |"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_wait_look_like_rows_that_are_there() {
    let ground = Ground::disk();
    let lake = ground.open().await;
    let waiting = || vec![batch(1, 50, at(1)), batch(2, 50, at(30))];
    let before = sql(&lake, waiting(), DIGEST).await;
    lake.append(waiting(), 2).await.unwrap();
    assert_eq!(sql(&lake, vec![], DIGEST).await, before);
    assert_eq!(sql(&lake, waiting(), DIGEST).await, before, "what is committed is not counted again");
    let all = "select * from exchanges order by seq, record";
    let empty = Ground::disk().open().await;
    assert_eq!(sql(&lake, vec![], all).await, sql(&empty, waiting(), all).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_query_sees_each_row_once_while_rows_are_committed() {
    let ground = Ground::disk();
    let lake = Arc::new(ground.open().await);
    let tail: Arc<std::sync::Mutex<Vec<_>>> = Arc::default();
    let (stop, taken) = (Arc::new(AtomicBool::new(false)), Arc::new(std::sync::Mutex::new(0_i64)));
    let asking = {
        let (lake, tail, stop, taken) = (Arc::clone(&lake), Arc::clone(&tail), Arc::clone(&stop), Arc::clone(&taken));
        tokio::spawn(async move {
            let mut asked = 0;
            while !stop.load(Ordering::SeqCst) || asked < 5 {
                let (expected, waiting) = {
                    let taken = taken.lock().unwrap();
                    (*taken, tail.lock().unwrap().clone())
                };
                let provider = lake.provider(waiting);
                let session = datafusion::prelude::SessionContext::new();
                session.register_table("exchanges", provider).unwrap();
                let query = "select count(*) - count(distinct seq * 1000 + record) d, max(seq) * 20 m, count(*) n from exchanges";
                let rows = session.sql(query).await.unwrap().collect().await.unwrap();
                let of = |n: usize| {
                    let column = rows[0].column(n);
                    datafusion::arrow::array::AsArray::as_primitive::<datafusion::arrow::datatypes::Int64Type>(column)
                        .value(0)
                };
                assert_eq!(of(0), 0, "no row twice");
                assert_eq!(of(1), of(2), "no row missing below the newest");
                assert!(of(2) >= expected, "{} rows of {expected}", of(2));
                asked += 1;
            }
            asked
        })
    };
    for seq in 1..=40 {
        {
            let mut taken = taken.lock().unwrap();
            tail.lock().unwrap().push(batch(seq, 20, at(1)));
            *taken += 20;
        }
        if seq % 2 == 0 {
            let waiting = tail.lock().unwrap().clone();
            lake.append(waiting, seq).await.unwrap();
            tail.lock().unwrap().clear();
        }
        if seq % 16 == 0 {
            lake.maintain(at(2)).await.unwrap();
        }
    }
    stop.store(true, Ordering::SeqCst);
    assert!(asking.await.unwrap() >= 5);
    assert_eq!(number(&lake, vec![], "select count(*) from exchanges").await, 800);
}
