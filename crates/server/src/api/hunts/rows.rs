//! The tables that somebody's hunt sees.

use std::error::Error;
use std::sync::Arc;

use futures::FutureExt as _;
use vedette_model::results::Change;
use vedette_store::hunt::{Loader, Tables};
use vedette_store::tables::{AuditRow, ChangeRow};

use super::super::Asking;
use crate::App;
use crate::auth::Scope;

/// Rows of the control plane's tables that one hunt sees, the newest.
const STATE_ROWS_MAX: u32 = 100_000;

type Failure = Box<dyn Error + Send + Sync>;

/// What who asks may see: all, or rows of their services only. The audit log is for administrators.
pub(super) async fn tables(asking: &Asking) -> Tables {
    let view = asking.view();
    let exchanges = asking.node.lake().provider(asking.node.tail().await);
    let mut tables = Tables::new()
        .with_exchanges(exchanges)
        .with_results(Arc::clone(&view.results))
        .with_rows("changes", changes(&asking.app, asking.tenant()));
    if asking.who.may(Scope::Admin) {
        tables = tables.with_rows("audit", audit(&asking.app, asking.tenant()));
    }
    if asking.who.restricted() { tables.only_services(&asking.who.services) } else { tables }
}

fn changes(app: &App, tenant: &str) -> Loader {
    let (app, tenant) = (app.clone(), tenant.to_owned());
    Arc::new(move || {
        let (app, tenant) = (app.clone(), tenant.clone());
        async move {
            let stored = app.state().changes_before(&tenant, None, STATE_ROWS_MAX).await?;
            let rows: Vec<ChangeRow> = stored
                .into_iter()
                .filter_map(|one| serde_json::from_str(&one.change.detail).ok())
                .map(|change: Change| ChangeRow {
                    at: change.at,
                    kind: serde_json::to_value(change.kind)
                        .ok()
                        .and_then(|kind| Some(kind.as_str()?.to_owned()))
                        .unwrap_or_default(),
                    service: change.service,
                    endpoint: if change.endpoint.is_empty() { String::new() } else { change.place },
                    endpoint_id: Some(change.endpoint).filter(|id| !id.is_empty()),
                    subject: Some(change.subject).filter(|subject| !subject.is_empty()),
                    before: change.before,
                    after: change.after,
                    explanation: change.text,
                })
                .collect();
            Ok::<_, Failure>(ChangeRow::batch(&rows)?)
        }
        .boxed()
    })
}

fn audit(app: &App, tenant: &str) -> Loader {
    let (app, tenant) = (app.clone(), tenant.to_owned());
    Arc::new(move || {
        let (app, tenant) = (app.clone(), tenant.clone());
        async move {
            let records = app.state().audit_before(&tenant, None, None, None, STATE_ROWS_MAX).await?;
            let rows: Vec<AuditRow> = records
                .into_iter()
                .map(|record| AuditRow {
                    number: record.seq,
                    at: Some(record.entry.at),
                    principal: record.entry.actor,
                    action: record.entry.action,
                    target: record.entry.target,
                    detail: Some(record.entry.detail).filter(|detail| !detail.is_empty()),
                    address: Some(record.entry.address).filter(|address| !address.is_empty()),
                })
                .collect();
            Ok::<_, Failure>(AuditRow::batch(&rows)?)
        }
        .boxed()
    })
}
