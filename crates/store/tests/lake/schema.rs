//! Tables of other versions.

use vedette_store::lake::{Lake, LakeError};

use super::rows::{Ground, at, batch, number, sql};

/// `tests/lake/old/<version>` holds tables as older versions wrote them; each must read and take rows for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_an_older_version_is_read_and_extended() {
    let ground = Ground::disk();
    copy(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lake/old/0")), &ground.path());
    let lake = ground.open().await;
    assert_eq!(lake.committed_seq(), 3);
    let shown = "select service, endpoint, status, ja4, caller, anomalies, count(*) n from exchanges \
                 where status >= 500 group by all order by service, endpoint limit 3";
    insta::assert_snapshot!(sql(&lake, vec![], shown).await, @r"
    +---------+------------------------+--------+-----+--------+-----------+---+
    | service | endpoint               | status | ja4 | caller | anomalies | n |
    +---------+------------------------+--------+-----+--------+-----------+---+
    | billing | GET /v1/items/{itemId} | 503    |     |        |           | 2 |
    | shop    | GET /v1/items/{itemId} | 503    |     |        |           | 4 |
    +---------+------------------------+--------+-----+--------+-----------+---+
    ");
    lake.append(vec![batch(4, 10, at(1))], 4).await.unwrap();
    assert_eq!(number(&lake, vec![], "select count(*) from exchanges where tls_version = 'TLSv1.3'").await, 10);
    lake.maintain(at(50)).await.unwrap();
    let lake = ground.open().await;
    assert_eq!(number(&lake, vec![], "select count(distinct seq * 100 + record) from exchanges").await, 40);
    assert_eq!(number(&lake, vec![], "select count(tls_version) from exchanges").await, 10);
    assert_eq!(lake.size().0, 1, "files of both versions were merged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_a_newer_version_or_of_somebody_else_is_refused() {
    for (from, to, newer) in [
        ("\"vedette.schema_version\":\"1\"", "\"vedette.schema_version\":\"2\"", true),
        ("\"vedette.schema_version\":\"1\"", "\"other.version\":\"1\"", false),
        ("\"vedette.schema_version\":\"1\"", "\"vedette.schema_version\":\"x\"", false),
        ("\"partitionColumns\":[\"received_on\"]", "\"partitionColumns\":[]", false),
    ] {
        let ground = Ground::disk();
        drop(ground.open().await);
        let log = ground.path().join("_delta_log/00000000000000000000.json");
        let text = std::fs::read_to_string(&log).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&log, text.replace(from, to)).unwrap();
        let error = Lake::open(ground.config.clone()).await.unwrap_err();
        assert_eq!(matches!(error, LakeError::Newer { .. }), newer, "{error:?}");
        assert_eq!(matches!(error, LakeError::Foreign { .. }), !newer, "{error:?}");
        assert!(error.hint().is_some());
    }
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
