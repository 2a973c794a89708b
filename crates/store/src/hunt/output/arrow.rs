//! Arrow IPC stream.

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::arrow::record_batch::RecordBatch;

use super::{HuntError, broken};

pub(super) struct Stream(StreamWriter<Vec<u8>>);

impl Stream {
    pub(super) fn new(schema: &SchemaRef) -> Result<Self, HuntError> {
        StreamWriter::try_new(Vec::new(), schema).map(Self).map_err(|error| broken(&error))
    }

    pub(super) fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), HuntError> {
        self.0.write(batch).map_err(|error| broken(&error))?;
        out.append(self.0.get_mut());
        Ok(())
    }

    pub(super) fn finish(mut self, out: &mut Vec<u8>) -> Result<(), HuntError> {
        self.0.finish().map_err(|error| broken(&error))?;
        out.append(self.0.get_mut());
        Ok(())
    }
}
