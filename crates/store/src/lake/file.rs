//! One Parquet file of the lake: how it is written, and what its commit says of it.
//!
//! Each column gets the encoding that its values ask for. Text is a dictionary per row group; times and counters are
//! differences; all of it goes through zstd. Row groups carry bounds of every column and a Bloom filter of `actor` and
//! `client_ip`; the log gets only what helps to skip a whole file and says nothing about a person.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::take_record_batch;
use datafusion::arrow::datatypes::{DataType, Int32Type, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::arrow::{ArrowWriter, ProjectionMask};
use datafusion::parquet::basic::{Compression, Encoding, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use datafusion::parquet::schema::types::ColumnPath;
use serde_json::{Map, Value, json};
use tokio_util::bytes::Bytes;
use vedette_model::Timestamp;
use vedette_model::limits::LAKE_SLAB_ROWS_MAX;

use super::slab;
use crate::schema::{self, COLUMNS, Kind, PARTITION};

/// How hard a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// A fresh file, which will be merged soon: as fast as it comes in.
    Fresh,
    /// A merged file, which stays for the rest of its days.
    Merged,
}

/// A written file.
pub(super) struct Made {
    /// Its content.
    pub(super) bytes: Vec<u8>,
    /// Rows in it.
    pub(super) rows: usize,
    /// Delta's statistics of it, as JSON.
    pub(super) statistics: String,
}

/// Writes one file, a slab per row group. The compressed content is held in memory until [`Self::finish`].
pub(super) struct FileWriter {
    writer: ArrowWriter<Vec<u8>>,
    bounds: Bounds,
}

impl FileWriter {
    /// An empty file.
    pub(super) fn new(effort: Effort) -> Result<Self, ParquetError> {
        let options = ArrowWriterOptions::new().with_properties(properties(effort)?).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), Arc::new(stored_schema()), options)?;
        Ok(Self { writer, bounds: Bounds::default() })
    }

    /// Appends rows of [`schema::rows`] as one row group, in [`slab::ORDER`]. They are put in order a piece at a time,
    /// so that there is no second copy of all of them.
    pub(super) fn append(&mut self, rows: &RecordBatch) -> Result<(), ParquetError> {
        self.bounds.extend(rows)?;
        let stored: Vec<usize> = (0..COLUMNS.len()).filter(|n| Some(*n) != schema::position(PARTITION)).collect();
        let (stored, order) = (rows.project(&stored)?, slab::order(rows)?);
        for start in (0..order.len()).step_by(PIECE_ROWS) {
            let piece = order.slice(start, PIECE_ROWS.min(order.len() - start));
            self.writer.write(&take_record_batch(&stored, &piece)?)?;
        }
        self.writer.flush()
    }

    /// Bytes written so far.
    pub(super) fn size(&self) -> usize {
        self.writer.bytes_written()
    }

    /// The file.
    pub(super) fn finish(self) -> Result<Made, ParquetError> {
        let bytes = self.writer.into_inner()?;
        Ok(Made { bytes, rows: self.bounds.rows, statistics: self.bounds.json() })
    }
}

/// The rows of a file in batches of [`schema::rows`], whichever version of the schema it was written with.
pub(super) fn read(
    bytes: Bytes,
    day: i32,
) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>>, ParquetError> {
    let reader = reader(bytes)?.with_batch_size(BATCH_ROWS).build()?;
    Ok(reader.map(move |batch| slab::complete(&batch?, day)))
}

/// The same, a row group after the other.
pub(super) fn read_groups(
    bytes: Bytes,
    day: i32,
) -> Result<
    impl Iterator<Item = Result<impl Iterator<Item = Result<RecordBatch, ArrowError>>, ParquetError>>,
    ParquetError,
> {
    let groups = reader(bytes.clone())?.metadata().num_row_groups();
    Ok((0..groups).map(move |group| {
        let reader = reader(bytes.clone())?.with_row_groups(vec![group]).with_batch_size(BATCH_ROWS).build()?;
        Ok(reader.map(move |batch| slab::complete(&batch?, day)))
    }))
}

/// Some columns of a file, those of text as dictionaries.
pub(super) fn read_columns(bytes: Bytes, names: &[&str]) -> Result<ParquetRecordBatchReader, ParquetError> {
    let reader = reader(bytes)?;
    let mask = ProjectionMask::columns(reader.parquet_schema(), names.iter().copied());
    reader.with_projection(mask).with_batch_size(BATCH_ROWS).build()
}

/// Rows put in order at once.
const PIECE_ROWS: usize = 32_768;

/// Rows read at once.
const BATCH_ROWS: usize = 8_192;

fn reader(bytes: Bytes) -> Result<ParquetRecordBatchReaderBuilder<Bytes>, ParquetError> {
    let plain = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new())?;
    let text = schema::row_text();
    let fields = plain.schema().fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(text.clone())),
        _ => Arc::clone(field),
    });
    let wanted = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    ParquetRecordBatchReaderBuilder::try_new_with_options(bytes, ArrowReaderOptions::new().with_schema(wanted))
}

/// [`schema::rows`] without the partition, which is the name of the file's folder.
fn stored_schema() -> Schema {
    let rows = schema::rows();
    let fields = rows.fields().iter().filter(|field| field.name() != PARTITION);
    Schema::new(fields.map(Arc::clone).collect::<Vec<_>>())
}

fn properties(effort: Effort) -> Result<WriterProperties, ParquetError> {
    // Bytes per row of an access log: 13.4 at level 1, 12.7 at 3, 12.1 at 9, 11.8 at 15 for several times the work.
    let level = match effort {
        Effort::Fresh => 3,
        Effort::Merged => 9,
    };
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(format!("vedette {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(level)?))
        .set_max_row_group_row_count(Some(LAKE_SLAB_ROWS_MAX))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES_MAX)
        .set_statistics_truncate_length(Some(64))
        .set_column_index_truncate_length(Some(64))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for column in COLUMNS.iter().filter(|column| column.name != PARTITION) {
        let path = || ColumnPath::from(column.name);
        if matches!(column.kind, Kind::Time | Kind::Int | Kind::Long) && column.name != "status" {
            builder = builder
                .set_column_dictionary_enabled(path(), false)
                .set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED);
        }
        if slab::ORDER.contains(&column.name) {
            builder = builder.set_column_statistics_enabled(path(), EnabledStatistics::Page);
        }
        if matches!(column.name, "actor" | "client_ip") {
            builder = builder.set_column_bloom_filter_enabled(path(), true).set_column_bloom_filter_fpp(path(), 0.05);
        }
    }
    Ok(builder.build())
}

/// Rows of one page: a question about one endpoint reads its pages only, and a page costs some 60 bytes of index.
const PAGE_ROWS: usize = 16_384;

/// Bytes of one column's dictionary before its values are written out: half a million actors have 9 MB.
const DICTIONARY_BYTES_MAX: usize = 16 << 20;

/// What a commit says of a file, so that a reader can skip it whole.
#[derive(Default)]
struct Bounds {
    rows: usize,
    at: Option<(i64, i64)>,
    received_at: Option<(i64, i64)>,
    seq: Option<(i64, i64)>,
    status: Option<(i32, i32)>,
    status_nulls: usize,
    service: Option<(String, String)>,
}

/// Bytes of a service's name that bounds in the log may have; longer ones are left out.
const BOUND_BYTES_MAX: usize = 64;

impl Bounds {
    fn extend(&mut self, slab: &RecordBatch) -> Result<(), ArrowError> {
        self.rows += slab.num_rows();
        widen(&mut self.at, slab::times(slab, "at")?.iter().copied());
        widen(&mut self.received_at, slab::times(slab, "received_at")?.iter().copied());
        widen(&mut self.seq, slab::longs(slab, "seq")?.values().iter().copied());
        if let Some(status) = slab.column_by_name("status").and_then(|column| column.as_primitive_opt::<Int32Type>()) {
            widen(&mut self.status, status.iter().flatten());
            self.status_nulls += status.null_count();
        }
        let services = slab::words(slab, "service")?;
        let values = services.values().as_string::<i32>();
        let mut used = vec![false; values.len()];
        for key in services.keys().iter().flatten() {
            if let Some(used) = used.get_mut(key as usize) {
                *used = true;
            }
        }
        let used = values.iter().zip(used).filter_map(|(value, used)| if used { value } else { None });
        for value in used {
            match &mut self.service {
                Some((min, _)) if value < min.as_str() => value.clone_into(min),
                Some((_, max)) if value > max.as_str() => value.clone_into(max),
                Some(_) => {}
                None => self.service = Some((value.to_owned(), value.to_owned())),
            }
        }
        Ok(())
    }

    fn json(&self) -> String {
        let (mut min, mut max) = (Map::new(), Map::new());
        let mut bound = |name: &str, bounds: Option<(Value, Value)>| {
            if let Some((low, high)) = bounds {
                min.insert(name.to_owned(), low);
                max.insert(name.to_owned(), high);
            }
        };
        let time = |bounds: Option<(i64, i64)>| {
            bounds.map(|(low, high)| (json!(Micros(low).text()), json!(Micros(high).text())))
        };
        bound("at", time(self.at));
        bound("received_at", time(self.received_at));
        bound("seq", self.seq.map(|(low, high)| (json!(low), json!(high))));
        bound("status", self.status.map(|(low, high)| (json!(low), json!(high))));
        let service = self.service.clone().filter(|(low, high)| low.len().max(high.len()) <= BOUND_BYTES_MAX);
        bound("service", service.map(|(low, high)| (json!(low), json!(high))));
        let nulls = json!({"at": 0, "received_at": 0, "seq": 0, "service": 0, "status": self.status_nulls});
        json!({"numRecords": self.rows, "minValues": min, "maxValues": max, "nullCount": nulls}).to_string()
    }
}

/// A time as Delta's statistics write it: always with microseconds.
struct Micros(i64);

impl Micros {
    fn text(&self) -> String {
        let seconds = Timestamp::from_secs(self.0.div_euclid(1_000_000)).to_string();
        format!("{}.{:06}Z", seconds.trim_end_matches('Z'), self.0.rem_euclid(1_000_000))
    }
}

fn widen<T: Copy + Ord>(bounds: &mut Option<(T, T)>, values: impl Iterator<Item = T>) {
    for value in values {
        let (min, max) = bounds.unwrap_or((value, value));
        *bounds = Some((min.min(value), max.max(value)));
    }
}
