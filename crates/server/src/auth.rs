//! Who asks, and what they may do.
//!
//! A request is authenticated once, in [`authenticate()`]: a session cookie or an API token becomes a [`Principal`] in the
//! request's extensions. Handlers take the [`Principal`] as an argument (a request without one is answered 401 before
//! the handler runs) and say what they need with [`Principal::require`] and [`Principal::require_service`].
//!
//! Start reading at [`principal`], then `authenticate.rs`.

use std::fmt;
use std::sync::Arc;

use axum::extract::FromRef;
use tokio::sync::Semaphore;
use vedette_ingest::wall_clock;
use vedette_model::Timestamp;
use vedette_store::keys::DataKey;
use vedette_store::state::{AuditEntry, State};

use crate::App;
use crate::problem::Problem;

mod authenticate;
mod errors;
mod factor;
pub mod oidc;
mod passwords;
pub mod principal;
mod routes;
pub mod session;
mod throttle;

#[cfg(test)]
mod tests;

pub use authenticate::authenticate;
pub use passwords::Passwords;
pub use principal::{Principal, PrincipalKind, Role, Scope};
pub use routes::router;

/// How logins work.
#[derive(Clone, Debug, Default)]
pub struct AuthSettings {
    /// The browser reaches us under TLS: cookies are `Secure` and named with `__Host-`.
    pub secure: bool,
    /// Address under which people reach this server (`https://vedette.example.org`); OIDC needs it.
    pub public_url: Option<String>,
    /// Login by an OIDC provider.
    pub oidc: Option<oidc::OidcSettings>,
}

/// What logins need. Cheap to clone.
#[derive(Clone)]
pub struct Auth(Arc<Inner>);

struct Inner {
    state: State,
    key: DataKey,
    settings: AuthSettings,
    passwords: Passwords,
    throttle: throttle::Throttle,
    oidc: Option<oidc::Oidc>,
    verifying: Semaphore,
    clock: fn() -> Timestamp,
}

/// Why logins cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Passwords cannot be hashed here.
    #[error("passwords cannot be hashed")]
    Passwords(#[from] argon2::password_hash::Error),
    /// The OIDC settings cannot work.
    #[error("the settings of the OIDC login are wrong")]
    Oidc(#[from] oidc::OidcError),
}

impl Auth {
    /// Logins against this state.
    pub fn new(state: State, key: DataKey, settings: AuthSettings) -> Result<Self, AuthError> {
        Self::with(state, key, settings, Passwords::new()?, wall_clock)
    }

    /// With another cost of passwords and another clock, for tests.
    pub fn with(
        state: State,
        key: DataKey,
        settings: AuthSettings,
        passwords: Passwords,
        clock: fn() -> Timestamp,
    ) -> Result<Self, AuthError> {
        let oidc = settings.oidc.clone();
        let oidc = oidc.map(|oidc| oidc::Oidc::new(oidc, settings.public_url.as_deref())).transpose()?;
        let throttle = throttle::Throttle::default();
        Ok(Self(Arc::new(Inner {
            state,
            key,
            settings,
            passwords,
            throttle,
            oidc,
            verifying: Semaphore::new(1),
            clock,
        })))
    }

    /// The state.
    pub fn state(&self) -> &State {
        &self.0.state
    }

    /// How logins work.
    pub fn settings(&self) -> &AuthSettings {
        &self.0.settings
    }

    fn key(&self) -> &DataKey {
        &self.0.key
    }

    fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    fn throttle(&self) -> &throttle::Throttle {
        &self.0.throttle
    }

    fn oidc(&self) -> Option<&oidc::Oidc> {
        self.0.oidc.as_ref()
    }

    fn verifying(&self) -> &Semaphore {
        &self.0.verifying
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        (self.0.clock)()
    }

    /// Notes what a principal did or read; when it returns, it is on disk. On an error the request must be refused.
    pub async fn audit(
        &self,
        principal: &Principal,
        action: &str,
        target: &str,
        detail: impl Into<String>,
    ) -> Result<(), Problem> {
        let entry = AuditEntry {
            at: self.now(),
            actor: principal.actor(),
            action: action.to_owned(),
            target: target.to_owned(),
            detail: detail.into(),
            address: principal.address.map(|address| address.to_string()).unwrap_or_default(),
        };
        Ok(self.0.state.audit(&principal.tenant, entry).await?)
    }
}

impl FromRef<App> for Auth {
    fn from_ref(app: &App) -> Self {
        app.auth().clone()
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
