//! Saved hunts: SQL that somebody wants to run again.

use sqlx::Row;
use sqlx::any::AnyRow;
use vedette_model::Timestamp;
use vedette_model::limits::SAVED_HUNTS_MAX;

use super::{State, StateError, is_orphan, new_id, signed};

/// Selects everything about hunts.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, title, description, statement, parameters, owner, created_at, updated_at, version FROM hunts ",
            $tail
        )
    };
}

/// One saved hunt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunt {
    /// Stable id.
    pub id: String,
    /// What it says.
    pub text: HuntText,
    /// Who saved it.
    pub owner: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Counts changes; for `If-Match`.
    pub version: i64,
}

/// What a hunt says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HuntText {
    /// Its name for people.
    pub title: String,
    /// What it finds, and what to do then.
    pub description: String,
    /// The SQL.
    pub sql: String,
    /// Its parameters with their defaults, as the JSON text that the caller gave.
    pub parameters: String,
}

impl Hunt {
    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        Ok(Self {
            id: row.try_get("id")?,
            text: HuntText {
                title: row.try_get("title")?,
                description: row.try_get("description")?,
                sql: row.try_get("statement")?,
                parameters: row.try_get("parameters")?,
            },
            owner: row.try_get("owner")?,
            created_at: Timestamp(row.try_get("created_at")?),
            updated_at: Timestamp(row.try_get("updated_at")?),
            version: row.try_get("version")?,
        })
    }
}

impl State {
    /// Every saved hunt of the tenant, oldest first; at most [`SAVED_HUNTS_MAX`].
    pub async fn hunts(&self, tenant: &str) -> Result<Vec<Hunt>, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 ORDER BY id"));
        let rows = query.bind(tenant).fetch_all(&self.pool).await?;
        rows.iter().map(Hunt::from_row).collect()
    }

    /// One saved hunt.
    pub async fn hunt(&self, tenant: &str, id: &str) -> Result<Option<Hunt>, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 AND id = $2"));
        let row = query.bind(tenant).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(Hunt::from_row).transpose()
    }

    /// Saves a hunt.
    pub async fn create_hunt(
        &self,
        tenant: &str,
        text: HuntText,
        owner: &str,
        now: Timestamp,
    ) -> Result<Hunt, StateError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM hunts WHERE tenant = $1")
            .bind(tenant)
            .fetch_one(&mut *transaction)
            .await?;
        if row.try_get::<i64, _>("n")? >= signed(SAVED_HUNTS_MAX) {
            return Err(StateError::Full { what: "saved hunts", limit: SAVED_HUNTS_MAX });
        }
        let hunt = Hunt { id: new_id(), text, owner: owner.to_owned(), created_at: now, updated_at: now, version: 1 };
        sqlx::query(
            "INSERT INTO hunts (tenant, id, title, description, statement, parameters, owner, created_at, updated_at, \
             version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 1)",
        )
        .bind(tenant)
        .bind(hunt.id.as_str())
        .bind(hunt.text.title.as_str())
        .bind(hunt.text.description.as_str())
        .bind(hunt.text.sql.as_str())
        .bind(hunt.text.parameters.as_str())
        .bind(owner)
        .bind(now.0)
        .execute(&mut *transaction)
        .await
        .map_err(|error| if is_orphan(&error) { StateError::Missing("tenant") } else { error.into() })?;
        transaction.commit().await?;
        Ok(hunt)
    }

    /// Changes a hunt whose version is `version` (any when `None`).
    pub async fn update_hunt(
        &self,
        tenant: &str,
        id: &str,
        version: Option<i64>,
        text: HuntText,
        now: Timestamp,
    ) -> Result<Hunt, StateError> {
        let done = sqlx::query(
            "UPDATE hunts SET title = $4, description = $5, statement = $6, parameters = $7, updated_at = $8, \
             version = version + 1 WHERE tenant = $1 AND id = $2 AND (version = $3 OR $3 = 0)",
        )
        .bind(tenant)
        .bind(id)
        .bind(version.unwrap_or(0))
        .bind(text.title)
        .bind(text.description)
        .bind(text.sql)
        .bind(text.parameters)
        .bind(now.0)
        .execute(&self.pool)
        .await?;
        let hunt = self.hunt(tenant, id).await?.ok_or(StateError::Missing("hunt"))?;
        if done.rows_affected() == 1 { Ok(hunt) } else { Err(StateError::Conflict) }
    }

    /// Forgets a hunt.
    pub async fn delete_hunt(&self, tenant: &str, id: &str) -> Result<(), StateError> {
        let done = sqlx::query("DELETE FROM hunts WHERE tenant = $1 AND id = $2")
            .bind(tenant)
            .bind(id)
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StateError::Missing("hunt")) }
    }
}
