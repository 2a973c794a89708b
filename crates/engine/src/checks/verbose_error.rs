//! # Errors that tell too much
//!
//! **What.** Error responses contain a stack trace or the words of a database.
//!
//! **Why it matters.** They name frameworks, files and queries, and tell whoever tries injections how far they got.
//!
//! **Signals and thresholds.** A body answered with status 400 or more in which one of a closed list of phrases stands
//! that only runtimes and databases write (`Traceback (most recent call last)`, `SQLSTATE[`, `ORA-0…`, …). The first
//! 16 kB are read. Medium.
//!
//! **False positives.** An API about code or logs may return traces as data: with 2xx, where they are not counted.
//!
//! **Fix.** One handler that answers every failure with a fixed text and a request id, and logs the rest.
//!
//! **References.** OWASP API8:2023, CWE-209, RFC 9457.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use vedette_model::results::Severity;

use super::ground::Subject;
use super::{Check, Conclusion, Meta, Needs, Note, Tally, View, wording};
use crate::quality::facts::Fact;

/// Slot of [`Tally::counts`].
const DATABASE: usize = 0;

/// Bytes of an error body that are read.
const BODY_BYTES: usize = 16 << 10;

pub(super) const CHECK: Check = Check {
    meta: Meta {
        id: "verbose-error",
        title: "Errors that tell too much",
        severity: Severity::Medium,
        owasp: &["API8:2023"],
        cwe: &["CWE-209"],
        compliance: &["PCI DSS 4.0.1 6.2.4", "ASVS 5.0.0 16.5.1"],
        compliance_by_data: false,
        facts: &[&[Fact::ResponseBody]],
        fix: "Catch every failure in one handler that answers a fixed text with a request id, and write the trace to \
              the log only. Where a database speaks, check how the query is built.",
    },
    needs: Needs::BODY,
    observe: Some(observe),
    endpoint: Some(endpoint),
    service: None,
};

/// Phrases in their order: those of databases first.
const PHRASES: [&str; 38] = [
    "SQLSTATE[",
    "You have an error in your SQL syntax",
    "ORA-00",
    "ORA-01",
    "PG::",
    "org.postgresql.util.PSQLException",
    "com.mysql.jdbc",
    "mysql_fetch_",
    "SQLite3::",
    "sqlite3.OperationalError",
    "SQLITE_ERROR",
    "Unclosed quotation mark after",
    "syntax error at or near",
    "System.Data.SqlClient",
    "MongoServerError",
    "SequelizeDatabaseError",
    "QueryFailedError",
    "java.sql.SQLException",
    "Traceback (most recent call last)",
    "Exception in thread \\\"",
    "\\tat java.",
    "\tat java.",
    "\\tat org.",
    "\tat org.",
    "\\tat com.",
    "\tat com.",
    "java.lang.NullPointerException",
    "System.NullReferenceException",
    "   at System.",
    "   at Microsoft.",
    "at Object.<anonymous> (",
    "at process.processTicksAndRejections",
    "/node_modules/",
    "goroutine 1 [running]",
    "runtime error: index out of range",
    "Fatal error: Uncaught",
    "thread 'main' panicked at",
    "ActionController::",
];

/// Phrases before this index are a database's.
const DATABASE_PHRASES: usize = 18;

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(PHRASES).ok());

fn observe(view: &View<'_>, note: &mut Note<'_>) {
    if view.exchange.status < 400 || !view.inbound() {
        return;
    }
    let Some(body) = view.exchange.response_body.as_deref() else { return };
    let Some(found) = FINDER.as_ref().and_then(|finder| finder.find(body.get(..BODY_BYTES).unwrap_or(body))) else {
        return;
    };
    let index = found.pattern().as_usize();
    note.add(DATABASE, u64::from(index < DATABASE_PHRASES));
    note.hit_distinct(view, "response.body", || {
        format!("{}…", PHRASES.get(index).copied().unwrap_or_default().trim().trim_start_matches("\\t"))
    });
}

fn endpoint(subject: &Subject<'_>, tally: &Tally) -> Option<Conclusion> {
    if tally.hits == 0 {
        return None;
    }
    let errors: u64 =
        subject.endpoint.statuses.iter().filter(|(status, _)| status.as_str() >= "400").map(|(_, n)| n).sum();
    let what = match tally.count(DATABASE) {
        0 => "a stack trace",
        n if n == tally.hits => "a message of the database",
        _ => "a stack trace or a message of the database",
    };
    let shown: Vec<&str> = tally.evidence.iter().map(|evidence| evidence.excerpt.as_str()).collect();
    Some(Conclusion {
        confidence: wording::confidence(tally.hits, 0.98),
        explanation: format!(
            "{} of {} contained {what} ({}).",
            tally.hits,
            wording::count(errors.max(tally.hits), "error response"),
            wording::list(&shown),
        ),
        ..Conclusion::default()
    })
}
