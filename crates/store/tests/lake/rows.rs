//! Rows and places for the tests.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::{SessionConfig, SessionContext};
use tempfile::TempDir;
use vedette_model::Timestamp;
use vedette_store::lake::{Lake, LakeConfig, S3Access};
use vedette_store::row::{ExchangeRow, RowBuffer};

/// 2026-11-26T00:00:00Z.
pub(crate) const DAY: Timestamp = Timestamp(1_795_651_200_000_000);

/// An hour in microseconds.
pub(crate) const HOUR: i64 = 3_600_000_000;

/// A time after [`DAY`].
pub(crate) fn at(hours: i64) -> Timestamp {
    Timestamp(DAY.0 + hours * HOUR)
}

/// Where a test's lake is; a folder goes when this is dropped.
pub(crate) struct Ground {
    pub(crate) config: LakeConfig,
    folder: Option<TempDir>,
}

impl Ground {
    /// A folder.
    pub(crate) fn disk() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("t1/lake/exchanges");
        Self { config: LakeConfig::new(place.display().to_string()), folder: Some(folder) }
    }

    /// A folder, and a new prefix of the bucket of `VEDETTE_TEST_S3`.
    pub(crate) fn all() -> Vec<Self> {
        let mut grounds = vec![Self::disk()];
        if let Ok(endpoint) = std::env::var("VEDETTE_TEST_S3") {
            let prefix = uuid::Uuid::now_v7();
            let mut config = LakeConfig::new(format!("s3://vedette/tests/{prefix}/exchanges"));
            config.s3 = access(&endpoint);
            grounds.push(Self { config, folder: None });
        }
        grounds
    }

    pub(crate) async fn open(&self) -> Lake {
        Lake::open(self.config.clone()).await.unwrap()
    }

    /// The table's folder.
    pub(crate) fn path(&self) -> std::path::PathBuf {
        assert!(self.folder.is_some(), "only on a disk");
        self.config.place.clone().into()
    }

    pub(crate) fn is_disk(&self) -> bool {
        self.folder.is_some()
    }

    /// Every file below the table's folder, relative to it.
    pub(crate) fn files(&self) -> Vec<String> {
        let root = self.path();
        let mut files = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.strip_prefix(&root).unwrap().display().to_string());
                }
            }
        }
        files.sort();
        files
    }

    /// Data files, known to a version or not.
    pub(crate) fn data_files(&self) -> Vec<String> {
        let files = self.files().into_iter();
        files.filter(|file| file.ends_with(".parquet") && !file.starts_with("_delta_log")).collect()
    }
}

/// Access to a test store: it believes any key.
pub(crate) fn access(endpoint: &str) -> S3Access {
    S3Access {
        endpoint: Some(endpoint.to_owned()),
        region: Some("us-east-1".to_owned()),
        access_key_id: Some("test".to_owned()),
        secret_access_key: Some("test".to_owned()),
    }
}

/// Batch `seq` of `count` rows, received at a time: 20 actors, 5 endpoints, all derived from the numbers.
pub(crate) fn batch(seq: u64, count: u32, received_at: Timestamp) -> RecordBatch {
    let mut buffer = RowBuffer::new();
    for record in 0..count {
        let n = seq * 1_000 + u64::from(record);
        let path = format!("/v1/items/{}", n % 97);
        let endpoint = ["GET /v1/items/{itemId}", "POST /v1/items", "GET /v1/me", "DELETE /v1/items/{itemId}", ""];
        let endpoint = endpoint[n as usize % endpoint.len()];
        let row = ExchangeRow {
            seq,
            record,
            source: "push",
            at: Some(Timestamp(received_at.0 - 1_000_000 + i64::from(record) * 1_000)),
            received_at,
            service: if n.is_multiple_of(3) { "billing" } else { "shop" },
            method: endpoint.split(' ').next().filter(|method| !method.is_empty()).unwrap_or("GET"),
            path: &path,
            call: None,
            endpoint,
            endpoint_id: n % 5,
            query_keys: if n.is_multiple_of(2) { "limit,page" } else { "" },
            status: if n.is_multiple_of(10) { 503 } else { 200 },
            duration_us: (!n.is_multiple_of(4)).then_some(n * 10),
            request_bytes: None,
            response_bytes: Some(n * 7 % 10_000),
            actor: actor(n % 20),
            client_ip: Some(std::net::Ipv4Addr::new(203, 0, 113, (n % 20) as u8).into()),
            user_agent: "curl/8.5.0",
            referer_host: "",
            authentication: "bearer",
            tls_version: "TLSv1.3",
            ja4: "",
            direction: "inbound",
            caller: "",
            anomalies: "",
        };
        assert!(buffer.push(&row));
    }
    buffer.take().unwrap()
}

/// Key of the test's n-th actor.
pub(crate) fn actor(n: u64) -> u64 {
    (0xabc0 + n) << 16
}

/// What SQL says of a lake and of rows that wait for it.
pub(crate) async fn sql(lake: &Lake, tail: Vec<RecordBatch>, query: &str) -> String {
    try_sql(lake, tail, query).await.unwrap()
}

/// The same, or why not.
pub(crate) async fn try_sql(lake: &Lake, tail: Vec<RecordBatch>, query: &str) -> Result<String, String> {
    let session = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
    session.register_table("exchanges", lake.provider(tail)).unwrap();
    let batches = async { session.sql(query).await?.collect().await }.await.map_err(|error| error.to_string())?;
    Ok(pretty_format_batches(&batches).unwrap().to_string())
}

/// One number.
pub(crate) async fn number(lake: &Lake, tail: Vec<RecordBatch>, query: &str) -> i64 {
    let session = SessionContext::new();
    session.register_table("exchanges", lake.provider(tail)).unwrap();
    let batches = session.sql(query).await.unwrap().collect().await.unwrap();
    let column = datafusion::arrow::compute::cast(batches[0].column(0), &datafusion::arrow::datatypes::DataType::Int64);
    datafusion::arrow::array::AsArray::as_primitive::<datafusion::arrow::datatypes::Int64Type>(&column.unwrap())
        .value(0)
}

/// A sum over every column, so that a row that is lost, doubled or changed shows.
pub(crate) const DIGEST: &str = "select count(*), count(distinct seq * 100000 + record), sum(duration_us), \
     sum(response_bytes), sum(status), count(endpoint), count(endpoint_id), count(query_keys), min(at), max(at), \
     count(distinct actor), count(distinct client_ip), count(distinct path), min(received_at), max(received_at), \
     sum(length(path)), sum(length(user_agent)), count(distinct service || method || authentication || source), \
     min(received_on), max(received_on) from exchanges";

/// A lake that holds batches 1 to `batches` of `count` rows, one commit each, a minute apart.
pub(crate) async fn filled(ground: &Ground, batches: u64, count: u32) -> Arc<Lake> {
    let lake = ground.open().await;
    for seq in 1..=batches {
        let received_at = Timestamp(DAY.0 + seq.cast_signed() * 60_000_000);
        lake.append(vec![batch(seq, count, received_at)], seq).await.unwrap();
    }
    Arc::new(lake)
}
