//! Answers that are kept for a client that asks twice with one `Idempotency-Key`.

use std::time::Duration;

use sqlx::Row;
use vedette_model::Timestamp;
use vedette_model::limits::{IDEMPOTENCY_BODY_BYTES_MAX, IDEMPOTENCY_KEPT, IDEMPOTENCY_KEYS_MAX, IDEMPOTENCY_PENDING};

use super::{State, StateError, is_orphan, signed};

/// An answer that was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// HTTP status.
    pub status: u16,
    /// The headers worth repeating, as JSON text of the caller's choice.
    pub headers: String,
    /// The body.
    pub body: String,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// Nothing: do it, then [`State::keep_answer`] or [`State::forget_answer`].
    New,
    /// It was done: answer this again.
    Done(Kept),
    /// It is being done by another request.
    Pending,
    /// The key was used for another request.
    Other,
}

impl State {
    /// Looks a key of a principal up and takes it when it is new. `request` is a fingerprint of method, path and body.
    /// A key is forgotten a day after, and one whose request never ended (a crash) after some minutes.
    pub async fn take_key(
        &self,
        tenant: &str,
        principal: &str,
        key: &str,
        request: &str,
        now: Timestamp,
    ) -> Result<Replay, StateError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM idempotency WHERE created_at <= $1 OR (status IS NULL AND created_at <= $2)")
            .bind(before(now, IDEMPOTENCY_KEPT))
            .bind(before(now, IDEMPOTENCY_PENDING))
            .execute(&mut *transaction)
            .await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM idempotency WHERE tenant = $1 AND principal = $2")
            .bind(tenant)
            .bind(principal)
            .fetch_one(&mut *transaction)
            .await?;
        if row.try_get::<i64, _>("n")? >= signed(IDEMPOTENCY_KEYS_MAX) {
            return Err(StateError::Full { what: "idempotency keys of a day", limit: IDEMPOTENCY_KEYS_MAX });
        }
        let taken = sqlx::query(
            "INSERT INTO idempotency (tenant, principal, name, request, headers, body, created_at) \
             VALUES ($1, $2, $3, $4, '', '', $5) ON CONFLICT (tenant, principal, name) DO NOTHING",
        )
        .bind(tenant)
        .bind(principal)
        .bind(key)
        .bind(request)
        .bind(now.0)
        .execute(&mut *transaction)
        .await
        .map_err(|error| if is_orphan(&error) { StateError::Missing("tenant") } else { error.into() })?;
        let row = sqlx::query(
            "SELECT request, status, headers, body FROM idempotency \
             WHERE tenant = $1 AND principal = $2 AND name = $3",
        )
        .bind(tenant)
        .bind(principal)
        .bind(key)
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        if taken.rows_affected() == 1 {
            return Ok(Replay::New);
        }
        if row.try_get::<String, _>("request")? != request {
            return Ok(Replay::Other);
        }
        let Some(status) = row.try_get::<Option<i64>, _>("status")? else { return Ok(Replay::Pending) };
        let status = u16::try_from(status).map_err(|_| StateError::Malformed("status"))?;
        Ok(Replay::Done(Kept { status, headers: row.try_get("headers")?, body: row.try_get("body")? }))
    }

    /// Keeps the answer of a taken key. One that is too large is forgotten instead: the key can be used again.
    pub async fn keep_answer(&self, tenant: &str, principal: &str, key: &str, answer: Kept) -> Result<(), StateError> {
        if answer.body.len() + answer.headers.len() > IDEMPOTENCY_BODY_BYTES_MAX {
            return self.forget_answer(tenant, principal, key).await;
        }
        sqlx::query(
            "UPDATE idempotency SET status = $4, headers = $5, body = $6 \
             WHERE tenant = $1 AND principal = $2 AND name = $3",
        )
        .bind(tenant)
        .bind(principal)
        .bind(key)
        .bind(i64::from(answer.status))
        .bind(answer.headers)
        .bind(answer.body)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Gives a taken key back: the request failed in a way that is worth trying again.
    pub async fn forget_answer(&self, tenant: &str, principal: &str, key: &str) -> Result<(), StateError> {
        sqlx::query("DELETE FROM idempotency WHERE tenant = $1 AND principal = $2 AND name = $3")
            .bind(tenant)
            .bind(principal)
            .bind(key)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn before(now: Timestamp, age: Duration) -> i64 {
    now.0.saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX))
}
