//! Opens the node of a tenant, with what its administrators uploaded and set.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use vedette_engine::conformance::Contract;
use vedette_engine::labels::Label;
use vedette_ingest::wall_clock;
use vedette_parse::classes::Classifier;
use vedette_parse::identity::Extractors;
use vedette_parse::spec::{self, Spec};
use vedette_server::App;
use vedette_server::labels;
use vedette_server::node::{self, Node, Setup, Timing};
use vedette_store::journal;
use vedette_store::keys::DataKey;
use vedette_store::lake::{Lake, LakeConfig, S3Access};
use vedette_store::state::{DocumentKind, State};

use super::config::{self, Config};
use crate::commands::traffic;

/// How often it is looked whether somebody made a tenant or changed its settings.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What administrators decided about how a tenant's traffic is learned and kept.
pub(crate) struct Learning {
    classifier: Arc<Classifier>,
    identity: Option<Arc<Extractors>>,
    contract: Option<Arc<Contract>>,
    labels: Vec<Label>,
    retention: Duration,
    revision: String,
}

impl Learning {
    /// As it is now.
    pub(crate) async fn of(config: &Config, tenant: &str, state: &State) -> Result<Self> {
        // First, so that what changes meanwhile is noticed as a change.
        let revision = revision(tenant, state).await?;
        // What an administrator set in the pages goes before the file, which is everybody's.
        let set = state.setting(tenant, "retention-days").await?;
        let days = set.and_then(|setting| setting.value.parse().ok()).unwrap_or(config.lake.retention_days);
        Ok(Self {
            classifier: Arc::new(classifier(config, tenant, state).await?),
            identity: config.identity.as_deref().map(traffic::identity).transpose()?,
            contract: contract(tenant, state).await?,
            labels: labels::of(state, tenant, wall_clock()).await?,
            retention: Duration::from_hours(24 * u64::from(days)),
            revision,
        })
    }

    /// What a node is opened with.
    pub(crate) async fn setup(self, config: &Config, tenant: &str, key: &DataKey) -> Result<Setup> {
        let lake = lake(config, tenant, self.retention)?;
        let lake = Lake::open(lake).await.with_context(|| format!("opening the lake of {tenant}"))?;
        Ok(Setup {
            folder: node::folder_of(&config.data, tenant),
            key: key.clone(),
            classifier: self.classifier,
            identity: self.identity,
            contract: self.contract,
            labels: self.labels,
            lake: Arc::new(lake),
            timing: Timing {
                flush_every: Duration::from_secs(config.journal.flush_secs),
                snapshot_every: Duration::from_secs(config.journal.snapshot_secs),
                ..Timing::default()
            },
            journal: journal::Options { bytes_max: config.journal.bytes_max, ..journal::Options::default() },
            revision: self.revision,
        })
    }
}

/// Gives a tenant its node, opened as the settings are now, in place of the one that it has, which is closed first.
pub(super) async fn open(config: &Config, app: &App, tenant: &str) -> Result<()> {
    // What can be wrong with the settings shows before the old node is closed.
    let learning = Learning::of(config, tenant, app.state()).await?;
    if let Some(node) = app.node(tenant) {
        tokio::task::spawn_blocking(move || node.close()).await?;
    }
    let setup = learning.setup(config, tenant, app.key()).await?;
    let runtime = Handle::current();
    let opened = tokio::task::spawn_blocking(move || Node::open(setup, &runtime)).await?;
    app.add_node(tenant, opened.with_context(|| format!("opening the traffic of {tenant}"))?);
    Ok(())
}

/// Keeps the nodes in step with what administrators make and change, until `stop`: a new tenant gets a node, and one whose
/// specifications, data classes or retention changed gets another. Meanwhile senders are told to come back in a moment,
/// and what was learned can be read.
pub(super) async fn keep_in_step(config: Config, app: App, mut stop: oneshot::Receiver<()>) {
    // What could not be opened is tried again when it changed.
    let mut given_up: BTreeMap<String, String> = BTreeMap::new();
    loop {
        tokio::select! {
            _ = &mut stop => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let Ok(tenants) = app.state().tenants().await else { continue };
        for tenant in tenants.into_iter().map(|tenant| tenant.id) {
            let Ok(wanted) = revision(&tenant, app.state()).await else { continue };
            let is_so = app.node(&tenant).is_some_and(|node| node.revision() == wanted);
            if is_so || given_up.get(&tenant) == Some(&wanted) {
                continue;
            }
            match open(&config, &app, &tenant).await {
                Ok(()) => tracing::info!(tenant, "new settings are in force"),
                Err(error) => {
                    tracing::error!(tenant, error = %format!("{error:#}"), "new settings are not in force");
                    given_up.insert(tenant, wanted);
                }
            }
        }
    }
}

/// Other settings of [`Learning`], another revision.
async fn revision(tenant: &str, state: &State) -> Result<String> {
    let retention = state.setting(tenant, "retention-days").await?;
    let mut revision = format!("retention {}", retention.map_or(0, |setting| setting.version));
    for kind in [DocumentKind::Classes, DocumentKind::Spec] {
        for document in state.documents(tenant, kind).await? {
            let _ = write!(revision, ", {} {}", document.id, document.version);
        }
    }
    Ok(revision)
}

fn lake(config: &Config, tenant: &str, retention: Duration) -> Result<LakeConfig> {
    let own = &config.lake;
    let place = own.place.as_ref().map(|place| format!("{}/{tenant}/exchanges", place.trim_end_matches('/')));
    let folder = node::folder_of(&config.data, tenant).join("lake/exchanges");
    let file = own.secret_access_key_file.as_deref();
    let secret = config::secret(None, file, "lake.secret_access_key_file")?;
    Ok(LakeConfig {
        place: place.unwrap_or_else(|| folder.display().to_string()),
        s3: S3Access {
            endpoint: own.endpoint.clone(),
            region: own.region.clone(),
            access_key_id: own.access_key_id.clone(),
            secret_access_key: secret.map(|secret| secret.expose_secret().to_owned()),
        },
        retention,
    })
}

/// The built-in data classes, the configuration's and the uploaded ones on top.
async fn classifier(config: &Config, tenant: &str, state: &State) -> Result<Classifier> {
    let mut files: Vec<(String, String)> = Vec::new();
    if let Some(path) = &config.classes {
        files.push((path.display().to_string(), traffic::read_config(path)?));
    }
    for document in state.documents(tenant, DocumentKind::Classes).await? {
        if let Some(text) = state.document_text(tenant, DocumentKind::Classes, &document.id, None).await? {
            files.push((document.name, text));
        }
    }
    if files.is_empty() {
        return Ok(Classifier::builtin());
    }
    let borrowed = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Classifier::with_customs(borrowed).map_err(|all| traffic::diagnosed(&all))
}

/// The specifications that were uploaded.
async fn contract(tenant: &str, state: &State) -> Result<Option<Arc<Contract>>> {
    let mut specs: Vec<Spec> = Vec::new();
    for document in state.documents(tenant, DocumentKind::Spec).await? {
        let text = state.document_text(tenant, DocumentKind::Spec, &document.id, None).await?;
        let Some(text) = text else { continue };
        match spec::read(&document.name, &text, &mut |_| Err("an uploaded specification is one file".to_owned())) {
            Ok(spec) => specs.push(spec),
            Err(error) => tracing::warn!(tenant, spec = %document.name, %error, "a specification cannot be read"),
        }
    }
    Ok((!specs.is_empty()).then(|| Arc::new(Contract::new(specs))))
}
