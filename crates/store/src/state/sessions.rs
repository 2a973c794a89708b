//! Sessions: logins by cookie. Only the hash of a session's id is kept.

use sqlx::Row;
use sqlx::any::AnyRow;
use vedette_model::Timestamp;
use vedette_model::limits::SESSIONS_PER_USER_MAX;

use super::{State, StateError, is_orphan, signed};

/// One login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The tenant.
    pub tenant: String,
    /// Who logged in.
    pub user_id: String,
    /// Fingerprint of the session's id.
    pub hash: String,
    /// When.
    pub created_at: Timestamp,
    /// Last request, to about a minute.
    pub seen_at: Timestamp,
    /// End at the latest.
    pub expires_at: Timestamp,
}

impl Session {
    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        Ok(Self {
            tenant: row.try_get("tenant")?,
            user_id: row.try_get("user_id")?,
            hash: row.try_get("hash")?,
            created_at: Timestamp(row.try_get("created_at")?),
            seen_at: Timestamp(row.try_get("seen_at")?),
            expires_at: Timestamp(row.try_get("expires_at")?),
        })
    }
}

impl State {
    /// Notes a login and the user's last login. Sessions that ended are swept, and of one user's only the newest
    /// [`SESSIONS_PER_USER_MAX`] stay.
    pub async fn create_session(
        &self,
        tenant: &str,
        user_id: &str,
        hash: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StateError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(now.0).execute(&mut *transaction).await?;
        sqlx::query(
            "DELETE FROM sessions WHERE tenant = $1 AND user_id = $2 AND hash NOT IN (SELECT hash FROM sessions \
             WHERE tenant = $1 AND user_id = $2 ORDER BY created_at DESC, hash LIMIT $3)",
        )
        .bind(tenant)
        .bind(user_id)
        .bind(signed(SESSIONS_PER_USER_MAX) - 1)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO sessions (hash, tenant, user_id, created_at, seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $4, $5)",
        )
        .bind(hash)
        .bind(tenant)
        .bind(user_id)
        .bind(now.0)
        .bind(expires_at.0)
        .execute(&mut *transaction)
        .await
        .map_err(|error| if is_orphan(&error) { StateError::Missing("user") } else { error.into() })?;
        sqlx::query("UPDATE users SET login_at = $3 WHERE tenant = $1 AND id = $2")
            .bind(tenant)
            .bind(user_id)
            .bind(now.0)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The session with this fingerprint, ended or not.
    pub async fn session(&self, hash: &str) -> Result<Option<Session>, StateError> {
        let row =
            sqlx::query("SELECT tenant, user_id, hash, created_at, seen_at, expires_at FROM sessions WHERE hash = $1")
                .bind(hash)
                .fetch_optional(&self.pool)
                .await?;
        row.as_ref().map(Session::from_row).transpose()
    }

    /// Notes that the session is in use.
    pub async fn see_session(&self, tenant: &str, hash: &str, now: Timestamp) -> Result<(), StateError> {
        sqlx::query("UPDATE sessions SET seen_at = $3 WHERE tenant = $1 AND hash = $2 AND seen_at < $3")
            .bind(tenant)
            .bind(hash)
            .bind(now.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends one session.
    pub async fn end_session(&self, tenant: &str, hash: &str) -> Result<(), StateError> {
        sqlx::query("DELETE FROM sessions WHERE tenant = $1 AND hash = $2")
            .bind(tenant)
            .bind(hash)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends all sessions of a user, but the one with the fingerprint `except`. Returns how many.
    pub async fn end_sessions(&self, tenant: &str, user_id: &str, except: Option<&str>) -> Result<u64, StateError> {
        let done = sqlx::query("DELETE FROM sessions WHERE tenant = $1 AND user_id = $2 AND hash <> $3")
            .bind(tenant)
            .bind(user_id)
            .bind(except.unwrap_or_default())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}
