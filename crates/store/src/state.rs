//! The control plane: users, sessions, tokens, judgments of findings, incidents and actors, saved hunts, settings,
//! documents, changes, audit.
//!
//! One [`State`] speaks to SQLite (a file in the data folder, the default) or PostgreSQL (one line of configuration);
//! every statement is written once and runs on both, and so do the tests. Every method takes the tenant first and
//! touches rows of that tenant only; the two exceptions, [`State::session`] and [`State::token`], look a secret's hash
//! up and *tell* the tenant. No clock is read here: time comes as an argument.
//!
//! Durability: when a method that writes returns `Ok`, the change is on disk (SQLite runs with `synchronous=FULL`).
//!
//! Passwords, tokens and session ids come hashed or are hashed here; second factors are encrypted with the data key.
//! What was learned from traffic is not here but in the snapshots of the nodes.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::migrate::MigrateError;
use sqlx::{Any, AnyPool, Executor, Row, Transaction};
use vedette_model::limits::{STATE_BUSY_TIMEOUT, STATE_CONNECTIONS_MAX};

use crate::keys::{DataKey, KeyError};

mod actors;
mod audit;
mod changes;
mod comments;
mod documents;
mod hunts;
mod idempotency;
mod incidents;
mod portable;
mod schema;
mod sessions;
mod settings;
mod tenants;
mod tokens;
mod triage;
mod users;

#[cfg(test)]
pub(crate) mod tests;

pub use actors::{ActorDecision, ActorJudgment, ActorState};
pub use audit::{Audit, AuditEntry, AuditRecord, AuditReport, Head};
pub use changes::{Change, NewChange};
pub use comments::{Comment, Subject};
pub use documents::{Document, DocumentKind, DocumentVersion, NewDocument};
pub use hunts::{Hunt, HuntText};
pub use idempotency::{Kept, Replay};
pub use incidents::{IncidentDecision, IncidentJudgment, IncidentSeen, IncidentState, Verdict};
pub use portable::{DumpError, Dumped, check_dump};
pub use sessions::Session;
pub use settings::Setting;
pub use tenants::{DEFAULT_TENANT, Tenant};
pub use tokens::{NewToken, Token, TokenOwner};
pub use triage::{Judgment, Triage, TriageState};
pub use users::{NewUser, User, UserChange};

/// Why the state could not be read or changed. No variant carries a row's content or the database's password.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The address of the database is not understood.
    #[error("the state's address is neither sqlite:// nor postgres://")]
    Address,
    /// The database's file could not be made.
    #[error("creating the database file of the state")]
    File(#[source] std::io::Error),
    /// The database does not answer or refuses us.
    #[error("connecting to the database of the state")]
    Connect(#[source] sqlx::Error),
    /// A migration failed; it was rolled back.
    #[error("bringing the database of the state up to date")]
    Migrate(#[source] Box<MigrateError>),
    /// The database was written by a newer program.
    #[error("the state has schema {found}, this program knows {known}: it was written by a newer Vedette")]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// A statement failed.
    #[error("the database of the state failed")]
    Database(#[source] sqlx::Error),
    /// The database does not answer now; it may do so later.
    #[error("the database of the state does not answer")]
    Unreachable(#[source] sqlx::Error),
    /// The database has no room; nothing was changed.
    #[error("the disk of the state is full")]
    DiskFull(#[source] sqlx::Error),
    /// A text holds a character that the database does not store (NUL, on PostgreSQL).
    #[error("a text holds a character that cannot be stored")]
    Unstorable,
    /// Somebody changed it meanwhile; nothing was changed.
    #[error("it was changed meanwhile")]
    Conflict,
    /// There is no such thing in this tenant.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// A name that must be unique is taken; nothing was changed.
    #[error("there is such a {0} already")]
    Exists(&'static str),
    /// The tenant has as many as it may have; nothing was changed.
    #[error("there are too many of this kind: {what} is limited to {limit}")]
    Full {
        /// Plural noun.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The last administrator who can log in cannot go; nothing was changed.
    #[error("this is the last administrator")]
    LastAdmin,
    /// A row says something that this program cannot have written.
    #[error("the state holds a malformed {0}")]
    Malformed(&'static str),
    /// The system gave no randomness.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The audit log cannot be written; the log of the program says why.
    #[error("the audit log cannot be written")]
    Audit,
}

impl From<sqlx::Error> for StateError {
    /// By the database's own codes: SQLite's result codes, PostgreSQL's SQLSTATE.
    fn from(error: sqlx::Error) -> Self {
        let code =
            error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default().into_owned();
        match code.as_str() {
            "22021" => Self::Unstorable,
            "13" | "53100" => Self::DiskFull(error),
            // Shutting down, starting up, too many connections.
            "57P01" | "57P02" | "57P03" | "53300" => Self::Unreachable(error),
            _ => match error {
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Unreachable(error),
                error => Self::Database(error),
            },
        }
    }
}

/// The control plane. Cheap to clone; every clone is the same state.
#[derive(Clone, Debug)]
pub struct State {
    pool: AnyPool,
    kind: Database,
    audit: Audit,
}

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of ours.
    Sqlite,
    /// A server.
    Postgres,
}

impl State {
    /// Opens the database at `url` (`sqlite:///path/state.sqlite`, see [`sqlite_url`], or `postgres://…`), creates or
    /// migrates what is missing, and starts the writer of the audit log. Must be called within a tokio runtime.
    ///
    /// Migrations only go forward: a database of a newer program is refused and left as it is.
    pub async fn open(url: &str, key: &DataKey) -> Result<Self, StateError> {
        let kind = Database::of(url)?;
        if kind == Database::Sqlite {
            create_private_file(url).map_err(StateError::File)?;
        }
        let pool = connect(url, kind).await?;
        schema::migrate(&pool).await?;
        let audit = Audit::start(pool.clone(), kind, key);
        Ok(Self { pool, kind, audit })
    }

    /// The file `state.sqlite` of the data folder, or the database that the operator named.
    pub async fn of_folder(data: &Path, url: Option<&str>, key: &DataKey) -> Result<Self, StateError> {
        match url {
            Some(url) => Self::open(url, key).await,
            None => Self::open(&sqlite_url(&data.join("state.sqlite")), key).await,
        }
    }

    /// Which database it is.
    pub fn database(&self) -> Database {
        self.kind
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StateError> {
        sqlx::query("SELECT 1").fetch_one(&self.pool).await?;
        Ok(())
    }

    /// Writes what waits in the audit log and closes every connection. Other clones cannot be used afterwards.
    pub async fn close(&self) {
        self.audit.flush().await;
        self.pool.close().await;
    }

    /// A transaction that will write. On SQLite it takes the write lock now, so that it cannot fail half-way because
    /// another writer was first.
    async fn begin(&self) -> Result<Transaction<'static, Any>, StateError> {
        begin(&self.pool, self.kind).await
    }
}

impl Database {
    fn of(url: &str) -> Result<Self, StateError> {
        if url.starts_with("sqlite://") {
            Ok(Self::Sqlite)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres)
        } else {
            Err(StateError::Address)
        }
    }
}

/// The address of a SQLite file.
pub fn sqlite_url(path: &Path) -> String {
    // A relative path would begin with what a URL takes for a host.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut url = String::from("sqlite://");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => url.push(char::from(*byte)),
            _ => {
                // Writing to a string does not fail.
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    url
}

async fn begin(pool: &AnyPool, kind: Database) -> Result<Transaction<'static, Any>, StateError> {
    let statement = match kind {
        Database::Sqlite => "BEGIN IMMEDIATE",
        Database::Postgres => "BEGIN",
    };
    Ok(pool.begin_with(statement).await?)
}

async fn connect(url: &str, kind: Database) -> Result<AnyPool, StateError> {
    sqlx::any::install_default_drivers();
    let options = AnyPoolOptions::new()
        .max_connections(STATE_CONNECTIONS_MAX)
        .acquire_timeout(STATE_BUSY_TIMEOUT + Duration::from_secs(5))
        .after_connect(move |connection, _| {
            Box::pin(async move {
                if kind == Database::Sqlite {
                    // WAL lets readers go on beside the one writer; FULL makes a commit wait for the disk.
                    for pragma in [
                        "PRAGMA journal_mode = WAL",
                        "PRAGMA synchronous = FULL",
                        "PRAGMA foreign_keys = ON",
                        "PRAGMA busy_timeout = 10000",
                        "PRAGMA trusted_schema = OFF",
                    ] {
                        connection.execute(pragma).await?;
                    }
                }
                Ok(())
            })
        });
    options.connect(url).await.map_err(StateError::Connect)
}

/// Makes the file with mode 0600 before SQLite does with the process's mask; its companions take the mode over.
fn create_private_file(url: &str) -> std::io::Result<()> {
    use std::os::unix::ffi::OsStringExt;
    use std::os::unix::fs::OpenOptionsExt;

    let path = url.trim_start_matches("sqlite://").split('?').next().unwrap_or_default();
    let path = std::path::PathBuf::from(std::ffi::OsString::from_vec(percent_decoded(path)));
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().iter();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(&byte) = bytes.next() {
        let rest = bytes.as_slice();
        let code = rest.get(..2).and_then(|pair| std::str::from_utf8(pair).ok()).and_then(crate::keys::unhex);
        match (byte, code.as_deref()) {
            (b'%', Some([code])) => {
                decoded.push(*code);
                bytes.nth(1);
            }
            _ => decoded.push(byte),
        }
    }
    decoded
}

/// JSON text of a list of names.
fn names_to_json(names: &[String]) -> String {
    serde_json::to_string(names).unwrap_or_else(|_| "[]".to_owned())
}

/// The list in a column; what cannot be read is told rather than taken for nothing (an empty list of services means
/// all).
fn names_of(row: &AnyRow, column: &'static str) -> Result<Vec<String>, StateError> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|_| StateError::Malformed(column))
}

/// A new id: unique, in the order of creation, of lower-case letters, digits and dashes.
fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A count as the database has it.
fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Whether the statement failed because a unique name is taken.
fn is_taken(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// Whether the statement failed because what it refers to is not there (an unknown tenant, mostly).
fn is_orphan(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_foreign_key_violation)
}
