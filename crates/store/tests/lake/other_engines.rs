//! A table for other engines to read, with what they must find in it. `cargo xtask lake` names a folder for it in
//! `VEDETTE_TEST_OUT` and asks ClickHouse and Polars.

use serde_json::{Map, Value, json};
use vedette_store::lake::{Lake, LakeConfig};

use super::rows::{access, at, batch, number};

/// Questions with one answer, in words that DataFusion, ClickHouse and Polars understand alike.
const QUESTIONS: [(&str, &str); 14] = [
    ("rows", "select count(*) from exchanges"),
    ("identities", "select count(distinct seq * 100000 + record) from exchanges"),
    ("errors", "select count(*) from exchanges where status >= 500"),
    ("status", "select sum(status) from exchanges"),
    ("duration_us", "select sum(duration_us) from exchanges"),
    ("durations", "select count(duration_us) from exchanges"),
    ("response_bytes", "select sum(response_bytes) from exchanges"),
    ("endpoints", "select count(distinct endpoint) from exchanges"),
    ("with_endpoint", "select count(endpoint) from exchanges"),
    ("actors", "select count(distinct actor) from exchanges"),
    ("one_actor", "select count(*) from exchanges where actor = 'a-00000000abc3'"),
    ("one_address", "select count(*) from exchanges where client_ip = '203.0.113.7'"),
    ("days", "select count(distinct received_on) from exchanges"),
    ("billing", "select count(*) from exchanges where service = 'billing'"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_table_has_the_answers_that_other_engines_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let out = std::env::var_os("VEDETTE_TEST_OUT").map_or_else(|| folder.path().to_owned(), std::path::PathBuf::from);
    let mut configs = vec![LakeConfig::new(out.join("exchanges").display().to_string())];
    if let (Ok(endpoint), true) = (std::env::var("VEDETTE_TEST_S3"), out != folder.path()) {
        let mut config = LakeConfig::new("s3://vedette/engines/exchanges");
        config.s3 = access(&endpoint);
        configs.push(config);
    }
    for config in configs {
        let lake = Lake::open(config).await.unwrap();
        fill(&lake).await;
        let mut answers = Map::new();
        for (name, question) in QUESTIONS {
            answers.insert(name.to_owned(), json!(number(&lake, vec![], question).await));
        }
        for (name, edge) in [("first_at", "min(at)"), ("last_at", "max(at)")] {
            let question = format!("select {edge} from exchanges");
            answers.insert(name.to_owned(), json!(number(&lake, vec![], &question).await));
        }
        assert_eq!(answers.get("rows"), Some(&json!(70 * (50 - 3))));
        assert_eq!(answers.get("one_address"), Some(&json!(0)), "erased");
        assert_eq!(answers.get("identities"), answers.get("rows"));
        let questions: Map<String, Value> =
            QUESTIONS.iter().map(|(name, question)| ((*name).to_owned(), json!(question))).collect();
        let columns: Vec<Value> = vedette_store::schema::COLUMNS
            .iter()
            .map(|column| json!({"name": column.name, "kind": format!("{:?}", column.kind)}))
            .collect();
        let document = json!({"answers": answers, "questions": questions, "columns": columns});
        std::fs::write(out.join("expected.json"), document.to_string()).unwrap();
    }
}

/// Two days, merged and fresh files, a checkpoint, and an erasure: all that a reader has to follow.
async fn fill(lake: &Lake) {
    for seq in 1..=66 {
        lake.append(vec![batch(seq, 50, at(seq.cast_signed() / 3))], seq).await.unwrap();
    }
    lake.maintain(at(23)).await.unwrap();
    for seq in 67..=70 {
        lake.append(vec![batch(seq, 50, at(26))], seq).await.unwrap();
    }
    let address = vedette_store::lake::Subject { actors: Vec::new(), client_ips: vec!["203.0.113.7".parse().unwrap()] };
    lake.erase(&address, at(27)).await.unwrap();
}
