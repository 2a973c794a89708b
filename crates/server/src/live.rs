//! What happens in a node, told to those who listen and kept for those who ask later.
//!
//! One task per node: changes of the inventory go to the state (`GET /v1/changes`) and to the live feed; findings that are
//! seen again and incidents of which more came are reopened; what people said of incidents goes to the engine; every few seconds come totals. When the database is away, changes wait, bounded, and are
//! written later; the feed does not wait for it.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use vedette_ingest::wall_clock;
use vedette_model::Timestamp;
use vedette_model::limits::CHANGES_WAITING_MAX;
use vedette_model::results::{Change, ChangeKind, Results};
use vedette_store::state::{IncidentSeen, NewChange};

use crate::App;
use crate::feed::{Feed, Kind};
use crate::labels;
use crate::node::{Event, Node, View};

/// How often totals are told.
const STATS_EVERY: Duration = Duration::from_secs(5);

/// Follows a node until it closes or another takes its place. Holds neither the node nor the app alive.
pub(crate) struct Live {
    app: App,
    tenant: String,
    node: Weak<Node>,
    feed: Arc<Feed>,
    waiting: VecDeque<NewChange>,
    lost: u64,
    accepted: u64,
    counted_at: Timestamp,
}

impl Live {
    pub(crate) fn new(app: App, tenant: &str, node: &Arc<Node>, feed: Arc<Feed>) -> Self {
        let node = Arc::downgrade(node);
        let waiting = VecDeque::new();
        Self { app, tenant: tenant.to_owned(), node, feed, waiting, lost: 0, accepted: 0, counted_at: wall_clock() }
    }

    /// Works until the node is gone.
    pub(crate) async fn run(mut self, mut events: Receiver<Event>) {
        let mut timer = tokio::time::interval(STATS_EVERY);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = timer.tick() => {
                    let Some(node) = self.node.upgrade() else { return };
                    if self.app.node(&self.tenant).is_some_and(|current| !Arc::ptr_eq(&current, &node)) {
                        return self.keep_changes().await;
                    }
                    self.stats(&node);
                    self.keep_changes().await;
                }
                event = events.recv() => match event {
                    Ok(Event::Concluded(view)) => self.concluded(&view).await,
                    Ok(Event::Change(change)) => self.change(&change),
                    Err(RecvError::Lagged(count)) => {
                        self.lost += count;
                        tracing::warn!(count, "events of a node were not followed; the change feed has a gap");
                    }
                    Err(RecvError::Closed) => {
                        self.keep_changes().await;
                        return;
                    }
                },
            }
        }
    }

    fn stats(&mut self, node: &Arc<Node>) {
        let (now, view) = (wall_clock(), node.view());
        let sources = node.sources();
        let accepted = sources.iter().map(|source| source.accepted).sum::<u64>();
        let secs = (now.0 - self.counted_at.0).max(1) as f64 / 1e6;
        let per_sec = if self.accepted == 0 { 0.0 } else { accepted.saturating_sub(self.accepted) as f64 / secs };
        (self.accepted, self.counted_at) = (accepted, now);
        let stats = json!({
            "at": now,
            "exchanges": accepted,
            "rate": (per_sec * 10.0).round() / 10.0,
            "concluded_at": view.concluded_at,
        });
        self.feed.publish(Kind::Stats, None, &stats);
    }

    async fn concluded(&mut self, view: &View) {
        let results = &view.results;
        let told = json!({
            "concluded_at": view.concluded_at,
            "services": results.services.len(),
            "endpoints": results.endpoints.len(),
            "findings": results.findings.len(),
            "exchanges": results.stats.exchanges,
        });
        self.feed.publish(Kind::Concluded, None, &told);
        self.reopen(results).await;
        self.reopen_incidents(results).await;
        // Others may have judged at another server, and an actor may be allowed no more.
        labels::teach(&self.app, &self.tenant).await;
        self.keep_changes().await;
    }

    /// Findings that were resolved, or accepted for a time that is over, and are there.
    async fn reopen(&self, results: &Results) {
        let seen: Vec<(String, Timestamp)> =
            results.findings.iter().filter_map(|finding| Some((finding.id.clone(), finding.last_seen?))).collect();
        match self.app.state().reopen_seen(&self.tenant, &seen, wall_clock()).await {
            Ok(ids) => {
                for id in ids {
                    let service = results.findings.iter().find(|finding| finding.id == id);
                    let service = service.map(|finding| finding.service.as_str());
                    self.feed.publish(Kind::Finding, service, &json!({"id": id, "state": "reopened"}));
                }
            }
            Err(error) => tracing::warn!(%error, "findings could not be reopened"),
        }
    }

    /// Incidents that were closed, and of which more came.
    async fn reopen_incidents(&self, results: &Results) {
        let kinds = labels::kinds(results);
        let seen: Vec<IncidentSeen> = results.incidents.iter().map(|one| labels::seen(one, &kinds)).collect();
        match self.app.state().reopen_incidents(&self.tenant, &seen, wall_clock()).await {
            Ok(ids) => {
                for id in ids {
                    let event = json!({"id": id, "state": "reopened"});
                    self.feed.publish(Kind::Incident, Some(labels::OF_ALL), &event);
                }
            }
            Err(error) => tracing::warn!(%error, "incidents could not be reopened"),
        }
    }

    fn change(&mut self, change: &Change) {
        // One that stands for others is of all services: the feed tells it to those who see all of them.
        let service = Some(change.service.as_str());
        self.feed.publish(Kind::Change, service, change);
        if matches!(change.kind, ChangeKind::FindingAppeared | ChangeKind::FindingGone) {
            let state = if change.kind == ChangeKind::FindingAppeared { "appeared" } else { "gone" };
            self.feed.publish(Kind::Finding, service, &json!({"id": change.subject, "state": state}));
        }
        if self.waiting.len() >= CHANGES_WAITING_MAX {
            self.waiting.pop_front();
            self.lost += 1;
        }
        self.waiting.push_back(NewChange {
            at: change.at.unwrap_or_else(wall_clock),
            kind: kind_name(change.kind),
            service: change.service.clone(),
            endpoint: change.endpoint.clone(),
            detail: serde_json::to_string(change).unwrap_or_default(),
        });
    }

    async fn keep_changes(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let (front, back) = self.waiting.as_slices();
        let batch: Vec<NewChange> = front.iter().chain(back).cloned().collect();
        match self.app.state().append_changes(&self.tenant, &batch).await {
            Ok(_) => self.waiting.clear(),
            Err(error) => tracing::warn!(%error, waiting = self.waiting.len(), "changes could not be kept; they wait"),
        }
    }
}

fn kind_name(kind: ChangeKind) -> String {
    serde_json::to_value(kind).ok().and_then(|kind| Some(kind.as_str()?.to_owned())).unwrap_or_default()
}
