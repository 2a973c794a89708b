//! Checks an audit log from its first entry to its signed head.

use sqlx::Row;
use vedette_model::limits::AUDIT_FAULTS_MAX;

use super::{AuditRecord, Head, HeadRow, State, StateError, link, select};

/// Entries read at once.
const PAGE: i64 = 1_000;

/// What a check of one tenant's log found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Entries that are there.
    pub entries: u64,
    /// Number of the last entry that was pruned by retention, 0 when none was.
    pub pruned: u64,
    /// The end of the log as it is signed; keep it elsewhere and compare. `None` when the log has none.
    pub head: Option<Head>,
    /// What is wrong, in the order of the log, one sentence each; at most [`AUDIT_FAULTS_MAX`]. Nothing: the log is
    /// whole.
    pub faults: Vec<String>,
}

impl AuditReport {
    /// Whether nothing was changed, removed or cut off.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }

    fn fault(&mut self, text: String) {
        if self.faults.len() < AUDIT_FAULTS_MAX {
            self.faults.push(text);
        }
    }
}

impl State {
    /// Reads the tenant's whole log and compares every hash, the numbers, and the signed head. `expected` is a head
    /// that was noted earlier: the log must still contain it.
    pub async fn verify_audit(&self, tenant: &str, expected: Option<&Head>) -> Result<AuditReport, StateError> {
        let mut report = AuditReport::default();
        // The head first: what is appended while this reads is not missing, it is merely not looked at.
        let row = sqlx::query("SELECT seq, hash, base_seq, base_hash, mac FROM audit_heads WHERE tenant = $1")
            .bind(tenant)
            .fetch_optional(&self.pool)
            .await?;
        let Some(head) = row.as_ref().map(HeadRow::from_row).transpose()? else {
            report.fault("the log's head is missing".to_owned());
            return Ok(report);
        };
        report.pruned = head.base_seq.unsigned_abs();
        report.head = Some(Head { seq: head.seq.unsigned_abs(), hash: head.hash.clone() });
        if !head.verifies(tenant, &self.audit.key) {
            report.fault(
                "the log's head is not signed with this data key: it was changed, or the key is another".to_owned(),
            );
        }
        let mut walk = Walk { seq: head.base_seq, hash: head.base_hash.clone(), expected_met: expected.is_none() };
        if let Some(expected) = expected {
            walk.meet(expected);
            // What retention removed cannot be compared any more.
            walk.expected_met |= expected.seq < head.base_seq.unsigned_abs();
        }
        while self.verify_page(tenant, head.seq, &mut walk, expected, &mut report).await? {}
        if walk.seq != head.seq {
            report.fault(format!("entries {} to {} are missing at the end", walk.seq + 1, head.seq));
        } else if walk.hash != head.hash {
            report.fault(format!("the hash of the last entry {} is not the head's", walk.seq));
        }
        if let (Some(expected), false) = (expected, walk.expected_met) {
            report.fault(format!(
                "entry {} is not the one that was noted: the log was put back or rewritten",
                expected.seq
            ));
        }
        Ok(report)
    }

    /// Checks the next page; `false` when there was nothing left.
    async fn verify_page(
        &self,
        tenant: &str,
        end: i64,
        walk: &mut Walk,
        expected: Option<&Head>,
        report: &mut AuditReport,
    ) -> Result<bool, StateError> {
        let rows = sqlx::query(select!("WHERE tenant = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4"))
            .bind(tenant)
            .bind(walk.seq)
            .bind(end)
            .bind(PAGE)
            .fetch_all(&self.pool)
            .await?;
        for row in &rows {
            let record = AuditRecord::from_row(row)?;
            let seq: i64 = row.try_get("seq")?;
            if seq != walk.seq + 1 {
                report.fault(format!("entries {} to {} are missing", walk.seq + 1, seq - 1));
            } else if link(tenant, &walk.hash, record.seq, &record.entry) != record.hash {
                report.fault(format!("entry {seq} was changed, or the one before it"));
            }
            report.entries += 1;
            walk.seq = seq;
            walk.hash = record.hash;
            if let Some(expected) = expected {
                walk.meet(expected);
            }
        }
        Ok(!rows.is_empty())
    }
}

/// How far a check has come.
struct Walk {
    seq: i64,
    hash: String,
    expected_met: bool,
}

impl Walk {
    fn meet(&mut self, expected: &Head) {
        self.expected_met |= self.seq.unsigned_abs() == expected.seq && self.hash == expected.hash;
    }
}
