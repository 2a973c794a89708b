//! What handlers work on: the nodes of all tenants, the state, the settings.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use vedette_ingest::{HealthBoard, wall_clock};
use vedette_store::hunt::Hunter;
use vedette_store::keys::DataKey;
use vedette_store::state::State;

use crate::api::exchanges::Waiting;
use crate::auth::{Auth, AuthError, AuthSettings};
use crate::feed::Feed;
use crate::live::Live;
use crate::node::Node;
use crate::settings::Settings;

/// Shared by every handler; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    state: State,
    key: DataKey,
    settings: Settings,
    auth: Auth,
    nodes: RwLock<BTreeMap<String, Arc<Node>>>,
    feeds: RwLock<BTreeMap<String, Arc<Feed>>>,
    origins: RwLock<BTreeMap<String, HealthBoard>>,
    hunter: Option<Arc<Hunter>>,
    waiting: Waiting,
    /// Tells this run's feeds from another's.
    run: u64,
}

impl App {
    /// Without nodes yet. Without a hunter, hunts are answered 503.
    ///
    /// # Errors
    /// When logins cannot work as configured.
    pub fn new(state: State, key: DataKey, settings: Settings, hunter: Option<Arc<Hunter>>) -> Result<Self, AuthError> {
        let logins = AuthSettings {
            secure: settings.secure,
            public_url: settings.public_url.clone(),
            oidc: settings.oidc.clone(),
        };
        let auth = Auth::new(state.clone(), key.clone(), logins)?;
        Ok(Self::with(state, key, settings, auth, hunter))
    }

    /// With logins that are there.
    pub fn with(state: State, key: DataKey, settings: Settings, auth: Auth, hunter: Option<Arc<Hunter>>) -> Self {
        Self(Arc::new(Parts {
            state,
            key,
            settings,
            auth,
            nodes: RwLock::default(),
            feeds: RwLock::default(),
            origins: RwLock::default(),
            hunter,
            waiting: Waiting::default(),
            run: wall_clock().0.unsigned_abs(),
        }))
    }

    /// What people decided and may do.
    pub fn state(&self) -> &State {
        &self.0.state
    }

    /// The key of the data folder.
    pub fn key(&self) -> &DataKey {
        &self.0.key
    }

    /// Who may log in, and how.
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }

    /// How this server is configured.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The node of a tenant.
    pub fn node(&self, tenant: &str) -> Option<Arc<Node>> {
        self.0.nodes.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    /// All nodes by tenant.
    pub fn nodes(&self) -> Vec<(String, Arc<Node>)> {
        let nodes = self.0.nodes.read().unwrap_or_else(PoisonError::into_inner);
        nodes.iter().map(|(tenant, node)| (tenant.clone(), Arc::clone(node))).collect()
    }

    /// Gives a tenant its node, in place of one that was closed, and follows what happens in it. Must be called within the
    /// runtime.
    pub fn add_node(&self, tenant: &str, node: Arc<Node>) {
        let live = Live::new(self.clone(), tenant, &node, self.feed(tenant));
        tokio::spawn(live.run(node.feed()));
        self.0.nodes.write().unwrap_or_else(PoisonError::into_inner).insert(tenant.to_owned(), node);
    }

    /// What happens in a tenant, for those who listen.
    pub fn feed(&self, tenant: &str) -> Arc<Feed> {
        let mut feeds = self.0.feeds.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(feeds.entry(tenant.to_owned()).or_insert_with(|| Arc::new(Feed::new(self.0.run))))
    }

    /// Says where a tenant's live sources tell how they are.
    pub fn watch_sources(&self, tenant: &str, board: HealthBoard) {
        self.0.origins.write().unwrap_or_else(PoisonError::into_inner).insert(tenant.to_owned(), board);
    }

    /// How a tenant's live sources are at their origin; of those that push nothing is known.
    pub(crate) fn origins(&self, tenant: &str) -> HealthBoard {
        self.0.origins.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned().unwrap_or_default()
    }

    /// Who runs hunts.
    pub fn hunter(&self) -> Option<&Arc<Hunter>> {
        self.0.hunter.as_ref()
    }

    /// Memory that pushed traffic shares.
    pub(crate) fn waiting(&self) -> &Waiting {
        &self.0.waiting
    }
}
