//! The table of exchanges as DataFusion queries it: files of one version, and the rows that are not in them yet.
//!
//! `deltalake` could read the table too; here it is read as what it is known to be (one schema, one partition column, no
//! deletion vectors), with bounds from the log deciding which files are opened, and footers cached between queries.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::memory::{DataSourceExec, MemorySourceConfig};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::pruning::PrunableStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, Result, ScalarValue, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::union::UnionExec;
use object_store::ObjectStore;
use object_store::path::Path;
use uuid::Uuid;

use super::files::{DataFile, Version};
use super::slab;
use crate::schema::{self, PARTITION};

/// A name under which DataFusion finds the files of one lake, whichever session asks.
pub(super) fn store_url() -> ObjectStoreUrl {
    let url = format!("vedette-lake://{}", Uuid::now_v7().simple());
    ObjectStoreUrl::parse(url).unwrap_or_else(|_| ObjectStoreUrl::local_filesystem())
}

/// See [`super::Lake::provider`].
#[derive(Debug)]
pub(super) struct LakeTable {
    url: ObjectStoreUrl,
    store: Arc<dyn ObjectStore>,
    version: Arc<Version>,
    tail: Vec<RecordBatch>,
}

impl LakeTable {
    pub(super) fn new(
        url: ObjectStoreUrl,
        store: Arc<dyn ObjectStore>,
        version: Arc<Version>,
        tail: Vec<RecordBatch>,
    ) -> Self {
        Self { url, store, version, tail }
    }

    /// Files that may hold rows for all of the filters.
    fn chosen(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<Arc<DataFile>>> {
        let files = &self.version.files;
        let Some(filter) = conjunction(filters.iter().cloned()) else { return Ok(files.clone()) };
        let schema = schema::queried();
        let filter = state.create_physical_expr(filter, &DFSchema::try_from(Arc::clone(&schema))?)?;
        let statistics = files.iter().map(|file| Arc::clone(&file.statistics)).collect();
        let kept = PruningPredicateBuilder::new()
            .with_file_schema(Arc::clone(&schema))
            .try_build(filter)
            .and_then(|predicate| predicate.prune(&PrunableStatistics::new(statistics, schema)));
        // A filter that says nothing about bounds prunes nothing.
        let Ok(kept) = kept else { return Ok(files.clone()) };
        Ok(files.iter().zip(kept).filter(|(_, kept)| *kept).map(|(file, _)| Arc::clone(file)).collect())
    }

    fn files(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let files = self.chosen(state, filters)?;
        if files.is_empty() {
            return Ok(None);
        }
        state.runtime_env().register_object_store(self.url.as_ref(), Arc::clone(&self.store));
        let cache = state.runtime_env().cache_manager.get_file_metadata_cache();
        let reader = CachedParquetFileReaderFactory::new(Arc::clone(&self.store), cache);
        let source = ParquetSource::new(table_schema())
            .with_table_parquet_options(state.default_table_options().parquet)
            .with_parquet_file_reader_factory(Arc::new(reader))
            .with_pushdown_filters(true)
            .with_reorder_filters(true)
            .with_enable_page_index(true)
            .with_bloom_filter_on_read(true);
        let statistics = summed(&files);
        let group = FileGroup::new(files.iter().map(|file| partitioned(file)).collect());
        let groups = group.split_files(state.config().target_partitions().max(1));
        let config = FileScanConfigBuilder::new(self.url.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_limit(limit)
            .with_projection_indices(projection.cloned())?
            .build();
        Ok(Some(DataSourceExec::from_data_source(config)))
    }

    fn tail(&self, projection: Option<&Vec<usize>>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let wanted: Vec<usize> = projection.cloned().unwrap_or_else(|| (0..schema::COLUMNS.len()).collect());
        let schema: SchemaRef = Arc::new(schema::queried().project(&wanted)?);
        let mut batches = Vec::with_capacity(self.tail.len());
        for batch in &self.tail {
            let fresh = slab::above(batch, self.version.committed)?;
            if fresh.num_rows() > 0 {
                batches.push(as_queried(&fresh.project(&wanted)?, &schema)?);
            }
        }
        if batches.is_empty() {
            return Ok(None);
        }
        Ok(Some(MemorySourceConfig::try_new_exec(&[batches], schema, None)?))
    }
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        schema::queried()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Filters choose files here and pages in the reader; DataFusion applies them once more where that is not exact.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // A limit is the query's only while no filter takes rows away behind it.
        let limit = limit.filter(|_| filters.is_empty());
        let files = self.files(state, projection, filters, limit)?;
        match (files, self.tail(projection)?) {
            (Some(files), Some(tail)) => UnionExec::try_new(vec![files, tail]),
            (Some(one), None) | (None, Some(one)) => Ok(one),
            (None, None) => {
                let nothing = MemorySourceConfig::try_new_exec(&[vec![]], schema::queried(), projection.cloned())?;
                Ok(nothing)
            }
        }
    }
}

/// Columns of files, and the partition behind them.
fn table_schema() -> TableSchema {
    let queried = schema::queried();
    let (partition, stored): (Vec<_>, Vec<_>) =
        queried.fields().iter().map(Arc::clone).partition(|field| field.name() == PARTITION);
    TableSchema::builder(Arc::new(Schema::new(stored))).with_table_partition_cols(partition).build()
}

fn partitioned(file: &DataFile) -> PartitionedFile {
    let mut partitioned = PartitionedFile::new(Path::from(file.path.as_str()).to_string(), file.size);
    partitioned.partition_values = vec![ScalarValue::Date32(Some(file.day))];
    partitioned.statistics = Some(Arc::clone(&file.statistics));
    partitioned
}

/// Rows of all files together; bounds are looked up per file.
fn summed(files: &[Arc<DataFile>]) -> Statistics {
    let mut statistics = Statistics::new_unknown(&schema::queried());
    let rows: Option<usize> = files.iter().map(|file| file.rows).sum();
    statistics.num_rows = rows.map_or(Precision::Absent, Precision::Exact);
    statistics
}

fn as_queried(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| cast(column, field.data_type()));
    let options = datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let columns = columns.collect::<std::result::Result<_, _>>()?;
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}
