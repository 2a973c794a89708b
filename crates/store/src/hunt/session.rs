//! The query engine as hunts use it: what exists in it, and what it may take.

use std::sync::Arc;

use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider};
use datafusion::execution::context::SessionContext;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, PeakRecordingPool};
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::SessionConfig;

use super::run::Share;
use super::{HuntConfig, HuntError, Tables, functions, wording};

/// Catalog that the tables are in.
pub(super) const CATALOG: &str = "vedette";

/// Bytes of stack per thread: a query of [`vedette_model::limits::HUNT_OPERATORS_MAX`] operators is walked by
/// recursion. Only touched pages take memory.
pub(super) const STACK_BYTES: usize = 16 << 20;

/// Polls of tasks between looks at the clock. Tasks of a hunt run for milliseconds, and a hunt that is over its time
/// must notice.
pub(super) const EVENT_INTERVAL: u32 = 4;

/// How much nicer than others the threads of hunts are: half of what there is, so that they still run on a busy machine.
const NICENESS: i32 = 10;

/// Functions whose result can be far larger than their input: one call would take the memory of all.
const LEFT_OUT: &[&str] = &[
    "repeat",
    "lpad",
    "rpad",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "range",
    "generate_series",
];

/// What all hunts share: caches of file metadata and the bounded spill folder.
pub(super) fn environment(config: &HuntConfig) -> Result<Arc<RuntimeEnv>, HuntError> {
    std::fs::create_dir_all(&config.spill_dir).map_err(HuntError::Setup)?;
    let spill = DiskManagerBuilder::default()
        .with_mode(DiskManagerMode::Directories(vec![config.spill_dir.clone()]))
        .with_max_temp_directory_size(config.spill_bytes);
    RuntimeEnvBuilder::new()
        .with_disk_manager_builder(spill)
        .with_metadata_cache_limit(config.memory_bytes / 8)
        .build_arc()
        .map_err(|error| HuntError::Setup(std::io::Error::other(error)))
}

/// A session of one hunt, with its share of memory and its tables.
pub(super) fn open(
    env: &RuntimeEnv,
    share: Share,
    tables: Tables,
) -> Result<(SessionContext, Arc<PeakRecordingPool>), HuntError> {
    let pool = Arc::new(PeakRecordingPool::new(Arc::new(FairSpillPool::new(share.memory_bytes))));
    let env = RuntimeEnvBuilder::from_runtime_env(env)
        .with_memory_pool(Arc::clone(&pool) as _)
        .build_arc()
        .map_err(|error| wording::execution(&error))?;
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(configuration(share))
        .with_runtime_env(env)
        .build();
    let context = SessionContext::new_with_state(state);
    for name in LEFT_OUT {
        context.deregister_udf(name);
    }
    functions::register(&context);
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema("public", Arc::new(tables)).map_err(|error| wording::execution(&error))?;
    context.register_catalog(CATALOG, Arc::new(catalog));
    Ok((context, pool))
}

fn configuration(share: Share) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(share.partitions)
        .with_information_schema(true)
        .with_create_default_catalog_and_schema(false)
        .with_default_catalog_and_schema(CATALOG, "public")
        .with_parquet_pruning(true);
    let options = config.options_mut();
    options.sql_parser.collect_spans = true;
    // What a sort keeps back for merging what it spilled: with less memory than that it could not begin.
    let reserved = share.memory_bytes / (8 * share.partitions);
    options.execution.sort_spill_reservation_bytes = options.execution.sort_spill_reservation_bytes.min(reserved);
    options.execution.time_zone = Some("UTC".to_owned());
    // Physical plans name the files of the lake.
    options.explain.logical_plan_only = true;
    // A hunt filters hard and reads few columns: rows that a filter drops need not be decoded.
    options.execution.parquet.pushdown_filters = true;
    options.execution.parquet.reorder_filters = true;
    config
}

/// Makes the calling thread give way to those that take traffic. On Linux niceness is per thread.
pub(super) fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICENESS) {
        tracing::debug!(%error, "priority of a hunting thread stays as it is");
    }
}
