//! What the disk does to a lake: errors say what and where, and everything else is still readable.

use vedette_store::lake::{Lake, LakeConfig, LakeError};

use super::rows::{Ground, at, batch, filled, number, try_sql};

/// Two days, a file each; the first is the one that is damaged.
async fn two_days(ground: &Ground) -> (Lake, std::path::PathBuf) {
    let lake = ground.open().await;
    lake.append(vec![batch(1, 10, at(1)), batch(2, 10, at(25))], 2).await.unwrap();
    let files = ground.data_files();
    assert_eq!(files.len(), 2);
    (lake, ground.path().join(&files[0]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_damaged_file_is_named_and_the_others_are_read() {
    for damage in ["missing", "cut", "noise"] {
        let ground = Ground::disk();
        let (_, file) = two_days(&ground).await;
        let bytes = std::fs::read(&file).unwrap();
        match damage {
            "missing" => std::fs::remove_file(&file).unwrap(),
            "cut" => std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap(),
            _ => std::fs::write(&file, vec![0x5a; bytes.len()]).unwrap(),
        }
        let lake = ground.open().await;
        let query = "select count(*), sum(status) from exchanges where received_on = ";
        let error = try_sql(&lake, vec![], &format!("{query} '2026-11-26'")).await.unwrap_err();
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(error.contains(name), "{damage}: {error}");
        assert!(try_sql(&lake, vec![], &format!("{query} '2026-11-27'")).await.is_ok(), "{damage}");
        // New rows go on.
        lake.append(vec![batch(3, 10, at(26))], 3).await.unwrap();
        let error = lake.erase(&vedette_store::lake::Subject::default(), at(27)).await.unwrap_err();
        assert!(error.to_string().contains(name), "{damage}: {error}");
        assert!(error.hint().is_some_and(|hint| hint.contains("backup")), "{damage}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_written_commit_is_an_error_that_names_the_log() {
    let ground = Ground::disk();
    drop(two_days(&ground).await);
    let commit = ground.path().join("_delta_log/00000000000000000002.json");
    std::fs::write(&commit, br#"{"add":{"path":"received_on=20"#).unwrap();
    let error = Lake::open(ground.config.clone()).await.unwrap_err();
    assert!(matches!(error, LakeError::Log { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("_delta_log"));
    std::fs::remove_file(commit).unwrap();
    assert_eq!(ground.open().await.rows(), 20, "nothing else was touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_being_written_is_no_part_of_the_table() {
    let ground = Ground::disk();
    drop(two_days(&ground).await);
    std::fs::write(ground.path().join("_delta_log/00000000000000000002.json#77"), b"{\"add\"").unwrap();
    std::fs::write(ground.path().join("received_on=2026-11-26/part-x.parquet#77"), b"PAR").unwrap();
    let lake = ground.open().await;
    assert_eq!(number(&lake, vec![], "select count(*) from exchanges").await, 20);
    lake.append(vec![batch(3, 10, at(26))], 3).await.unwrap();
    let lake = ground.open().await;
    assert_eq!(number(&lake, vec![], "select count(*) from exchanges").await, 30);
    let left = || ground.files().into_iter().filter(|file| file.contains('#')).count();
    lake.maintain(at(-24)).await.unwrap();
    assert_eq!(left(), 2, "somebody may still be writing them");
    lake.maintain(at(24 * 365 * 100)).await.unwrap();
    assert_eq!(left(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_cannot_be_is_refused_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    for place in ["", "gs://bucket/x", "s3://bucket", "s3://", &format!("{}/lake", file.display())] {
        let error = Lake::open(LakeConfig::new(place)).await.unwrap_err();
        assert!(error.hint().is_some(), "{place}: {error:?}");
        assert!(matches!(error, LakeError::Place { .. }), "{place}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_write_do_not_overwrite_each_other() {
    for ground in Ground::all() {
        let (one, two) = (ground.open().await, ground.open().await);
        one.append(vec![batch(1, 10, at(1))], 1).await.unwrap();
        // It believes the table to be empty, finds the number taken, and sees that its rows are there.
        two.append(vec![batch(1, 10, at(1))], 1).await.unwrap();
        two.append(vec![batch(2, 10, at(1))], 2).await.unwrap();
        let lake = ground.open().await;
        assert_eq!(number(&lake, vec![], "select count(distinct seq * 100 + record) from exchanges").await, 20);
        assert_eq!(lake.committed_seq(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_does_not_stop_upkeep() {
    let ground = Ground::disk();
    let lake = filled(&ground, 20, 10).await;
    std::fs::write(ground.path().join(&ground.data_files()[7]), b"noise").unwrap();
    let done = lake.maintain(at(48)).await.unwrap();
    assert_eq!((done.unreadable_files, done.merged_files, done.merged_into), (1, 19, 1));
    assert_eq!(lake.size().0, 2);
    let done = lake.maintain(at(48)).await.unwrap();
    assert_eq!((done.unreadable_files, done.merged_files), (1, 0), "it is told each time, and not read again");
    // It goes with its day like any other.
    assert_eq!(lake.maintain(at(24 * 40)).await.unwrap().expired_files, 2);
}
