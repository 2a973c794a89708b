//! Settings that are changed while the program runs: JSON values by name. Which there are is decided by the caller.

use sqlx::Row;
use sqlx::any::AnyRow;
use vedette_model::Timestamp;
use vedette_model::limits::SETTINGS_MAX;

use super::{State, StateError, is_orphan, is_taken};

/// Selects everything about settings.
macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT name, value, updated_by, updated_at, version FROM settings ", $tail)
    };
}

/// One setting that differs from its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// JSON text.
    pub value: String,
    /// Who set it.
    pub updated_by: String,
    /// When.
    pub updated_at: Timestamp,
    /// Counts changes; for `If-Match`.
    pub version: i64,
}

impl Setting {
    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        Ok(Self {
            name: row.try_get("name")?,
            value: row.try_get("value")?,
            updated_by: row.try_get("updated_by")?,
            updated_at: Timestamp(row.try_get("updated_at")?),
            version: row.try_get("version")?,
        })
    }
}

impl State {
    /// Every setting of the tenant that was set, by name; at most [`SETTINGS_MAX`].
    pub async fn settings(&self, tenant: &str) -> Result<Vec<Setting>, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 ORDER BY name"));
        let rows = query.bind(tenant).fetch_all(&self.pool).await?;
        rows.iter().map(Setting::from_row).collect()
    }

    /// One setting, if it was set.
    pub async fn setting(&self, tenant: &str, name: &str) -> Result<Option<Setting>, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 AND name = $2"));
        let row = query.bind(tenant).bind(name).fetch_optional(&self.pool).await?;
        row.as_ref().map(Setting::from_row).transpose()
    }

    /// Sets a setting whose version is `version` (0: not set yet; any when `None`).
    pub async fn set_setting(
        &self,
        tenant: &str,
        name: &str,
        version: Option<i64>,
        value: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<Setting, StateError> {
        let mut transaction = self.begin().await?;
        let query = sqlx::query(select!("WHERE tenant = $1 ORDER BY name"));
        let rows = query.bind(tenant).fetch_all(&mut *transaction).await?;
        let set = rows.iter().map(Setting::from_row).collect::<Result<Vec<_>, _>>()?;
        let before = set.iter().find(|setting| setting.name == name).map_or(0, |setting| setting.version);
        if version.is_some_and(|version| version != before) {
            return Err(StateError::Conflict);
        }
        if before == 0 && set.len() >= SETTINGS_MAX {
            return Err(StateError::Full { what: "settings", limit: SETTINGS_MAX });
        }
        let statement = if before == 0 {
            "INSERT INTO settings (tenant, name, value, updated_by, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6)"
        } else {
            "UPDATE settings SET value = $3, updated_by = $4, updated_at = $5, version = $6 \
             WHERE tenant = $1 AND name = $2 AND version = $6 - 1"
        };
        let done = sqlx::query(statement)
            .bind(tenant)
            .bind(name)
            .bind(value)
            .bind(who)
            .bind(now.0)
            .bind(before + 1)
            .execute(&mut *transaction)
            .await
            .map_err(|error| match error {
                error if is_taken(&error) => StateError::Conflict,
                error if is_orphan(&error) => StateError::Missing("tenant"),
                error => error.into(),
            })?;
        if done.rows_affected() != 1 {
            return Err(StateError::Conflict);
        }
        transaction.commit().await?;
        Ok(Setting {
            name: name.to_owned(),
            value: value.to_owned(),
            updated_by: who.to_owned(),
            updated_at: now,
            version: before + 1,
        })
    }

    /// Puts a setting back to its default.
    pub async fn unset_setting(&self, tenant: &str, name: &str) -> Result<(), StateError> {
        let done = sqlx::query("DELETE FROM settings WHERE tenant = $1 AND name = $2")
            .bind(tenant)
            .bind(name)
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StateError::Missing("setting")) }
    }
}
