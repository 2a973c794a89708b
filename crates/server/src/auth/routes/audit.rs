//! The audit log, for administrators.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vedette_model::Timestamp;
use vedette_model::limits::AUDIT_PAGE_MAX;
use vedette_store::state::{AuditRecord, AuditReport};

use crate::auth::{Auth, Principal, Scope};
use crate::extract::Params;
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type EntriesDoc = Doc<Entries>;
type VerifiedDoc = Doc<Verified>;

/// Entries of a page when nothing is said.
const PAGE: u32 = 100;

/// Which entries.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditQuery {
    /// Only entries before the one with this number: `next` of the page before.
    before: Option<u64>,
    /// Entries of the page, 100 when left out.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// Only of this actor: `user:ada`, `token:ci`.
    actor: Option<String>,
    /// Only of this action: `login`, `user.create`.
    action: Option<String>,
}

crate::openapi::query_parameters!(AuditQuery);

/// An entry.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
struct Entry {
    /// Its number.
    seq: u64,
    /// When.
    at: Timestamp,
    /// Who.
    actor: String,
    /// What.
    action: String,
    /// To what.
    target: String,
    /// More.
    detail: String,
    /// From which address.
    address: String,
    /// SHA-256 over the hash before and this entry.
    hash: String,
}

/// A page of the log.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditEntries")]
pub(super) struct Entries {
    /// Newest first.
    items: Vec<Entry>,
    /// `before` of the next page; none when this is the last.
    next: Option<u64>,
}

/// What the check found.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Verified {
    /// Nothing was changed, removed or cut off.
    whole: bool,
    /// Entries that are there.
    entries: u64,
    /// Number of the last entry that retention removed, 0 when none.
    pruned: u64,
    /// The signed end. Keep it elsewhere; `vedette audit verify --expect SEQ:HASH` compares.
    head: Option<Head>,
    /// What is wrong, one sentence each.
    faults: Vec<String>,
}

/// The end of the log.
#[derive(Debug, Serialize, JsonSchema)]
struct Head {
    /// Number of the last entry.
    seq: u64,
    /// Its hash.
    hash: String,
}

/// Read the audit log
///
/// Newest first. Reading it is an entry too.
#[utoipa::path(get, path = "/v1/audit", tag = "Audit", params(AuditQuery),
    responses((status = 200, description = "A page of entries", body = inline(EntriesDoc))))]
pub(super) async fn list(
    State(auth): State<Auth>,
    who: Principal,
    Params(query): Params<AuditQuery>,
) -> Result<Response, Problem> {
    who.require(Scope::Admin)?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=AUDIT_PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("must be 1 to {AUDIT_PAGE_MAX}")));
    }
    for (at, text) in [("actor", &query.actor), ("action", &query.action)] {
        if text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(Problem::invalid(at, "must be printable"));
        }
    }
    let (actor, action) = (query.actor.as_deref(), query.action.as_deref());
    let records = auth.state().audit_before(&who.tenant, query.before, actor, action, limit).await?;
    auth.audit(&who, "audit.read", "", "").await?;
    let next = records.last().map(|record| record.seq).filter(|_| records.len() == limit as usize);
    let items = records.into_iter().map(Entry::of).collect();
    Ok(Json(Entries { items, next }).into_response())
}

/// Verify the audit log
///
/// Compares every hash, the numbers, and the signed end. Takes time in proportion to the log.
#[utoipa::path(get, path = "/v1/audit/verify", tag = "Audit",
    responses((status = 200, description = "What the check found", body = inline(VerifiedDoc))))]
pub(super) async fn verify(State(auth): State<Auth>, who: Principal) -> Result<Response, Problem> {
    who.require(Scope::Admin)?;
    // One at a time: it reads the whole log.
    let busy = || Problem::new(Kind::TooManyRequests, "the log is being verified").retry_after_secs(5);
    let _turn = auth.verifying().try_acquire().map_err(|_| busy())?;
    let report = auth.state().verify_audit(&who.tenant, None).await?;
    auth.audit(&who, "audit.verify", "", "").await?;
    Ok(Json(Verified::of(report)).into_response())
}

impl Entry {
    fn of(record: AuditRecord) -> Self {
        let AuditRecord { seq, entry, hash } = record;
        Self {
            seq,
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            target: entry.target,
            detail: entry.detail,
            address: entry.address,
            hash,
        }
    }
}

impl Verified {
    fn of(report: AuditReport) -> Self {
        Self {
            whole: report.is_whole(),
            entries: report.entries,
            pruned: report.pruned,
            head: report.head.map(|head| Head { seq: head.seq, hash: head.hash }),
            faults: report.faults,
        }
    }
}
