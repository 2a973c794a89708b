//! Tenants: organizations that share a Vedette and see nothing of one another.

use sqlx::Row;
use sqlx::any::AnyRow;
use vedette_model::Timestamp;
use vedette_model::limits::{NAME_BYTES_MAX, TENANTS_MAX};

use super::{State, StateError, is_taken, signed};

/// The tenant that exists from the first start, and whose administrators run the whole Vedette.
pub const DEFAULT_TENANT: &str = "default";

/// One tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Id: lower-case letters, digits and dashes; also the name of its folder.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Since when.
    pub created_at: Timestamp,
}

impl Tenant {
    /// Whether `id` can be a tenant's: 1 to 64 lower-case letters, digits and dashes, no dash first. Such an id is
    /// safe as a folder's name and as part of an object's key.
    pub fn valid_id(id: &str) -> bool {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=64).contains(&id.len()) && id.bytes().all(fits) && !id.starts_with('-')
    }

    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        Ok(Self {
            id: row.try_get("id")?,
            title: row.try_get("title")?,
            created_at: Timestamp(row.try_get("created_at")?),
        })
    }
}

impl State {
    /// Every tenant, by id.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StateError> {
        let rows = sqlx::query("SELECT id, title, created_at FROM tenants ORDER BY id").fetch_all(&self.pool).await?;
        rows.iter().map(Tenant::from_row).collect()
    }

    /// One tenant.
    pub async fn tenant(&self, tenant: &str) -> Result<Option<Tenant>, StateError> {
        let row = sqlx::query("SELECT id, title, created_at FROM tenants WHERE id = $1")
            .bind(tenant)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(Tenant::from_row).transpose()
    }

    /// Adds a tenant with the empty head of its audit log, so that a log that is later missing shows.
    pub async fn create_tenant(&self, tenant: &str, title: &str, now: Timestamp) -> Result<Tenant, StateError> {
        if !Tenant::valid_id(tenant) || title.len() > NAME_BYTES_MAX {
            return Err(StateError::Malformed("tenant"));
        }
        let mut transaction = self.begin().await?;
        let count: i64 =
            sqlx::query("SELECT COUNT(*) AS n FROM tenants").fetch_one(&mut *transaction).await?.try_get("n")?;
        if count >= signed(TENANTS_MAX) {
            return Err(StateError::Full { what: "tenants", limit: TENANTS_MAX });
        }
        sqlx::query("INSERT INTO tenants (id, title, created_at) VALUES ($1, $2, $3)")
            .bind(tenant)
            .bind(title)
            .bind(now.0)
            .execute(&mut *transaction)
            .await
            .map_err(|error| if is_taken(&error) { StateError::Exists("tenant") } else { error.into() })?;
        self.audit.found(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(Tenant { id: tenant.to_owned(), title: title.to_owned(), created_at: now })
    }
}
