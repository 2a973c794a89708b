//! What handlers work on: the nodes of all tenants, the state, the settings.

/// Shared by every handler; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct App {}
