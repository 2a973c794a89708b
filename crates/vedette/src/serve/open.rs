//! Opens the node of a tenant, with what its administrators uploaded and set.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use vedette_engine::conformance::Contract;
use vedette_parse::classes::Classifier;
use vedette_parse::spec::{self, Spec};
use vedette_server::App;
use vedette_server::node::{self, Node, Setup, Timing};
use vedette_store::journal;
use vedette_store::keys::DataKey;
use vedette_store::lake::{Lake, LakeConfig, S3Access};
use vedette_store::state::{DocumentKind, State};

use super::config::{self, Config};
use crate::commands::traffic;

/// How often it is looked whether somebody made a tenant.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Opens the node of a tenant. Blocks; not on a worker of the runtime.
pub(crate) fn node(config: &Config, tenant: &str, state: &State, key: &DataKey, runtime: &Handle) -> Result<Arc<Node>> {
    let setup = runtime.block_on(setup(config, tenant, state, key))?;
    Node::open(setup, runtime).with_context(|| format!("opening the traffic of {tenant}"))
}

/// Gives tenants that are made while the server runs their nodes.
pub(super) async fn new_tenants(config: Config, app: App) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        look.tick().await;
        let Ok(tenants) = app.state().tenants().await else { continue };
        for tenant in tenants.into_iter().filter(|tenant| app.node(&tenant.id).is_none()) {
            let (config, state, key, id) = (config.clone(), app.state().clone(), app.key().clone(), tenant.id.clone());
            let runtime = Handle::current();
            let opened = tokio::task::spawn_blocking(move || node(&config, &id, &state, &key, &runtime)).await;
            match opened {
                Ok(Ok(node)) => app.add_node(&tenant.id, node),
                Ok(Err(error)) => {
                    tracing::error!(tenant = %tenant.id, error = %format!("{error:#}"), "a new tenant could not be opened");
                }
                Err(error) => tracing::error!(tenant = %tenant.id, %error, "opening a new tenant failed"),
            }
        }
    }
}

/// What a node is opened with.
pub(crate) async fn setup(config: &Config, tenant: &str, state: &State, key: &DataKey) -> Result<Setup> {
    let folder = node::folder_of(&config.data, tenant);
    let lake = lake(config, tenant, state).await?;
    let lake = Lake::open(lake).await.with_context(|| format!("opening the lake of {tenant}"))?;
    Ok(Setup {
        folder,
        key: key.clone(),
        classifier: Arc::new(classifier(config, tenant, state).await?),
        contract: contract(tenant, state).await?,
        lake: Arc::new(lake),
        timing: Timing {
            flush_every: Duration::from_secs(config.journal.flush_secs),
            snapshot_every: Duration::from_secs(config.journal.snapshot_secs),
            ..Timing::default()
        },
        journal: journal::Options { bytes_max: config.journal.bytes_max, ..journal::Options::default() },
    })
}

async fn lake(config: &Config, tenant: &str, state: &State) -> Result<LakeConfig> {
    let own = &config.lake;
    let place = own.place.as_ref().map(|place| format!("{}/{tenant}/exchanges", place.trim_end_matches('/')));
    let folder = node::folder_of(&config.data, tenant).join("lake/exchanges");
    let file = own.secret_access_key_file.as_deref();
    let secret = config::secret(None, file, "lake.secret_access_key_file")?;
    // What an administrator set in the pages goes before the file, which is everybody's.
    let set = state.setting(tenant, "retention-days").await?;
    let days = set.and_then(|setting| setting.value.parse().ok()).unwrap_or(own.retention_days);
    Ok(LakeConfig {
        place: place.unwrap_or_else(|| folder.display().to_string()),
        s3: S3Access {
            endpoint: own.endpoint.clone(),
            region: own.region.clone(),
            access_key_id: own.access_key_id.clone(),
            secret_access_key: secret.map(|secret| secret.expose_secret().to_owned()),
        },
        retention: Duration::from_hours(24 * u64::from(days)),
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
