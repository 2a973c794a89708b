//! Users: people with a name, a role, and a password, a second factor or a login elsewhere.

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use vedette_model::Timestamp;
use vedette_model::limits::USERS_MAX;

use super::{State, StateError, is_orphan, is_taken, names_of, names_to_json, new_id, signed};

/// The role whose last holder cannot go.
const ADMIN: &str = "admin";

/// Selects everything about users.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT tenant, id, name, role, services, password, subject, totp, totp_confirmed, totp_step, disabled, ",
            "created_at, updated_at, login_at, version FROM users ",
            $tail
        )
    };
}

/// One user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The tenant.
    pub tenant: String,
    /// Stable id.
    pub id: String,
    /// Name to log in with; unique in the tenant, lower case.
    pub name: String,
    /// `viewer`, `analyst`, `developer` or `admin`.
    pub role: String,
    /// Services that a developer owns.
    pub services: Vec<String>,
    /// PHC string of the password (argon2id), if the user has one.
    pub password: Option<String>,
    /// Issuer and subject of an OIDC login, if the user has one.
    pub subject: Option<String>,
    /// Second factor's secret, [sealed](crate::keys::DataKey::seal) by the caller.
    pub totp: Option<String>,
    /// Whether the user has proved the second factor; only then it is asked for.
    pub totp_confirmed: bool,
    /// Last time step whose code was used; older codes and this one are refused.
    pub totp_step: i64,
    /// Whether the user may not log in.
    pub disabled: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// Last login.
    pub login_at: Option<Timestamp>,
    /// Counts changes; for `If-Match`.
    pub version: i64,
}

/// A user to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewUser {
    /// See [`User::name`].
    pub name: String,
    /// See [`User::role`].
    pub role: String,
    /// See [`User::services`].
    pub services: Vec<String>,
    /// See [`User::password`].
    pub password: Option<String>,
    /// See [`User::subject`].
    pub subject: Option<String>,
}

/// What to change of a user; `None` leaves it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    /// New role.
    pub role: Option<String>,
    /// New services.
    pub services: Option<Vec<String>>,
    /// Disable or enable.
    pub disabled: Option<bool>,
    /// New password's PHC string.
    pub password: Option<String>,
}

impl UserChange {
    /// Whether it changes what the user may do or how they prove who they are: then logins end.
    fn ends_sessions(&self) -> bool {
        self.role.is_some() || self.services.is_some() || self.disabled.is_some() || self.password.is_some()
    }
}

impl User {
    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        Ok(Self {
            tenant: row.try_get("tenant")?,
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            role: row.try_get("role")?,
            services: names_of(row, "services")?,
            password: row.try_get("password")?,
            subject: row.try_get("subject")?,
            totp: row.try_get("totp")?,
            totp_confirmed: row.try_get::<i64, _>("totp_confirmed")? != 0,
            totp_step: row.try_get("totp_step")?,
            disabled: row.try_get::<i64, _>("disabled")? != 0,
            created_at: Timestamp(row.try_get("created_at")?),
            updated_at: Timestamp(row.try_get("updated_at")?),
            login_at: row.try_get::<Option<i64>, _>("login_at")?.map(Timestamp),
            version: row.try_get("version")?,
        })
    }
}

impl State {
    /// Every user of the tenant, by name; at most [`USERS_MAX`].
    pub async fn users(&self, tenant: &str) -> Result<Vec<User>, StateError> {
        let rows = sqlx::query(select!("WHERE tenant = $1 ORDER BY name")).bind(tenant).fetch_all(&self.pool).await?;
        rows.iter().map(User::from_row).collect()
    }

    /// One user by id.
    pub async fn user(&self, tenant: &str, id: &str) -> Result<Option<User>, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 AND id = $2"));
        let row = query.bind(tenant).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(User::from_row).transpose()
    }

    /// One user by the name they log in with.
    pub async fn user_by_name(&self, tenant: &str, name: &str) -> Result<Option<User>, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 AND name = $2"));
        let row = query.bind(tenant).bind(name).fetch_optional(&self.pool).await?;
        row.as_ref().map(User::from_row).transpose()
    }

    /// One user by the identity that an OIDC provider vouches for.
    pub async fn user_by_subject(&self, tenant: &str, subject: &str) -> Result<Option<User>, StateError> {
        let query = sqlx::query(select!("WHERE tenant = $1 AND subject = $2"));
        let row = query.bind(tenant).bind(subject).fetch_optional(&self.pool).await?;
        row.as_ref().map(User::from_row).transpose()
    }

    /// Adds a user. [`StateError::Exists`] when the name or the subject is taken.
    pub async fn create_user(&self, tenant: &str, new: NewUser, now: Timestamp) -> Result<User, StateError> {
        let mut transaction = self.begin().await?;
        let user = insert(&mut transaction, tenant, new, now).await?;
        transaction.commit().await?;
        Ok(user)
    }

    /// Changes a user whose version is `version` (any when `None`). What changes their rights or their password ends
    /// all their sessions. Their tokens stay; they never do more than their maker may do at that moment.
    pub async fn update_user(
        &self,
        tenant: &str,
        id: &str,
        version: Option<i64>,
        change: &UserChange,
        now: Timestamp,
    ) -> Result<User, StateError> {
        let mut transaction = self.begin().await?;
        let mut user = locked(&mut transaction, tenant, id).await?;
        if version.is_some_and(|version| version != user.version) {
            return Err(StateError::Conflict);
        }
        let was_admin = user.role == ADMIN && !user.disabled;
        apply(&mut user, change, now);
        if was_admin && (user.role != ADMIN || user.disabled) {
            keep_an_admin(&mut transaction, tenant, id).await?;
        }
        store(&mut transaction, &user).await?;
        if change.ends_sessions() {
            sqlx::query("DELETE FROM sessions WHERE tenant = $1 AND user_id = $2")
                .bind(tenant)
                .bind(id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(user)
    }

    /// Removes a user with their sessions, tokens and recovery codes. What they wrote (judgments, comments, audit)
    /// stays.
    pub async fn delete_user(&self, tenant: &str, id: &str) -> Result<(), StateError> {
        let mut transaction = self.begin().await?;
        let user = locked(&mut transaction, tenant, id).await?;
        if user.role == ADMIN && !user.disabled {
            keep_an_admin(&mut transaction, tenant, id).await?;
        }
        sqlx::query("DELETE FROM users WHERE tenant = $1 AND id = $2")
            .bind(tenant)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Gives a user a second factor's sealed secret that is still to be confirmed, in place of an unconfirmed one.
    /// [`StateError::Exists`] when a confirmed one is there.
    pub async fn set_totp(&self, tenant: &str, id: &str, sealed: &str, now: Timestamp) -> Result<(), StateError> {
        let mut transaction = self.begin().await?;
        let mut user = locked(&mut transaction, tenant, id).await?;
        if user.totp_confirmed {
            return Err(StateError::Exists("second factor"));
        }
        user.totp = Some(sealed.to_owned());
        touch(&mut user, now);
        store(&mut transaction, &user).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Confirms the second factor with the time step of a right code, and replaces the recovery codes by those with
    /// these hashes.
    pub async fn confirm_totp(
        &self,
        tenant: &str,
        id: &str,
        step: i64,
        recovery: &[String],
        now: Timestamp,
    ) -> Result<(), StateError> {
        let mut transaction = self.begin().await?;
        let mut user = locked(&mut transaction, tenant, id).await?;
        if user.totp.is_none() || step <= user.totp_step {
            return Err(StateError::Conflict);
        }
        user.totp_confirmed = true;
        user.totp_step = step;
        touch(&mut user, now);
        store(&mut transaction, &user).await?;
        forget_recovery(&mut transaction, tenant, id).await?;
        for hash in recovery {
            sqlx::query("INSERT INTO recovery_codes (tenant, user_id, hash) VALUES ($1, $2, $3)")
                .bind(tenant)
                .bind(id)
                .bind(hash.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Takes the second factor and its recovery codes away. The last step stays, so that an old code is not new again.
    pub async fn remove_totp(&self, tenant: &str, id: &str, now: Timestamp) -> Result<(), StateError> {
        let mut transaction = self.begin().await?;
        let mut user = locked(&mut transaction, tenant, id).await?;
        user.totp = None;
        user.totp_confirmed = false;
        touch(&mut user, now);
        store(&mut transaction, &user).await?;
        forget_recovery(&mut transaction, tenant, id).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Uses the code of a time step up; `false` when it or a later one was used before. Of two logins that race with
    /// one code, one wins.
    pub async fn use_totp_step(&self, tenant: &str, id: &str, step: i64) -> Result<bool, StateError> {
        let done = sqlx::query("UPDATE users SET totp_step = $3 WHERE tenant = $1 AND id = $2 AND totp_step < $3")
            .bind(tenant)
            .bind(id)
            .bind(step)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Uses a recovery code up, known by its hash; `false` when there is none such.
    pub async fn use_recovery_code(&self, tenant: &str, id: &str, hash: &str) -> Result<bool, StateError> {
        let done = sqlx::query("DELETE FROM recovery_codes WHERE tenant = $1 AND user_id = $2 AND hash = $3")
            .bind(tenant)
            .bind(id)
            .bind(hash)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// How many recovery codes are left.
    pub async fn recovery_codes_left(&self, tenant: &str, id: &str) -> Result<u64, StateError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM recovery_codes WHERE tenant = $1 AND user_id = $2")
            .bind(tenant)
            .bind(id)
            .fetch_one(&self.pool)
            .await?;
        Ok(row.try_get::<i64, _>("n")?.unsigned_abs())
    }
}

/// Adds a user within a transaction.
pub(super) async fn insert(
    transaction: &mut Transaction<'static, Any>,
    tenant: &str,
    new: NewUser,
    now: Timestamp,
) -> Result<User, StateError> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM users WHERE tenant = $1")
        .bind(tenant)
        .fetch_one(&mut **transaction)
        .await?;
    if row.try_get::<i64, _>("n")? >= signed(USERS_MAX) {
        return Err(StateError::Full { what: "users", limit: USERS_MAX });
    }
    let user = User {
        tenant: tenant.to_owned(),
        id: new_id(),
        name: new.name,
        role: new.role,
        services: new.services,
        password: new.password,
        subject: new.subject,
        totp: None,
        totp_confirmed: false,
        totp_step: 0,
        disabled: false,
        created_at: now,
        updated_at: now,
        login_at: None,
        version: 1,
    };
    sqlx::query(
        "INSERT INTO users (tenant, id, name, role, services, password, subject, totp_confirmed, totp_step, disabled, \
         created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $8, $8, 1)",
    )
    .bind(tenant)
    .bind(user.id.as_str())
    .bind(user.name.as_str())
    .bind(user.role.as_str())
    .bind(names_to_json(&user.services))
    .bind(user.password.clone())
    .bind(user.subject.clone())
    .bind(now.0)
    .execute(&mut **transaction)
    .await
    .map_err(|error| match error {
        error if is_taken(&error) => StateError::Exists("user"),
        error if is_orphan(&error) => StateError::Missing("tenant"),
        error => error.into(),
    })?;
    Ok(user)
}

/// The user as it is now, not to change before the transaction ends.
async fn locked(transaction: &mut Transaction<'static, Any>, tenant: &str, id: &str) -> Result<User, StateError> {
    // A write of the row locks it on PostgreSQL; SQLite's transaction holds the only write lock anyway.
    sqlx::query("UPDATE users SET version = version WHERE tenant = $1 AND id = $2")
        .bind(tenant)
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    let query = sqlx::query(select!("WHERE tenant = $1 AND id = $2"));
    let row = query.bind(tenant).bind(id).fetch_optional(&mut **transaction).await?;
    row.as_ref().map(User::from_row).transpose()?.ok_or(StateError::Missing("user"))
}

fn apply(user: &mut User, change: &UserChange, now: Timestamp) {
    if let Some(role) = &change.role {
        user.role.clone_from(role);
    }
    if let Some(services) = &change.services {
        user.services.clone_from(services);
    }
    if let Some(disabled) = change.disabled {
        user.disabled = disabled;
    }
    if let Some(password) = &change.password {
        user.password = Some(password.clone());
    }
    touch(user, now);
}

fn touch(user: &mut User, now: Timestamp) {
    user.updated_at = now;
    user.version += 1;
}

async fn store(transaction: &mut Transaction<'static, Any>, user: &User) -> Result<(), StateError> {
    sqlx::query(
        "UPDATE users SET role = $3, services = $4, password = $5, totp = $6, totp_confirmed = $7, totp_step = $8, \
         disabled = $9, updated_at = $10, version = $11 WHERE tenant = $1 AND id = $2",
    )
    .bind(user.tenant.as_str())
    .bind(user.id.as_str())
    .bind(user.role.as_str())
    .bind(names_to_json(&user.services))
    .bind(user.password.clone())
    .bind(user.totp.clone())
    .bind(i64::from(user.totp_confirmed))
    .bind(user.totp_step)
    .bind(i64::from(user.disabled))
    .bind(user.updated_at.0)
    .bind(user.version)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Refuses to go on when nobody but `id` administers the tenant.
async fn keep_an_admin(transaction: &mut Transaction<'static, Any>, tenant: &str, id: &str) -> Result<(), StateError> {
    // Locks every administrator, so that two who demote each other do not both succeed.
    sqlx::query("UPDATE users SET version = version WHERE tenant = $1 AND role = $2")
        .bind(tenant)
        .bind(ADMIN)
        .execute(&mut **transaction)
        .await?;
    let row =
        sqlx::query("SELECT COUNT(*) AS n FROM users WHERE tenant = $1 AND id <> $2 AND role = $3 AND disabled = 0")
            .bind(tenant)
            .bind(id)
            .bind(ADMIN)
            .fetch_one(&mut **transaction)
            .await?;
    if row.try_get::<i64, _>("n")? == 0 { Err(StateError::LastAdmin) } else { Ok(()) }
}

async fn forget_recovery(
    transaction: &mut Transaction<'static, Any>,
    tenant: &str,
    id: &str,
) -> Result<(), StateError> {
    sqlx::query("DELETE FROM recovery_codes WHERE tenant = $1 AND user_id = $2")
        .bind(tenant)
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
