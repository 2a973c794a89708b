//! Who may use which route: one table, checked before any handler runs.
//!
//! A route that is not in the table is refused to everybody, so forgetting one shows at once and opens nothing. The
//! OpenAPI document takes `x-required-scope` from here, and a test walks every route with every role.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::auth::{Principal, Scope};
use crate::problem::{Kind, Problem};

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: no token, no session.
    Public,
    /// A login or token of any kind; the handler limits it to what is the caller's own.
    Login,
    /// A scope.
    Scope(Scope),
    /// A scope, and sight of all services: what is shown cannot be limited to some.
    Whole(Scope),
    /// Loopback addresses, or a principal with the scope `read`: what machines scrape.
    Scrape,
    /// Not in the table.
    Nobody,
}

impl Access {
    /// As `x-required-scope` says it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Public => "none",
            Self::Login => "any",
            Self::Scope(scope) | Self::Whole(scope) => scope.name(),
            Self::Scrape => "read-or-loopback",
            Self::Nobody => "nobody",
        }
    }

    /// Whether this principal passes; `None` is nobody.
    pub fn allows(self, principal: Option<&Principal>) -> Result<(), Problem> {
        let known = || principal.ok_or_else(|| Problem::bare(Kind::Unauthenticated));
        match self {
            Self::Public => Ok(()),
            Self::Login => known().map(|_| ()),
            Self::Scope(scope) => known()?.require(scope),
            Self::Whole(scope) => {
                known()?.require(scope)?;
                known()?.require_unrestricted()
            }
            Self::Scrape => known()?.require(Scope::Read),
            Self::Nobody => Err(Problem::bare(Kind::Forbidden)),
        }
    }
}

const READ: Access = Access::Scope(Scope::Read);
const READ_ALL: Access = Access::Whole(Scope::Read);
const TRIAGE: Access = Access::Scope(Scope::Triage);
const TRIAGE_ALL: Access = Access::Whole(Scope::Triage);
const HUNT: Access = Access::Scope(Scope::Hunt);
const ADMIN: Access = Access::Scope(Scope::Admin);

/// Every route: method, path as the router has it, who may.
pub const ROUTES: &[(&str, &str, Access)] = &[
    ("GET", "/health", Access::Public),
    ("GET", "/ready", Access::Public),
    ("GET", "/metrics", Access::Scrape),
    ("GET", "/docs", Access::Public),
    ("GET", "/docs/style.css", Access::Public),
    ("GET", "/v1/openapi.json", Access::Public),
    ("POST", "/v1/exchanges", Access::Scope(Scope::Ingest)),
    ("GET", "/v1/overview", READ),
    ("GET", "/v1/sources", READ_ALL),
    ("GET", "/v1/sources/{id}", READ_ALL),
    ("GET", "/v1/services", READ),
    ("GET", "/v1/services/{id}", READ),
    ("GET", "/v1/services/{id}/openapi", READ),
    ("GET", "/v1/endpoints", READ),
    ("GET", "/v1/endpoints/{id}", READ),
    ("GET", "/v1/endpoints/{id}/changes", READ),
    ("GET", "/v1/findings", READ),
    ("GET", "/v1/findings/{id}", READ),
    ("PATCH", "/v1/findings/{id}", TRIAGE),
    ("GET", "/v1/findings/{id}/comments", READ),
    ("POST", "/v1/findings/{id}/comments", TRIAGE),
    ("GET", "/v1/detections", READ),
    ("GET", "/v1/detections/{id}", READ),
    ("GET", "/v1/incidents", READ),
    ("GET", "/v1/incidents/{id}", READ),
    ("PATCH", "/v1/incidents/{id}", TRIAGE),
    ("GET", "/v1/incidents/{id}/comments", READ),
    ("POST", "/v1/incidents/{id}/comments", TRIAGE),
    ("GET", "/v1/abuse-cases", READ),
    ("GET", "/v1/actors", READ_ALL),
    ("GET", "/v1/actors/{id}", READ_ALL),
    ("PATCH", "/v1/actors/{id}", TRIAGE_ALL),
    ("GET", "/v1/changes", READ),
    ("GET", "/v1/compliance", READ_ALL),
    ("GET", "/v1/tables", HUNT),
    ("GET", "/v1/hunts", HUNT),
    ("POST", "/v1/hunts", HUNT),
    ("GET", "/v1/hunts/{id}", HUNT),
    ("PUT", "/v1/hunts/{id}", HUNT),
    ("DELETE", "/v1/hunts/{id}", HUNT),
    ("GET", "/v1/hunts/running", HUNT),
    ("POST", "/v1/hunts/run", HUNT),
    ("DELETE", "/v1/hunts/run/{id}", HUNT),
    ("GET", "/v1/specs", READ),
    ("POST", "/v1/specs", ADMIN),
    ("GET", "/v1/specs/{id}", READ),
    ("PUT", "/v1/specs/{id}", ADMIN),
    ("DELETE", "/v1/specs/{id}", ADMIN),
    ("GET", "/v1/specs/{id}/versions", READ),
    ("GET", "/v1/specs/{id}/document", READ),
    ("GET", "/v1/specs/{id}/conformance", READ),
    ("GET", "/v1/classes", READ),
    ("PUT", "/v1/classes/{id}", ADMIN),
    ("DELETE", "/v1/classes/{id}", ADMIN),
    ("GET", "/v1/settings", ADMIN),
    ("GET", "/v1/settings/{id}", ADMIN),
    ("PUT", "/v1/settings/{id}", ADMIN),
    ("GET", "/v1/feed", READ),
    ("GET", "/v1/login", Access::Public),
    ("POST", "/v1/login", Access::Public),
    ("POST", "/v1/logout", Access::Login),
    ("GET", "/v1/oidc/start", Access::Public),
    ("GET", "/v1/oidc/callback", Access::Public),
    ("GET", "/v1/me", Access::Login),
    ("PUT", "/v1/me/password", Access::Login),
    ("POST", "/v1/me/totp", Access::Login),
    ("POST", "/v1/me/totp/confirm", Access::Login),
    ("POST", "/v1/me/totp/remove", Access::Login),
    ("GET", "/v1/users", ADMIN),
    ("POST", "/v1/users", ADMIN),
    ("GET", "/v1/users/{id}", ADMIN),
    ("PATCH", "/v1/users/{id}", ADMIN),
    ("DELETE", "/v1/users/{id}", ADMIN),
    ("DELETE", "/v1/users/{id}/totp", ADMIN),
    ("GET", "/v1/tokens", Access::Login),
    ("POST", "/v1/tokens", Access::Login),
    ("DELETE", "/v1/tokens/{id}", Access::Login),
    ("GET", "/v1/tenants", ADMIN),
    ("POST", "/v1/tenants", ADMIN),
    ("GET", "/v1/audit", ADMIN),
    ("GET", "/v1/audit/verify", ADMIN),
];

/// Who may use a route; `None` when the table does not know it.
pub fn of(method: &str, path: &str) -> Option<Access> {
    // A HEAD is answered by the handler of GET.
    let method = if method == "HEAD" { "GET" } else { method };
    let find = |routes: &[(&str, &str, Access)]| {
        routes.iter().find(|row| row.0 == method && row.1 == path).map(|(_, _, access)| *access)
    };
    find(ROUTES)
}

/// The methods of a path, as the header `Allow` lists them.
fn methods(path: &str) -> Option<String> {
    let mut methods: Vec<&str> = ROUTES.iter().filter(|row| row.1 == path).map(|row| row.0).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    (!methods.is_empty()).then(|| methods.join(","))
}

/// Refuses whoever the table does not let through. Runs after the caller was recognized and the route was matched.
pub async fn guard(State(settings): State<Scraping>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let access = path.and_then(|path| of(request.method().as_str(), path)).unwrap_or(Access::Nobody);
    if let Some(allowed) = path.filter(|_| access == Access::Nobody).and_then(methods) {
        return Problem::bare(Kind::MethodNotAllowed).hint(format!("it has {allowed}")).allow(&allowed).into_response();
    }
    let principal = request.extensions().get::<Principal>();
    if access == Access::Scrape && settings.loopback && crate::address::is_loopback(&request) {
        return next.run(request).await;
    }
    match access.allows(principal) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// How `/metrics` may be read.
#[derive(Clone, Copy, Debug)]
pub struct Scraping {
    /// Loopback addresses need no token.
    pub loopback: bool,
}
