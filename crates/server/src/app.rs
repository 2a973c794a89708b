//! What handlers work on: the nodes of all tenants, the state, the settings.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use vedette_store::keys::DataKey;
use vedette_store::state::State;

use crate::node::Node;
use crate::settings::Settings;

/// Shared by every handler; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    state: State,
    key: DataKey,
    settings: Settings,
    nodes: RwLock<BTreeMap<String, Arc<Node>>>,
}

impl App {
    /// Without nodes yet.
    pub fn new(state: State, key: DataKey, settings: Settings) -> Self {
        Self(Arc::new(Parts { state, key, settings, nodes: RwLock::default() }))
    }

    /// What people decided and may do.
    pub fn state(&self) -> &State {
        &self.0.state
    }

    /// The key of the data folder.
    pub fn key(&self) -> &DataKey {
        &self.0.key
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

    /// Gives a tenant its node.
    pub fn add_node(&self, tenant: &str, node: Arc<Node>) {
        self.0.nodes.write().unwrap_or_else(PoisonError::into_inner).insert(tenant.to_owned(), node);
    }
}
