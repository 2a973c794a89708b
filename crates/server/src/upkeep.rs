//! What a server does now and then for the state, beside its nodes.

use std::time::Duration;

use vedette_ingest::wall_clock;
use vedette_model::Timestamp;

use crate::App;
use crate::api::settings;
use crate::problem::Problem;

/// How often old entries of the audit log are looked for.
const PRUNE_EVERY: Duration = Duration::from_hours(1);

const DAY_US: i64 = 86_400_000_000;

/// Prunes the audit log now and then. Never ends.
pub async fn keep_audit(app: App) {
    let mut timer = tokio::time::interval(PRUNE_EVERY);
    loop {
        timer.tick().await;
        prune_audit(&app).await;
    }
}

/// Forgets audit entries that are older than each tenant's `audit-days`. The rest of the chain still verifies.
pub async fn prune_audit(app: &App) {
    for (tenant, _) in app.nodes() {
        let pruned = async {
            let days = settings::value(app, &tenant, "audit-days").await?;
            let until = Timestamp(wall_clock().0 - i64::from(days) * DAY_US);
            Ok::<_, Problem>(app.state().prune_audit(&tenant, until).await?)
        };
        match pruned.await {
            Ok(0) => {}
            Ok(entries) => tracing::info!(tenant, entries, "old audit entries were forgotten"),
            Err(problem) => tracing::warn!(tenant, ?problem, "old audit entries could not be forgotten"),
        }
    }
}
