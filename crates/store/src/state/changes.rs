//! The feed of what changed in the inventory: numbered without gaps per tenant, the oldest forgotten.

use sqlx::Row;
use sqlx::any::AnyRow;
use vedette_model::Timestamp;
use vedette_model::limits::CHANGES_KEPT_MAX;

use super::{State, StateError, is_orphan, signed};

/// One entry of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number: the next entry's is one more.
    pub seq: u64,
    /// What.
    pub change: NewChange,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// When.
    pub at: Timestamp,
    /// Kebab-case id of the kind.
    pub kind: String,
    /// The service.
    pub service: String,
    /// The endpoint's id, or nothing when the change is the service's.
    pub endpoint: String,
    /// The whole change as JSON.
    pub detail: String,
}

impl Change {
    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        Ok(Self {
            seq: row.try_get::<i64, _>("seq")?.unsigned_abs(),
            change: NewChange {
                at: Timestamp(row.try_get("at")?),
                kind: row.try_get("kind")?,
                service: row.try_get("service")?,
                endpoint: row.try_get("endpoint")?,
                detail: row.try_get("detail")?,
            },
        })
    }
}

impl State {
    /// Appends changes in this order, all or none, and forgets the oldest beyond [`CHANGES_KEPT_MAX`]. Returns the
    /// number of the last entry, 0 when there never was one.
    pub async fn append_changes(&self, tenant: &str, changes: &[NewChange]) -> Result<u64, StateError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "INSERT INTO counters (tenant, name, value) VALUES ($1, 'changes', $2) \
             ON CONFLICT (tenant, name) DO UPDATE SET value = counters.value + $2 RETURNING value",
        )
        .bind(tenant)
        .bind(signed(changes.len()))
        .fetch_one(&mut *transaction)
        .await
        .map_err(|error| if is_orphan(&error) { StateError::Missing("tenant") } else { error.into() })?;
        let last: i64 = row.try_get("value")?;
        let first = last - signed(changes.len()) + 1;
        for (seq, change) in (first..).zip(changes) {
            sqlx::query(
                "INSERT INTO changes (tenant, seq, at, kind, service, endpoint, detail) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(tenant)
            .bind(seq)
            .bind(change.at.0)
            .bind(change.kind.as_str())
            .bind(change.service.as_str())
            .bind(change.endpoint.as_str())
            .bind(change.detail.as_str())
            .execute(&mut *transaction)
            .await?;
        }
        sqlx::query("DELETE FROM changes WHERE tenant = $1 AND seq <= $2")
            .bind(tenant)
            .bind(last - CHANGES_KEPT_MAX)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(last.unsigned_abs())
    }

    /// Up to `limit` changes after the one numbered `after`, oldest first.
    pub async fn changes_after(&self, tenant: &str, after: u64, limit: u32) -> Result<Vec<Change>, StateError> {
        let query = sqlx::query(
            "SELECT seq, at, kind, service, endpoint, detail FROM changes WHERE tenant = $1 AND seq > $2 \
             ORDER BY seq LIMIT $3",
        );
        self.select_changes(query.bind(tenant).bind(number(after)).bind(i64::from(limit))).await
    }

    /// Up to `limit` changes before the one numbered `before` (the newest when `None`), newest first.
    pub async fn changes_before(
        &self,
        tenant: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Change>, StateError> {
        let query = sqlx::query(
            "SELECT seq, at, kind, service, endpoint, detail FROM changes WHERE tenant = $1 AND seq < $2 \
             ORDER BY seq DESC LIMIT $3",
        );
        self.select_changes(query.bind(tenant).bind(before.map_or(i64::MAX, number)).bind(i64::from(limit))).await
    }

    /// Up to `limit` changes of one endpoint, newest first.
    pub async fn changes_of_endpoint(
        &self,
        tenant: &str,
        endpoint: &str,
        limit: u32,
    ) -> Result<Vec<Change>, StateError> {
        let query = sqlx::query(
            "SELECT seq, at, kind, service, endpoint, detail FROM changes WHERE tenant = $1 AND endpoint = $2 \
             ORDER BY seq DESC LIMIT $3",
        );
        self.select_changes(query.bind(tenant).bind(endpoint).bind(i64::from(limit))).await
    }

    async fn select_changes(
        &self,
        query: sqlx::query::Query<'_, sqlx::Any, sqlx::any::AnyArguments>,
    ) -> Result<Vec<Change>, StateError> {
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(Change::from_row).collect()
    }
}

/// A number as the database has it; none beyond its range exists.
fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
