//! Parquet. One row group is held in memory at a time.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use vedette_model::limits::HUNT_PARQUET_GROUP_ROWS;

use super::{HuntError, broken};

pub(super) struct File {
    writer: ArrowWriter<Written>,
    written: Written,
}

/// What the writer wrote and nobody took yet. Shared, as the writer does not give its sink away.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl File {
    pub(super) fn new(schema: &SchemaRef) -> Result<Self, HuntError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(HUNT_PARQUET_GROUP_ROWS))
            .build();
        let written = Written::default();
        let writer = ArrowWriter::try_new(written.clone(), Arc::clone(schema), Some(properties));
        Ok(Self { writer: writer.map_err(|error| broken(&error))?, written })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), HuntError> {
        self.writer.write(batch).map_err(|error| broken(&error))?;
        self.written.take(out);
        Ok(())
    }

    pub(super) fn finish(self, out: &mut Vec<u8>) -> Result<(), HuntError> {
        self.writer.close().map_err(|error| broken(&error))?;
        self.written.take(out);
        Ok(())
    }
}

impl Written {
    fn take(&self, out: &mut Vec<u8>) {
        out.append(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
