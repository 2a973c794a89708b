//! The state as lines of JSON that either database reads: what backups hold, and the way from SQLite to PostgreSQL.
//!
//! The first line says the schema; a table begins with a line of its columns, rows follow as arrays. Sessions and kept
//! answers are left out on purpose: a backup is no way to be logged in.

use std::io::{self, BufRead, Read, Write};

use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{Any, AssertSqlSafe, Row, Transaction};
use vedette_model::limits::STATE_LINE_BYTES_MAX;

use super::{Database, State, StateError, schema};

/// Version of this format.
const FORMAT: u32 = 1;

/// Tables in an order in which rows find what they refer to, each with its columns and what sorts it. A test compares
/// it with the real schema.
pub(super) const TABLES: &[Table] = &[
    Table { name: "tenants", columns: &["id", "title", "created_at"], order: "id" },
    Table {
        name: "users",
        columns: &[
            "tenant",
            "id",
            "name",
            "role",
            "services",
            "password",
            "subject",
            "totp",
            "totp_confirmed",
            "totp_step",
            "disabled",
            "created_at",
            "updated_at",
            "login_at",
            "version",
        ],
        order: "tenant, id",
    },
    Table { name: "recovery_codes", columns: &["tenant", "user_id", "hash"], order: "tenant, user_id, hash" },
    Table {
        name: "tokens",
        columns: &[
            "tenant",
            "id",
            "name",
            "hash",
            "scopes",
            "services",
            "user_id",
            "created_at",
            "expires_at",
            "used_at",
        ],
        order: "tenant, id",
    },
    Table {
        name: "triage",
        columns: &["tenant", "finding", "state", "reason", "until_at", "owner", "updated_by", "updated_at", "version"],
        order: "tenant, finding",
    },
    Table {
        name: "comments",
        columns: &["tenant", "subject", "finding", "id", "author", "body", "created_at"],
        order: "tenant, finding, id",
    },
    Table {
        name: "incident_judgments",
        columns: &[
            "tenant",
            "incident",
            "state",
            "verdict",
            "reason",
            "owner",
            "closed_at",
            "actor",
            "identifiers",
            "title",
            "severity",
            "kinds",
            "updated_by",
            "updated_at",
            "version",
        ],
        order: "tenant, incident",
    },
    Table {
        name: "actor_judgments",
        columns: &[
            "tenant",
            "actor",
            "identifiers",
            "state",
            "reason",
            "until_at",
            "updated_by",
            "updated_at",
            "version",
        ],
        order: "tenant, actor",
    },
    Table {
        name: "hunts",
        columns: &[
            "tenant",
            "id",
            "title",
            "description",
            "statement",
            "parameters",
            "owner",
            "created_at",
            "updated_at",
            "version",
        ],
        order: "tenant, id",
    },
    Table {
        name: "settings",
        columns: &["tenant", "name", "value", "updated_by", "updated_at", "version"],
        order: "tenant, name",
    },
    Table {
        name: "documents",
        columns: &["tenant", "kind", "id", "name", "service", "created_at", "updated_at", "version"],
        order: "tenant, kind, id",
    },
    Table {
        name: "document_versions",
        columns: &["tenant", "kind", "document_id", "version", "body", "digest", "created_by", "created_at"],
        order: "tenant, kind, document_id, version",
    },
    Table {
        name: "changes",
        columns: &["tenant", "seq", "at", "kind", "service", "endpoint", "detail"],
        order: "tenant, seq",
    },
    Table { name: "counters", columns: &["tenant", "name", "value"], order: "tenant, name" },
    Table {
        name: "audit",
        columns: &["tenant", "seq", "at", "actor", "action", "target", "detail", "address", "hash"],
        order: "tenant, seq",
    },
    Table { name: "audit_heads", columns: &["tenant", "seq", "hash", "base_seq", "base_hash", "mac"], order: "tenant" },
];

/// One table of the dump.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
    order: &'static str,
}

/// What went into a dump or came out of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dumped {
    /// Schema of the state that was dumped.
    pub schema: i64,
    /// Rows of all tables.
    pub rows: u64,
}

/// Why a dump could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The database failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The file failed.
    #[error("the dump of the state cannot be read or written")]
    File(#[from] io::Error),
    /// A line is not one of ours.
    #[error("line {line} of the state's dump: {what}")]
    Malformed {
        /// Line number, from 1.
        line: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The dump is of a newer program.
    #[error("the dump has schema {found}, this program knows {known}: it was written by a newer Vedette")]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The database has rows already; nothing was changed.
    #[error("the database is not empty")]
    NotEmpty,
}

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Line {
    /// The first.
    State { format: u32, schema: i64 },
    /// A table begins.
    Table { name: String, columns: Vec<String> },
    /// A row of it.
    Row(Vec<Value>),
    /// The last: how many rows there were, so that a cut file shows.
    End { rows: u64 },
}

impl State {
    /// Writes every row as of one moment; writers go on meanwhile.
    pub async fn dump(&self, out: &mut (dyn Write + Send)) -> Result<Dumped, DumpError> {
        let begin = match self.kind {
            // The first read fixes the snapshot (WAL).
            Database::Sqlite => "BEGIN",
            Database::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        };
        let mut transaction = self.pool.begin_with(begin).await.map_err(StateError::from)?;
        let mut dumped = Dumped { schema: schema::newest(), rows: 0 };
        write_line(out, &Line::State { format: FORMAT, schema: dumped.schema })?;
        for table in TABLES {
            let columns = table.columns.iter().map(|column| (*column).to_owned()).collect();
            write_line(out, &Line::Table { name: table.name.to_owned(), columns })?;
            let statement = format!("SELECT {} FROM {} ORDER BY {}", table.columns.join(", "), table.name, table.order);
            let mut rows = sqlx::query(AssertSqlSafe(statement)).fetch(&mut *transaction);
            while let Some(row) = rows.try_next().await.map_err(StateError::from)? {
                write_line(out, &Line::Row(values(&row, table.columns.len())?))?;
                dumped.rows += 1;
            }
        }
        write_line(out, &Line::End { rows: dumped.rows })?;
        out.flush()?;
        Ok(dumped)
    }

    /// Reads a dump into this database, which must be empty, all or nothing. A dump of an older schema fits: columns
    /// that it does not have take their defaults.
    pub async fn load(&self, input: &mut (dyn BufRead + Send)) -> Result<Dumped, DumpError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM tenants").fetch_one(&mut *transaction).await;
        if row.and_then(|row| row.try_get::<i64, _>("n")).map_err(StateError::from)? > 0 {
            return Err(DumpError::NotEmpty);
        }
        let mut reader = Lines { input, line: 0 };
        let dumped = read(&mut reader, Some(&mut transaction)).await?;
        transaction.commit().await.map_err(StateError::from)?;
        Ok(dumped)
    }
}

/// Reads a dump to its end without a database: whether it is whole and of a known schema.
pub async fn check_dump(input: &mut (dyn BufRead + Send)) -> Result<Dumped, DumpError> {
    read(&mut Lines { input, line: 0 }, None).await
}

async fn read(reader: &mut Lines<'_>, mut into: Option<&mut Transaction<'static, Any>>) -> Result<Dumped, DumpError> {
    let Some(Line::State { format: FORMAT, schema }) = reader.next()? else {
        return Err(reader.malformed("not a dump of the state"));
    };
    if schema > schema::newest() {
        return Err(DumpError::Newer { found: schema, known: schema::newest() });
    }
    let mut dumped = Dumped { schema, rows: 0 };
    let mut insert: Option<Insert> = None;
    loop {
        match reader.next()? {
            Some(Line::Table { name, columns }) => {
                insert = Some(Insert::new(&name, &columns).ok_or_else(|| reader.malformed("unknown table"))?);
            }
            Some(Line::Row(values)) => {
                let Some(insert) = &insert else { return Err(reader.malformed("a row of no table")) };
                if values.len() != insert.columns.len() {
                    return Err(reader.malformed("a row of another length"));
                }
                if let Some(transaction) = into.as_deref_mut() {
                    insert.row(transaction, values).await?;
                }
                dumped.rows += 1;
            }
            Some(Line::End { rows }) if rows == dumped.rows => return Ok(dumped),
            Some(Line::End { .. }) => return Err(reader.malformed("rows are missing")),
            Some(Line::State { .. }) => return Err(reader.malformed("a second beginning")),
            None => return Err(reader.malformed("the end is missing")),
        }
    }
}

/// Lines of a dump, each bounded.
struct Lines<'a> {
    input: &'a mut (dyn BufRead + Send),
    line: u64,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<Line>, DumpError> {
        let mut text = Vec::new();
        self.line += 1;
        let limit = STATE_LINE_BYTES_MAX as u64;
        if Read::take(&mut *self.input, limit).read_until(b'\n', &mut text)? == 0 {
            return Ok(None);
        }
        serde_json::from_slice(&text).map(Some).map_err(|_| self.malformed("not a line of a dump"))
    }

    fn malformed(&self, what: &'static str) -> DumpError {
        DumpError::Malformed { line: self.line, what }
    }
}

fn write_line(out: &mut dyn Write, line: &Line) -> Result<(), DumpError> {
    serde_json::to_writer(&mut *out, line).map_err(io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

/// A row's values: text, numbers, nothing.
fn values(row: &AnyRow, columns: usize) -> Result<Vec<Value>, StateError> {
    let value = |index: usize| {
        if let Ok(text) = row.try_get::<Option<String>, _>(index) {
            return Ok(text.map_or(Value::Null, Value::String));
        }
        Ok(row.try_get::<Option<i64>, _>(index)?.map_or(Value::Null, Value::from))
    };
    (0..columns).map(value).collect()
}

/// How rows of a table are inserted.
struct Insert {
    statement: String,
    columns: Vec<String>,
}

impl Insert {
    /// `None` when the table or a column is not one of ours: their names go into the statement.
    fn new(name: &str, columns: &[String]) -> Option<Self> {
        let table = TABLES.iter().find(|table| table.name == name)?;
        let known: Option<Vec<&str>> =
            columns.iter().map(|column| table.columns.iter().copied().find(|known| known == column)).collect();
        let numbers: Vec<String> = (1..=columns.len()).map(|number| format!("${number}")).collect();
        let statement = format!("INSERT INTO {} ({}) VALUES ({})", table.name, known?.join(", "), numbers.join(", "));
        Some(Self { statement, columns: columns.to_vec() })
    }

    async fn row(&self, transaction: &mut Transaction<'static, Any>, values: Vec<Value>) -> Result<(), DumpError> {
        let mut query = sqlx::query(AssertSqlSafe(self.statement.as_str()));
        for (value, column) in values.into_iter().zip(&self.columns) {
            query = match value {
                Value::String(text) => query.bind(text),
                Value::Number(number) => query.bind(number.as_i64()),
                // PostgreSQL wants even NULL to have the column's type; only times may be empty among the numbers.
                _ if column.ends_with("_at") => query.bind(Option::<i64>::None),
                _ => query.bind(Option::<String>::None),
            };
        }
        query.execute(&mut **transaction).await.map_err(StateError::from)?;
        Ok(())
    }
}
