//! A person goes, and nothing of them stays.

use std::path::Path;

use vedette_store::lake::Subject;

use super::rows::{DIGEST, Ground, actor, at, batch, filled, number, sql};

/// The subject: one actor of the 20, and the address of another.
fn subject() -> Subject {
    let shown = format!("a-{:012x}", actor(3) >> 16);
    Subject { actors: vec![shown], client_ips: vec!["203.0.113.7".parse().unwrap()] }
}

const THEIRS: &str = "actor = 'a-00000000abc3' or client_ip = '203.0.113.7'";

#[tokio::test(flavor = "multi_thread")]
async fn erasing_leaves_no_row_no_file_and_no_version() {
    for ground in Ground::all() {
        let lake = filled(&ground, 20, 100).await;
        lake.maintain(at(1)).await.unwrap();
        for seq in 21..=23 {
            lake.append(vec![batch(seq, 100, at(2))], seq).await.unwrap();
        }
        let others = DIGEST.replace("from exchanges", &format!("from exchanges where not ({THEIRS})"));
        let before = sql(&lake, vec![], &others).await;
        let count = format!("select count(*) from exchanges where {THEIRS}");
        let theirs = number(&lake, vec![], &count).await;
        assert_eq!(theirs, 23 * 100 / 10);

        let done = lake.erase(&subject(), at(3)).await.unwrap();
        assert_eq!(done.rows.cast_signed(), theirs);
        assert_eq!((done.files_rewritten, done.files_searched), (4, 4));
        assert_eq!(done.files_removed, 20 + 4, "merged ones and those that were rewritten");
        assert_eq!((done.rows_left, done.log_files_left), (0, 0));

        assert_eq!(number(&lake, vec![], &count).await, 0);
        assert_eq!(sql(&lake, vec![], DIGEST).await, before, "all others are as they were");
        let lake = ground.open().await;
        assert_eq!(lake.committed_seq(), 23, "they do not come back from the journal");
        assert_eq!(sql(&lake, vec![], DIGEST).await, before);
        assert_eq!(lake.erase(&subject(), at(3)).await.unwrap().rows, 0);
        if ground.is_disk() {
            no_trace(&ground);
        }
    }
}

/// Looks at every byte of every file, compressed ones unpacked by a reader that is not the lake's.
fn no_trace(ground: &Ground) {
    let commits = ground.files().iter().filter(|file| Path::new(file).extension().is_some_and(|e| e == "json")).count();
    assert!(commits <= 1, "old versions are gone: {:?}", ground.files());
    for file in ground.files() {
        let bytes = std::fs::read(ground.path().join(&file)).unwrap();
        for name in ["a-00000000abc3", "203.0.113.7\""] {
            assert!(!bytes.windows(name.len()).any(|window| window == name.as_bytes()), "{file} has {name}");
        }
        if file.ends_with(".parquet") {
            let reader = datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(
                tokio_util::bytes::Bytes::from(bytes),
            );
            for batch in reader.unwrap().build().unwrap() {
                let shown = datafusion::arrow::util::pretty::pretty_format_batches(&[batch.unwrap()]).unwrap();
                let shown = shown.to_string();
                assert!(!shown.contains("a-00000000abc3") && !shown.contains(" 203.0.113.7 "), "{file}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_nobody_else_goes_whole() {
    let ground = Ground::disk();
    let lake = ground.open().await;
    lake.append(vec![batch(1, 4, at(1))], 1).await.unwrap();
    let all =
        Subject { actors: (0..4).map(|n| format!("a-{:012x}", actor(n) >> 16)).collect(), client_ips: Vec::new() };
    let done = lake.erase(&all, at(2)).await.unwrap();
    assert_eq!((done.rows, done.files_rewritten, done.files_removed, done.files_searched), (4, 1, 1, 0));
    assert_eq!(ground.data_files(), [""; 0]);
    lake.append(vec![batch(2, 4, at(1))], 2).await.unwrap();
    assert_eq!(number(&lake, vec![], "select count(*) from exchanges").await, 4, "and the lake goes on");
}
