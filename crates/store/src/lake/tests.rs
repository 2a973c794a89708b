//! The lake on a disk that fails: what is acknowledged is there once, what is not may be tried again.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use datafusion::arrow::array::AsArray as _;
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use deltalake::logstore::{StorageConfig, default_logstore};
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result,
};

use super::*;
use crate::row::{ExchangeRow, RowBuffer};

/// A store whose writes fail as a seed says: before anything happened, or after all happened, the reply being lost.
#[derive(Debug)]
struct Flaky {
    inner: InMemory,
    state: AtomicU64,
    /// One of this many writes fails; 0 for none.
    one_in: AtomicU64,
    kind: io::ErrorKind,
}

impl Flaky {
    fn new(seed: u64, one_in: u64, kind: io::ErrorKind) -> Arc<Self> {
        let state = AtomicU64::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        Arc::new(Self { inner: InMemory::new(), state, one_in: AtomicU64::new(one_in), kind })
    }

    /// xorshift64.
    fn draw(&self) -> u64 {
        let step = |mut x: u64| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^ (x << 17)
        };
        self.state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |x| Some(step(x))).map_or(0, step)
    }

    fn fails(&self) -> bool {
        let one_in = self.one_in.load(Ordering::SeqCst);
        one_in > 0 && self.draw().is_multiple_of(one_in)
    }

    fn error(&self) -> object_store::Error {
        object_store::Error::Generic { store: "flaky", source: Box::new(io::Error::from(self.kind)) }
    }
}

impl std::fmt::Display for Flaky {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("flaky")
    }
}

#[async_trait]
impl object_store::ObjectStore for Flaky {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        if self.fails() {
            return Err(self.error());
        }
        let put = self.inner.put_opts(location, payload, options).await?;
        if self.fails() { Err(self.error()) } else { Ok(put) }
    }

    async fn put_multipart_opts(&self, to: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(to, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

async fn open(store: &Arc<Flaky>) -> std::result::Result<Lake, LakeError> {
    let url = url::Url::parse("memory:///").unwrap();
    let files: Arc<dyn object_store::ObjectStore> = Arc::clone(store) as _;
    let log = default_logstore(Arc::clone(&files), Arc::clone(&files), &url, &StorageConfig::default());
    Lake::at(Place { name: "memory".into(), folder: None, files, log }, Duration::from_hours(720)).await
}

fn batch(seq: u64, count: u32) -> RecordBatch {
    let mut buffer = RowBuffer::new();
    for record in 0..count {
        let row = ExchangeRow {
            seq,
            record,
            source: "s",
            received_at: Timestamp(1_795_651_200_000_000 + seq.cast_signed() * 1_000_000),
            service: "shop",
            method: "GET",
            path: "/",
            endpoint: "GET /",
            endpoint_id: 1,
            status: 200,
            actor: u64::from(record % 4) << 16,
            ..ExchangeRow::default()
        };
        assert!(buffer.push(&row));
    }
    buffer.take().unwrap()
}

/// All rows as `(seq, record)`, in order.
async fn rows(lake: &Lake) -> Vec<(i64, i32)> {
    let session = datafusion::prelude::SessionContext::new();
    session.register_table("exchanges", lake.provider(vec![])).unwrap();
    let sql = "select seq, record from exchanges order by 1, 2";
    let mut rows = Vec::new();
    for batch in session.sql(sql).await.unwrap().collect().await.unwrap() {
        let seq = batch.column(0).as_primitive::<Int64Type>().clone();
        let record = batch.column(1).as_primitive::<Int32Type>().clone();
        rows.extend(seq.values().iter().copied().zip(record.values().iter().copied()));
    }
    rows
}

/// Appends, upkeep and restarts against a store that fails now and then, for many seeds: after all of it each row is
/// there once.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_write_fails_each_row_is_there_once() {
    let mut failures = 0;
    for seed in 0..25 {
        let store = Flaky::new(seed, 0, io::ErrorKind::StorageFull);
        let mut lake = open(&store).await.unwrap();
        store.one_in.store(6, Ordering::SeqCst);
        let (mut tail, mut forgotten) = (Vec::new(), 0);
        for seq in 1..=40_u64 {
            tail.push(batch(seq, 5));
            if store.draw().is_multiple_of(3) {
                match lake.append(tail.clone(), seq).await {
                    Ok(_) => {
                        forgotten = seq;
                        tail.clear();
                    }
                    Err(_) => failures += 1,
                }
            }
            if store.draw().is_multiple_of(8) {
                failures += usize::from(lake.maintain(Timestamp(1_795_651_200_000_000)).await.is_err());
            }
            if store.draw().is_multiple_of(6) {
                // A restart: what is not in the lake comes from the journal again, in other portions.
                lake = open(&store).await.unwrap();
                assert!(lake.committed_seq() >= forgotten, "seed {seed}: an acknowledged number is kept");
                tail = (forgotten + 1..=seq).map(|seq| batch(seq, 5)).collect();
            }
        }
        store.one_in.store(0, Ordering::SeqCst);
        lake.append(tail, 40).await.unwrap();
        let expected: Vec<(i64, i32)> = (1..=40).flat_map(|seq| (0..5).map(move |record| (seq, record))).collect();
        assert_eq!(rows(&lake).await, expected, "seed {seed}");
        lake.maintain(Timestamp(1_795_651_200_000_000 + 200_000_000_000)).await.unwrap();
        assert_eq!(rows(&open(&store).await.unwrap()).await, expected, "seed {seed}, after upkeep and a restart");
    }
    assert!(failures > 100, "the store did fail: {failures}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_or_read_only_disk_is_said_and_survived() {
    for (kind, hint) in [
        (io::ErrorKind::StorageFull, "full"),
        (io::ErrorKind::ReadOnlyFilesystem, "read-only"),
        (io::ErrorKind::PermissionDenied, "right to write"),
    ] {
        let store = Flaky::new(1, 0, kind);
        let lake = open(&store).await.unwrap();
        lake.append(vec![batch(1, 5)], 1).await.unwrap();
        store.one_in.store(1, Ordering::SeqCst);
        let error = lake.append(vec![batch(2, 5)], 2).await.unwrap_err();
        assert!(error.hint().is_some_and(|said| said.contains(hint)), "{error:?}");
        assert_eq!((rows(&lake).await.len(), lake.committed_seq()), (5, 1), "what is there is still read");
        store.one_in.store(0, Ordering::SeqCst);
        lake.append(vec![batch(2, 5)], 2).await.unwrap();
        assert_eq!(rows(&lake).await.len(), 10);
    }
}
