//! `edges`: which service calls which.

use std::sync::Arc;

use datafusion::catalog::TableProvider;
use datafusion::catalog::view::ViewTable;
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::{count, count_distinct, max, min, sum};
use datafusion::logical_expr::{LogicalPlanBuilder, cast, col, lit, when};

use super::{Column, Kind, Rows, Table, column};

pub(super) const TABLE: Table = Table {
    name: "edges",
    about: "One row per pair of services of which one calls the other (east-west), counted over the exchanges in the \
            lake. Empty while no source names the calling service.",
    example: "select caller, service, exchanges from edges where encrypted = 0 order by exchanges desc",
    columns: COLUMNS,
    rows: Rows::Exchanges,
};

const COLUMNS: &[Column] = &[
    column("caller", Kind::Text, "calling service"),
    column("service", Kind::Text, "called service"),
    column("exchanges", Kind::Integer, "exchanges"),
    column("errors", Kind::Integer, "of them with a status of 400 or more"),
    column("endpoints", Kind::Integer, "distinct endpoints called"),
    column("encrypted", Kind::Integer, "exchanges that the source says were under TLS"),
    column("first_seen_at", Kind::Time, "first exchange"),
    column("last_seen_at", Kind::Time, "last exchange"),
];

/// The table over the exchanges of a lake.
///
/// # Errors
/// When the exchanges lack a column.
pub fn edges_of(exchanges: Arc<dyn TableProvider>) -> Result<Arc<dyn TableProvider>> {
    let one_if = |condition| when(condition, lit(1_i64)).otherwise(lit(0_i64));
    let plan = LogicalPlanBuilder::scan("exchanges", provider_as_source(exchanges), None)?
        .filter(col("caller").is_not_null().and(col("caller").not_eq(lit(""))))?
        .aggregate(
            [col("caller"), col("service")],
            [
                count(lit(1_i64)).alias("exchanges"),
                sum(one_if(col("status").gt_eq(lit(400)))?).alias("errors"),
                count_distinct(col("endpoint")).alias("endpoints"),
                count(col("tls_version")).alias("encrypted"),
                min(col("at")).alias("first_seen_at"),
                max(col("at")).alias("last_seen_at"),
            ],
        )?
        .project(COLUMNS.iter().map(|column| cast(col(column.name), column.kind.data_type()).alias(column.name)))?
        .build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}
