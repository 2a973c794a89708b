//! Who asks: a user with a role, or an API token with scopes.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vedette_model::Timestamp;

use crate::problem::{Kind, Problem};

/// Who asks. Every answer is limited to `tenant`, and to `services` when the principal is [restricted](Self::restricted).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The tenant whose data this principal sees; there is no principal of several.
    pub tenant: String,
    /// Stable id of the user or token.
    pub id: String,
    /// Name as a person knows it; stands in the audit log.
    pub name: String,
    /// Person or program.
    pub kind: PrincipalKind,
    /// The user's role. For a token the smallest role that has its scopes.
    pub role: Role,
    /// What may be done, without repeats.
    pub scopes: Vec<Scope>,
    /// Services that a restricted principal sees; empty for one that sees all.
    pub services: Vec<String>,
    /// The second that ends this login at the latest; streams close then. `None` for a token without an end.
    pub expires_at: Option<Timestamp>,
    /// Hash of the session's id, for a user who is logged in by cookie.
    pub session: Option<String>,
    /// The client's address, when the request came over a socket.
    pub address: Option<IpAddr>,
}

/// Person or program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// A person with a session.
    User,
    /// A program with an API token.
    Token,
}

/// What a user may do, in ascending order of trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, hunts and judges findings.
    Analyst,
    /// Reads and judges findings of the services they own, and sees nothing of others. No hunting: SQL sees everything.
    Developer,
    /// Everything, users and settings included.
    Admin,
}

/// One sort of thing that may be done. API tokens carry scopes; a user's role implies them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Send exchanges; nothing is shown.
    Ingest,
    /// Read what was learned.
    Read,
    /// Run SQL over the exchanges.
    Hunt,
    /// Judge findings, comment, save hunts.
    Triage,
    /// Users, tokens, settings, specifications, audit log.
    Admin,
}

impl Role {
    /// Every role, in ascending order of trust.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Analyst, Self::Developer, Self::Admin];

    /// As it is written in the API and the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Developer => "developer",
            Self::Admin => "admin",
        }
    }

    /// The role with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What a user of this role may do.
    pub fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Viewer => &[Scope::Read],
            Self::Analyst => &[Scope::Read, Scope::Hunt, Scope::Triage],
            Self::Developer => &[Scope::Read, Scope::Triage],
            Self::Admin => &Scope::ALL,
        }
    }
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [Self::Ingest, Self::Read, Self::Hunt, Self::Triage, Self::Admin];

    /// As it is written in the API and the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Hunt => "hunt",
            Self::Triage => "triage",
            Self::Admin => "admin",
        }
    }

    /// The scope with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

impl Principal {
    /// Refuses whoever lacks the scope.
    pub fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.may(scope) {
            return Ok(());
        }
        let detail = match self.kind {
            PrincipalKind::User => format!("the role {} does not have the scope {}", self.role.name(), scope.name()),
            PrincipalKind::Token => format!("this token does not have the scope {}", scope.name()),
        };
        Err(Problem::new(Kind::Forbidden, detail).hint("ask an administrator of this Vedette"))
    }

    /// Refuses programs: what concerns a login or the creation of credentials is for people with a session.
    pub fn require_user(&self) -> Result<(), Problem> {
        match self.kind {
            PrincipalKind::User => Ok(()),
            PrincipalKind::Token => Err(Problem::new(Kind::Forbidden, "this is for users, not for API tokens")),
        }
    }

    /// Answers "there is no such thing" to whoever may not see the service: both look the same.
    pub fn require_service(&self, service: &str, sort: &str) -> Result<(), Problem> {
        if self.sees(service) { Ok(()) } else { Err(Problem::no_such(sort)) }
    }

    /// Refuses what cannot be limited to owned services (SQL, whole exports).
    pub fn require_unrestricted(&self) -> Result<(), Problem> {
        if !self.restricted() {
            return Ok(());
        }
        Err(Problem::new(Kind::Forbidden, "this shows all services, and you see only those you own"))
    }

    /// As the audit log names it: `user:ada`, `token:ci`.
    pub fn actor(&self) -> String {
        match self.kind {
            PrincipalKind::User => format!("user:{}", self.name),
            PrincipalKind::Token => format!("token:{}", self.name),
        }
    }

    /// Whether the scope is there.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether only `services` may be seen: developers, and tokens made for some services.
    pub fn restricted(&self) -> bool {
        self.role == Role::Developer || !self.services.is_empty()
    }

    /// Whether anything of this service may be seen.
    pub fn sees(&self, service: &str) -> bool {
        !self.restricted() || self.services.iter().any(|owned| owned == service)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    /// Takes what [`authenticate`](super::authenticate()) found out.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::bare(Kind::Unauthenticated))
    }
}

/// A user of a test.
#[cfg(test)]
pub(crate) fn somebody(role: Role, services: &[&str]) -> Principal {
    Principal {
        tenant: "default".to_owned(),
        id: "u1".to_owned(),
        name: "ada".to_owned(),
        kind: PrincipalKind::User,
        role,
        scopes: role.scopes().to_vec(),
        services: services.iter().map(|service| (*service).to_owned()).collect(),
        expires_at: None,
        session: None,
        address: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn developers_see_owned_services_only() {
        let developer = somebody(Role::Developer, &["shop"]);
        assert!(developer.sees("shop"));
        assert!(!developer.sees("bank"));
        assert!(!somebody(Role::Developer, &[]).sees("shop"), "owning nothing is not owning everything");
        assert!(somebody(Role::Viewer, &[]).sees("bank"));
        assert_eq!(developer.require_service("bank", "endpoint").unwrap_err().kind(), Kind::NotFound);
        assert_eq!(developer.require_unrestricted().unwrap_err().kind(), Kind::Forbidden);
    }

    #[test]
    fn roles_have_the_scopes_that_the_reference_says() {
        let table: Vec<String> = Role::ALL
            .iter()
            .map(|role| {
                let scopes: Vec<_> = role.scopes().iter().map(|scope| scope.name()).collect();
                format!("{}: {}", role.name(), scopes.join(", "))
            })
            .collect();
        insta::assert_snapshot!(table.join("\n"), @r"
        viewer: read
        analyst: read, hunt, triage
        developer: read, triage
        admin: ingest, read, hunt, triage, admin
        ");
        assert_eq!(somebody(Role::Viewer, &[]).require(Scope::Triage).unwrap_err().kind(), Kind::Forbidden);
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
        }
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.name()), Some(scope));
        }
    }
}
