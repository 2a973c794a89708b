//! The audit log: who changed what and who read personal data, as a chain that shows what was done to it.
//!
//! Every entry's hash covers the entry and the hash before it, per tenant; the head (last number and hash) is signed
//! with a key derived from the data key. Whoever can write to the database but does not have the data key can therefore
//! neither change nor remove an entry, nor cut the end off, without [`State::verify_audit`] telling. One thing no log in
//! one database can show: that the whole database, head included, was put back to an older copy. A running program
//! notices (numbers never go back) and spoils the signature; beyond that, keep the head that `verify` prints elsewhere
//! and give it to the next `verify`.
//!
//! Entries are written by one task in groups: many requests share a commit, and each waits until its entry is on disk.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{Any, AnyPool, AssertSqlSafe, Row, Transaction};
use tokio::sync::{mpsc, oneshot};
use tracing::error;
use vedette_model::Timestamp;
use vedette_model::limits::{AUDIT_GROUP_MAX, AUDIT_TEXT_BYTES_MAX, AUDIT_WAITING_MAX};
use zeroize::Zeroizing;

use super::{Database, State, StateError, begin, signed};
use crate::keys::{DataKey, KEY_BYTES, hex, unhex};

mod verify;

pub use verify::AuditReport;

/// Stands before the first entry.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Signature of a head that must never verify again.
const SPOILED: &str = "spoiled";

/// Rows of one INSERT; 9 parameters each stay far below the 32,766 of SQLite.
const ROWS_PER_STATEMENT: usize = 64;

/// Selects entries.
macro_rules! select {
    ($tail:literal) => {
        concat!("SELECT seq, at, actor, action, target, detail, address, hash FROM audit ", $tail)
    };
}
use select;

/// What is to be noted. No secret and no value of the traffic belongs in here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who: `user:ada`, `token:ci`, or `anonymous`.
    pub actor: String,
    /// What: `user.create`, `actor.read`, `hunt.run`.
    pub action: String,
    /// To what: an id or a name.
    pub target: String,
    /// More, as a sentence or JSON.
    pub detail: String,
    /// From where: the client's address.
    pub address: String,
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number: 1 for the tenant's first, the next one's is one more.
    pub seq: u64,
    /// What was noted.
    pub entry: AuditEntry,
    /// SHA-256 over the hash before and this entry, in hexadecimal.
    pub hash: String,
}

/// The end of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the last entry, 0 when there is none.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
}

/// The way to the writer. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Audit {
    jobs: mpsc::Sender<Job>,
    key: SigningKey,
}

/// The key that signs heads.
#[derive(Clone)]
struct SigningKey(Zeroizing<[u8; KEY_BYTES]>);

/// An entry on its way; `None` only asks to be told when everything before is written.
#[derive(Debug)]
struct Job {
    entry: Option<(String, AuditEntry)>,
    done: oneshot::Sender<bool>,
}

/// The row that says where a tenant's log begins and ends.
struct HeadRow {
    seq: i64,
    hash: String,
    base_seq: i64,
    base_hash: String,
    mac: String,
}

impl State {
    /// Notes an entry of the tenant; when this returns it is on disk. An error means that what was to be audited must
    /// not be answered. Texts are cut at [`AUDIT_TEXT_BYTES_MAX`].
    pub async fn audit(&self, tenant: &str, entry: AuditEntry) -> Result<(), StateError> {
        self.audit.write(Some((tenant.to_owned(), entry))).await
    }

    /// Up to `limit` entries before the one numbered `before` (the newest when `None`), newest first, of this actor and
    /// this action only when they are given.
    pub async fn audit_before(
        &self,
        tenant: &str,
        before: Option<u64>,
        actor: Option<&str>,
        action: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StateError> {
        let before = before.map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let rows = sqlx::query(select!(
            "WHERE tenant = $1 AND seq < $2 AND ($3 = '' OR actor = $3) AND ($4 = '' OR action = $4) \
             ORDER BY seq DESC LIMIT $5"
        ))
        .bind(tenant)
        .bind(before)
        .bind(actor.unwrap_or_default())
        .bind(action.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(AuditRecord::from_row).collect()
    }

    /// Forgets the entries before `until`. The rest of the chain still verifies: the head remembers where it begins.
    /// Returns how many went.
    pub async fn prune_audit(&self, tenant: &str, until: Timestamp) -> Result<u64, StateError> {
        let mut transaction = self.begin().await?;
        let Some(mut head) = HeadRow::advance(&mut transaction, tenant, 0).await? else {
            return Err(StateError::Missing("tenant"));
        };
        let row = sqlx::query(
            "SELECT seq, hash FROM audit WHERE tenant = $1 AND seq < COALESCE((SELECT MIN(seq) FROM audit \
             WHERE tenant = $1 AND at >= $2), $3) ORDER BY seq DESC LIMIT 1",
        )
        .bind(tenant)
        .bind(until.0)
        .bind(i64::MAX)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(0) };
        let good = head.verifies(tenant, &self.audit.key);
        head.base_seq = row.try_get("seq")?;
        head.base_hash = row.try_get("hash")?;
        head.mac = if good { head.sign(tenant, &self.audit.key) } else { SPOILED.to_owned() };
        let gone = sqlx::query("DELETE FROM audit WHERE tenant = $1 AND seq <= $2")
            .bind(tenant)
            .bind(head.base_seq)
            .execute(&mut *transaction)
            .await?;
        head.store(&mut transaction, tenant).await?;
        transaction.commit().await?;
        Ok(gone.rows_affected())
    }
}

impl Audit {
    /// Starts the writer. It ends when the last handle is gone.
    pub(super) fn start(pool: AnyPool, kind: Database, key: &DataKey) -> Self {
        let (jobs, waiting) = mpsc::channel(AUDIT_WAITING_MAX);
        let key = SigningKey(key.derive("audit head"));
        tokio::spawn(Writer { pool, kind, key: key.clone(), seen: HashMap::new() }.run(waiting));
        Self { jobs, key }
    }

    /// Waits until everything noted so far is written.
    pub(super) async fn flush(&self) {
        // A writer that is gone has nothing left to write.
        let _ = self.write(None).await;
    }

    /// Begins the log of a new tenant.
    pub(super) async fn found(
        &self,
        transaction: &mut Transaction<'static, Any>,
        tenant: &str,
    ) -> Result<(), StateError> {
        let head = HeadRow {
            seq: 0,
            hash: GENESIS.to_owned(),
            base_seq: 0,
            base_hash: GENESIS.to_owned(),
            mac: String::new(),
        };
        sqlx::query(
            "INSERT INTO audit_heads (tenant, seq, hash, base_seq, base_hash, mac) VALUES ($1, 0, $2, 0, $2, $3)",
        )
        .bind(tenant)
        .bind(GENESIS)
        .bind(head.sign(tenant, &self.key))
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    async fn write(&self, entry: Option<(String, AuditEntry)>) -> Result<(), StateError> {
        let (done, written) = oneshot::channel();
        self.jobs.send(Job { entry, done }).await.map_err(|_| StateError::Audit)?;
        match written.await {
            Ok(true) => Ok(()),
            _ => Err(StateError::Audit),
        }
    }
}

/// The task that writes.
struct Writer {
    pool: AnyPool,
    kind: Database,
    key: SigningKey,
    /// Last number seen per tenant; bounded by the tenants there are.
    seen: HashMap<String, i64>,
}

impl Writer {
    async fn run(mut self, mut waiting: mpsc::Receiver<Job>) {
        let mut group = Vec::with_capacity(AUDIT_GROUP_MAX);
        while waiting.recv_many(&mut group, AUDIT_GROUP_MAX).await > 0 {
            let mut entries: BTreeMap<String, Vec<AuditEntry>> = BTreeMap::new();
            let mut told = Vec::with_capacity(group.len());
            for job in group.drain(..) {
                let tenant = job.entry.map(|(tenant, entry)| {
                    entries.entry(tenant.clone()).or_default().push(entry);
                    tenant
                });
                told.push((tenant, job.done));
            }
            let mut failed = Vec::new();
            for (tenant, entries) in entries {
                if let Err(error) = self.append(&tenant, entries).await {
                    error!(error = &error as &dyn std::error::Error, tenant, "the audit log could not be written");
                    failed.push(tenant);
                }
            }
            for (tenant, done) in told {
                // Whoever asked may have gone away meanwhile; the entry is there all the same.
                let _ = done.send(tenant.is_none_or(|tenant| !failed.contains(&tenant)));
            }
        }
    }

    /// Appends entries of one tenant in one transaction.
    async fn append(&mut self, tenant: &str, entries: Vec<AuditEntry>) -> Result<(), StateError> {
        let mut transaction = begin(&self.pool, self.kind).await?;
        let added = signed(entries.len());
        let Some(mut head) = HeadRow::advance(&mut transaction, tenant, added).await? else {
            return Err(StateError::Missing("tenant"));
        };
        // Signing a head that somebody else made would make their work look like ours.
        let good = head.verifies(tenant, &self.key) && self.seen.get(tenant).is_none_or(|seen| *seen <= head.seq);
        let records = chain(tenant, &head, entries);
        insert(&mut transaction, tenant, &records).await?;
        if let Some(last) = records.last() {
            head.hash.clone_from(&last.hash);
        }
        head.seq += added;
        head.mac = if good { head.sign(tenant, &self.key) } else { SPOILED.to_owned() };
        head.store(&mut transaction, tenant).await?;
        transaction.commit().await?;
        self.seen.insert(tenant.to_owned(), head.seq);
        Ok(())
    }
}

impl AuditRecord {
    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        Ok(Self {
            seq: row.try_get::<i64, _>("seq")?.unsigned_abs(),
            entry: AuditEntry {
                at: Timestamp(row.try_get("at")?),
                actor: row.try_get("actor")?,
                action: row.try_get("action")?,
                target: row.try_get("target")?,
                detail: row.try_get("detail")?,
                address: row.try_get("address")?,
            },
            hash: row.try_get("hash")?,
        })
    }
}

impl HeadRow {
    /// The head as it was before `added` entries, locked until the transaction ends. `None` when there is none.
    async fn advance(
        transaction: &mut Transaction<'static, Any>,
        tenant: &str,
        added: i64,
    ) -> Result<Option<Self>, StateError> {
        let row = sqlx::query(
            "UPDATE audit_heads SET seq = seq + $2 WHERE tenant = $1 RETURNING seq, hash, base_seq, base_hash, mac",
        )
        .bind(tenant)
        .bind(added)
        .fetch_optional(&mut **transaction)
        .await?;
        let head = row.as_ref().map(Self::from_row).transpose()?;
        Ok(head.map(|head| Self { seq: head.seq - added, ..head }))
    }

    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        Ok(Self {
            seq: row.try_get("seq")?,
            hash: row.try_get("hash")?,
            base_seq: row.try_get("base_seq")?,
            base_hash: row.try_get("base_hash")?,
            mac: row.try_get("mac")?,
        })
    }

    async fn store(&self, transaction: &mut Transaction<'static, Any>, tenant: &str) -> Result<(), StateError> {
        sqlx::query(
            "UPDATE audit_heads SET seq = $2, hash = $3, base_seq = $4, base_hash = $5, mac = $6 WHERE tenant = $1",
        )
        .bind(tenant)
        .bind(self.seq)
        .bind(self.hash.as_str())
        .bind(self.base_seq)
        .bind(self.base_hash.as_str())
        .bind(self.mac.as_str())
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    fn sign(&self, tenant: &str, key: &SigningKey) -> String {
        hex(&self.mac(tenant, key).finalize().into_bytes())
    }

    fn verifies(&self, tenant: &str, key: &SigningKey) -> bool {
        unhex(&self.mac).is_some_and(|mac| self.mac(tenant, key).verify_slice(&mac).is_ok())
    }

    fn mac(&self, tenant: &str, key: &SigningKey) -> Hmac<Sha256> {
        let text = serde_json::json!([tenant, self.seq, self.hash, self.base_seq, self.base_hash]).to_string();
        // RFC 2104 pads a key with zeros to the block of the hash.
        let mut block = [0; 64];
        for (place, byte) in block.iter_mut().zip(key.0.iter()) {
            *place = *byte;
        }
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        mac.update(text.as_bytes());
        mac
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(hidden)")
    }
}

/// The entries with their numbers and hashes.
fn chain(tenant: &str, head: &HeadRow, entries: Vec<AuditEntry>) -> Vec<AuditRecord> {
    let mut hash = head.hash.clone();
    let mut records = Vec::with_capacity(entries.len());
    for (seq, mut entry) in (head.seq.unsigned_abs() + 1..).zip(entries) {
        bound(&mut entry);
        hash = link(tenant, &hash, seq, &entry);
        records.push(AuditRecord { seq, entry, hash: hash.clone() });
    }
    records
}

/// Hash of an entry that follows the hash `before`.
fn link(tenant: &str, before: &str, seq: u64, entry: &AuditEntry) -> String {
    let AuditEntry { at, actor, action, target, detail, address } = entry;
    let text = serde_json::json!([before, tenant, seq, at.0, actor, action, target, detail, address]).to_string();
    hex(&Sha256::digest(text.as_bytes()))
}

/// Cuts texts at their limit, and takes NUL out, which PostgreSQL does not store.
fn bound(entry: &mut AuditEntry) {
    let AuditEntry { at: _, actor, action, target, detail, address } = entry;
    for text in [actor, action, target, detail, address] {
        text.truncate(text.floor_char_boundary(AUDIT_TEXT_BYTES_MAX));
        text.retain(|char| char != '\0');
    }
}

async fn insert(
    transaction: &mut Transaction<'static, Any>,
    tenant: &str,
    records: &[AuditRecord],
) -> Result<(), StateError> {
    for rows in records.chunks(ROWS_PER_STATEMENT) {
        let mut statement =
            String::from("INSERT INTO audit (tenant, seq, at, actor, action, target, detail, address, hash) VALUES ");
        for row in 0..rows.len() {
            let comma = if row == 0 { "" } else { ", " };
            // The tenant is the same in every row; the other eight columns have numbers of their own.
            let numbers: Vec<String> = (2..10).map(|column| format!("${}", row * 8 + column)).collect();
            // Writing to a string does not fail.
            let _ = write!(statement, "{comma}($1, {})", numbers.join(", "));
        }
        let mut query = sqlx::query(AssertSqlSafe(statement)).persistent(false).bind(tenant);
        for AuditRecord { seq, entry, hash } in rows {
            query = query
                .bind(seq.cast_signed())
                .bind(entry.at.0)
                .bind(entry.actor.as_str())
                .bind(entry.action.as_str())
                .bind(entry.target.as_str())
                .bind(entry.detail.as_str())
                .bind(entry.address.as_str())
                .bind(hash.as_str());
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}
