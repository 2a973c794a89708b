//! API tokens: `vdt_` and 64 hexadecimal digits, shown once, kept as a fingerprint.

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use vedette_model::Timestamp;
use vedette_model::limits::TOKENS_MAX;
use zeroize::Zeroizing;

use super::users::{self, NewUser};
use super::{DEFAULT_TENANT, State, StateError, is_orphan, names_of, names_to_json, new_id, signed};
use crate::keys;

/// What every token begins with, so that scanners for leaked secrets find it.
const PREFIX: &str = "vdt_";

/// One token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The tenant.
    pub tenant: String,
    /// Stable id.
    pub id: String,
    /// What it is for, in its maker's words.
    pub name: String,
    /// `ingest`, `read`, `hunt`, `triage`, `admin`.
    pub scopes: Vec<String>,
    /// Services that it is limited to; all when empty.
    pub services: Vec<String>,
    /// Who made it.
    pub user_id: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// Last use, to about a minute.
    pub used_at: Option<Timestamp>,
}

/// A token to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewToken {
    /// See [`Token::name`].
    pub name: String,
    /// See [`Token::scopes`].
    pub scopes: Vec<String>,
    /// See [`Token::services`].
    pub services: Vec<String>,
    /// See [`Token::expires_at`].
    pub expires_at: Option<Timestamp>,
}

/// A token with what must hold of its maker for it to be good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenOwner {
    /// The token.
    pub token: Token,
    /// The maker's name.
    pub name: String,
    /// The maker's role.
    pub role: String,
    /// Services that the maker owns.
    pub services: Vec<String>,
    /// Whether the maker may not log in; their tokens rest then.
    pub disabled: bool,
}

impl Token {
    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        Ok(Self {
            tenant: row.try_get("tenant")?,
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            scopes: names_of(row, "scopes")?,
            services: names_of(row, "services")?,
            user_id: row.try_get("user_id")?,
            created_at: Timestamp(row.try_get("created_at")?),
            expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(Timestamp),
            used_at: row.try_get::<Option<i64>, _>("used_at")?.map(Timestamp),
        })
    }
}

impl State {
    /// Every token of the tenant, newest first; at most [`TOKENS_MAX`].
    pub async fn tokens(&self, tenant: &str) -> Result<Vec<Token>, StateError> {
        let rows = sqlx::query(
            "SELECT tenant, id, name, scopes, services, user_id, created_at, expires_at, used_at FROM tokens \
             WHERE tenant = $1 ORDER BY created_at DESC, id DESC",
        )
        .bind(tenant)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Token::from_row).collect()
    }

    /// The token with this secret, expired or not, with its maker.
    pub async fn token(&self, secret: &str) -> Result<Option<TokenOwner>, StateError> {
        if !secret.starts_with(PREFIX) {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT t.tenant, t.id, t.name, t.scopes, t.services, t.user_id, t.created_at, t.expires_at, t.used_at, \
             u.name AS user_name, u.role AS user_role, u.services AS user_services, \
             u.disabled AS user_disabled FROM tokens t \
             JOIN users u ON u.tenant = t.tenant AND u.id = t.user_id WHERE t.hash = $1",
        )
        .bind(keys::fingerprint(secret))
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(TokenOwner {
            token: Token::from_row(&row)?,
            name: row.try_get("user_name")?,
            role: row.try_get("user_role")?,
            services: names_of(&row, "user_services")?,
            disabled: row.try_get::<i64, _>("user_disabled")? != 0,
        }))
    }

    /// Makes a token of the user. The secret is returned this once and kept nowhere.
    pub async fn create_token(
        &self,
        tenant: &str,
        user_id: &str,
        new: NewToken,
        now: Timestamp,
    ) -> Result<(Token, Zeroizing<String>), StateError> {
        let mut transaction = self.begin().await?;
        let made = insert(&mut transaction, tenant, user_id, new, now).await?;
        transaction.commit().await?;
        Ok(made)
    }

    /// Notes that the token is in use.
    pub async fn see_token(&self, tenant: &str, id: &str, now: Timestamp) -> Result<(), StateError> {
        sqlx::query("UPDATE tokens SET used_at = $3 WHERE tenant = $1 AND id = $2")
            .bind(tenant)
            .bind(id)
            .bind(now.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Revokes a token, of this user only when `user_id` is given. From now on it is unknown.
    pub async fn delete_token(&self, tenant: &str, id: &str, user_id: Option<&str>) -> Result<Token, StateError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "SELECT tenant, id, name, scopes, services, user_id, created_at, expires_at, used_at FROM tokens \
             WHERE tenant = $1 AND id = $2",
        )
        .bind(tenant)
        .bind(id)
        .fetch_optional(&mut *transaction)
        .await?;
        let token = row.as_ref().map(Token::from_row).transpose()?;
        let token = token.filter(|token| user_id.is_none_or(|user_id| user_id == token.user_id));
        let token = token.ok_or(StateError::Missing("token"))?;
        sqlx::query("DELETE FROM tokens WHERE tenant = $1 AND id = $2")
            .bind(tenant)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// The token of the first start: makes the default tenant, its administrator `admin` (without a password) and a
    /// token of all `scopes` when there is no user yet; `None` afterwards, so that it is printed once.
    pub async fn first_admin_token(
        &self,
        scopes: &[&str],
        now: Timestamp,
    ) -> Result<Option<Zeroizing<String>>, StateError> {
        if self.tenant(DEFAULT_TENANT).await?.is_none() {
            match self.create_tenant(DEFAULT_TENANT, "Default", now).await {
                // Another node of the same database was faster.
                Ok(_) | Err(StateError::Exists(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.tenant_admin_token(DEFAULT_TENANT, scopes, now).await
    }

    /// The token of a new tenant: as [`State::first_admin_token`], for a tenant that exists.
    pub async fn tenant_admin_token(
        &self,
        tenant: &str,
        scopes: &[&str],
        now: Timestamp,
    ) -> Result<Option<Zeroizing<String>>, StateError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM users WHERE tenant = $1")
            .bind(tenant)
            .fetch_one(&mut *transaction)
            .await?;
        if row.try_get::<i64, _>("n")? > 0 {
            return Ok(None);
        }
        let admin = NewUser { name: "admin".to_owned(), role: "admin".to_owned(), ..NewUser::default() };
        let admin = match users::insert(&mut transaction, tenant, admin, now).await {
            Err(StateError::Exists(_)) => return Ok(None),
            admin => admin?,
        };
        let secret = first_token(&mut transaction, tenant, &admin.id, scopes, now).await?;
        transaction.commit().await?;
        Ok(Some(secret))
    }

    /// A way back in for whoever holds the data folder: a new token of all `scopes` for the oldest administrator.
    /// [`StateError::Missing`] when the tenant has none.
    pub async fn recover_admin_token(
        &self,
        tenant: &str,
        scopes: &[&str],
        now: Timestamp,
    ) -> Result<Zeroizing<String>, StateError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "SELECT id FROM users WHERE tenant = $1 AND role = 'admin' AND disabled = 0 ORDER BY created_at, id LIMIT 1",
        )
        .bind(tenant)
        .fetch_optional(&mut *transaction)
        .await?;
        let id: String = row.ok_or(StateError::Missing("administrator"))?.try_get("id")?;
        let secret = first_token(&mut transaction, tenant, &id, scopes, now).await?;
        transaction.commit().await?;
        Ok(secret)
    }
}

async fn first_token(
    transaction: &mut Transaction<'static, Any>,
    tenant: &str,
    user_id: &str,
    scopes: &[&str],
    now: Timestamp,
) -> Result<Zeroizing<String>, StateError> {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let new = NewToken { name: "admin token".to_owned(), scopes, ..NewToken::default() };
    let (_, secret) = insert(transaction, tenant, user_id, new, now).await?;
    Ok(secret)
}

async fn insert(
    transaction: &mut Transaction<'static, Any>,
    tenant: &str,
    user_id: &str,
    new: NewToken,
    now: Timestamp,
) -> Result<(Token, Zeroizing<String>), StateError> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM tokens WHERE tenant = $1")
        .bind(tenant)
        .fetch_one(&mut **transaction)
        .await?;
    if row.try_get::<i64, _>("n")? >= signed(TOKENS_MAX) {
        return Err(StateError::Full { what: "tokens", limit: TOKENS_MAX });
    }
    let bytes = Zeroizing::new(keys::random::<32>()?);
    let secret = Zeroizing::new(format!("{PREFIX}{}", keys::hex(bytes.as_slice())));
    let token = Token {
        tenant: tenant.to_owned(),
        id: new_id(),
        name: new.name,
        scopes: new.scopes,
        services: new.services,
        user_id: user_id.to_owned(),
        created_at: now,
        expires_at: new.expires_at,
        used_at: None,
    };
    sqlx::query(
        "INSERT INTO tokens (tenant, id, name, hash, scopes, services, user_id, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tenant)
    .bind(token.id.as_str())
    .bind(token.name.as_str())
    .bind(keys::fingerprint(&secret))
    .bind(names_to_json(&token.scopes))
    .bind(names_to_json(&token.services))
    .bind(user_id)
    .bind(now.0)
    .bind(token.expires_at.map(|at| at.0))
    .execute(&mut **transaction)
    .await
    .map_err(|error| if is_orphan(&error) { StateError::Missing("user") } else { error.into() })?;
    Ok((token, secret))
}
