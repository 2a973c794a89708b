//! Live sources of the configuration, each tenant's on threads of its own, into the tenant's node.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use crossbeam_channel::{Receiver, Sender, bounded};
use tokio::runtime::Handle;
use vedette_ingest::{Delivery, FollowOptions, Follower, LiveSource as _, Receipt, Watched};
use vedette_model::results::UnreadableSample;
use vedette_server::App;
use vedette_server::node::{self, Batch, Position, Refused};

use super::config::Config;
use crate::commands::Hinted;
use crate::commands::traffic;

/// Deliveries on their way between a source and its node.
const WAITING: usize = 4;

/// How long a source waits when its node is full.
const PAUSE: Duration = Duration::from_millis(50);

/// Sources that run.
pub(super) struct Running {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// Starts what the configuration names.
pub(super) fn start(config: &Config, app: &App, runtime: &Handle) -> Result<Running> {
    let mut by_tenant: BTreeMap<&str, Vec<Watched>> = BTreeMap::new();
    for settings in &config.sources {
        let decoder = settings.format.as_deref().map(traffic::decoder_named).transpose()?.flatten();
        let watched = Watched { path: settings.follow.clone(), decoder };
        by_tenant.entry(&settings.tenant).or_default().push(watched);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let mut threads = Vec::new();
    for (tenant, watched) in by_tenant {
        let Some(node) = app.node(tenant) else {
            bail!(Hinted::new(
                format!("sources name the tenant {tenant}, which does not exist"),
                "create it first (POST /v1/tenants), or leave tenant out",
            ));
        };
        let positions = node.positions().into_iter().collect();
        let mut follower = Follower::new(watched, FollowOptions::default(), positions);
        app.watch_sources(tenant, follower.health());
        let (outlet, deliveries) = bounded(WAITING);
        let (receipts_in, receipts) = bounded(4 * WAITING);
        let stopping = Arc::clone(&stop);
        threads
            .push(spawn("vedette-follow", move || vedette_ingest::run(&mut follower, &outlet, &receipts, &stopping))?);
        let to = Recipient {
            app: app.clone(),
            tenant: tenant.to_owned(),
            runtime: runtime.clone(),
            stop: Arc::clone(&stop),
        };
        threads.push(spawn("vedette-deliver", move || to.deliver(&deliveries, &receipts_in))?);
    }
    Ok(Running { stop, threads })
}

impl Running {
    /// Stops all sources; what they handed over is durable or is read again.
    pub(super) fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(work).context("starting a thread")
}

/// Whom deliveries are for: the tenant's node, which may be another after its settings changed.
struct Recipient {
    app: App,
    tenant: String,
    runtime: Handle,
    stop: Arc<AtomicBool>,
}

impl Recipient {
    /// Hands deliveries over in their order, and receipts back.
    fn deliver(&self, deliveries: &Receiver<Delivery>, receipts: &Sender<Receipt>) {
        for delivery in deliveries {
            let (number, source) = (delivery.number, Arc::clone(&delivery.source));
            let Some(receipt) = self.submit(&batch_of(delivery)) else { return };
            let samples = receipt.refusals.iter().map(|refusal| UnreadableSample {
                record: refusal.record,
                reason: refusal.reason.clone(),
                excerpt: refusal.sample.clone(),
            });
            let receipt = Receipt {
                number,
                source,
                accepted: receipt.accepted,
                repeated: receipt.repeated,
                refused: receipt.refused,
                samples: samples.collect(),
            };
            if receipts.send(receipt).is_err() {
                return;
            }
        }
    }

    /// Waits while the node is full or being opened anew. None when nothing can be delivered any more: what was not is read
    /// again from its position after the next start.
    fn submit(&self, batch: &Batch) -> Option<node::Receipt> {
        loop {
            let node = self.app.node(&self.tenant)?;
            match self.runtime.block_on(node.submit(batch.clone())) {
                Ok(receipt) => return Some(receipt),
                Err(Refused::Busy | Refused::Disk(_) | Refused::Closing) if !self.stop.load(Ordering::Relaxed) => {
                    thread::sleep(PAUSE);
                }
                Err(Refused::TooLarge { bytes }) => {
                    tracing::error!(source = batch.source, bytes, "a batch is too large and was left out");
                    return Some(node::Receipt::default());
                }
                Err(Refused::Failed) => {
                    tracing::error!(source = batch.source, "the node failed: nothing more is delivered to it");
                    return None;
                }
                Err(_) => return None,
            }
        }
    }
}

fn batch_of(delivery: Delivery) -> Batch {
    Batch {
        source: delivery.source.to_string(),
        format: delivery.decoder().unwrap_or_default(),
        position: Some(Position { key: delivery.key.to_string(), place: delivery.position }),
        event_id: None,
        received_at: delivery.received_at,
        records: delivery.batch.into_bytes(),
    }
}
