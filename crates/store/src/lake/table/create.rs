//! Making the table, and bringing one of an older schema up to date.

use deltalake::kernel::{Action, DataType, MetadataExt as _, StructField, StructType, transaction::CommitBuilder};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::{DeltaTable, DeltaTableError};
use std::sync::Arc;

use super::Place;
use crate::lake::error::LakeError;
use crate::schema::{COLUMNS, Column, Kind, PARTITION, VERSION, VERSION_PROPERTY};

/// Columns that commits have bounds of. No other engine that writes to the table shall add bounds of people.
const BOUNDED: &str = "at,received_at,seq,status,service";

/// The table: made when there is none, extended when it is older, refused when it is not ours.
pub(super) async fn ensure(place: &Place) -> Result<DeltaTable, LakeError> {
    let failed =
        |action| move |source| LakeError::Log { lake: place.name.to_string(), action, source: Box::new(source) };
    if !place.log.is_delta_table_location().await.map_err(failed("look for the log"))? {
        return create(place).await.map_err(failed("write the first version"));
    }
    let mut table = DeltaTable::new(Arc::clone(&place.log));
    table.load().await.map_err(failed("read the log"))?;
    let version = check(place, &table)?;
    if version < VERSION {
        extend(place, &table).await.map_err(failed("extend the schema"))?;
        table.load().await.map_err(failed("read the log"))?;
    }
    Ok(table)
}

async fn create(place: &Place) -> Result<DeltaTable, DeltaTableError> {
    let properties = [
        (VERSION_PROPERTY, VERSION.to_string()),
        ("delta.dataSkippingStatsColumns", BOUNDED.to_owned()),
        // Readers of an old version have this long before its files go; see `maintain`.
        ("delta.deletedFileRetentionDuration", "interval 1 hours".to_owned()),
        ("delta.logRetentionDuration", "interval 1 days".to_owned()),
    ];
    CreateBuilder::new()
        .with_log_store(Arc::clone(&place.log))
        .with_table_name("exchanges")
        .with_comment("Exchanges observed by Vedette; docs/reference/lake.md says what the columns mean")
        .with_save_mode(SaveMode::Ignore)
        .with_columns(COLUMNS.iter().map(field))
        .with_partition_columns([PARTITION])
        .with_raise_if_key_not_exists(false)
        .with_configuration(properties.map(|(key, value)| (key.to_owned(), Some(value))))
        .await
}

/// Version of the table's schema, when it is one that this program can read and write.
fn check(place: &Place, table: &DeltaTable) -> Result<u32, LakeError> {
    let lake = || place.name.to_string();
    let foreign = |reason: String| LakeError::Foreign { lake: lake(), reason };
    let state = table.snapshot().map_err(|source| LakeError::Log {
        lake: lake(),
        action: "read the log",
        source: Box::new(source),
    })?;
    let Some(found) = state.metadata().configuration().get(VERSION_PROPERTY) else {
        return Err(foreign(format!("it lacks the property {VERSION_PROPERTY}")));
    };
    let Ok(found) = found.parse() else {
        return Err(foreign(format!("its {VERSION_PROPERTY} is no number")));
    };
    if found > VERSION {
        return Err(LakeError::Newer { lake: lake(), found, known: VERSION });
    }
    let partitions = state.metadata().partition_columns();
    if !partitions.iter().map(String::as_str).eq([PARTITION]) {
        return Err(foreign(format!("it is not partitioned by {PARTITION}")));
    }
    let reader = state.protocol().min_reader_version();
    if reader > 1 {
        return Err(foreign(format!("another engine raised its reader version to {reader}")));
    }
    Ok(found)
}

/// Adds the columns that the table lacks.
async fn extend(place: &Place, table: &DeltaTable) -> Result<(), DeltaTableError> {
    let state = table.snapshot()?;
    let there = state.schema();
    let added: Vec<StructField> =
        COLUMNS.iter().filter(|column| there.field(column.name).is_none()).map(field).collect();
    let all = there.fields().cloned().chain(added.iter().cloned());
    let metadata = state.metadata().clone().with_schema(&StructType::try_new(all)?)?;
    let metadata = metadata.add_config_key(VERSION_PROPERTY.to_owned(), VERSION.to_string())?;
    CommitBuilder::default()
        .with_actions(vec![Action::Metadata(metadata)])
        .build(Some(state), Arc::clone(&place.log), DeltaOperation::AddColumn { fields: added })
        .await?;
    tracing::info!(lake = %place.name, version = VERSION, "the schema of the lake was extended");
    Ok(())
}

fn field(column: &Column) -> StructField {
    let kind = match column.kind {
        Kind::Text => DataType::STRING,
        Kind::Time => DataType::TIMESTAMP,
        Kind::Int => DataType::INTEGER,
        Kind::Long => DataType::LONG,
        Kind::Date => DataType::DATE,
    };
    StructField::new(column.name, kind, column.nullable)
}
