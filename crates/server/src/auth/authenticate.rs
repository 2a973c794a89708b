//! Finds out who asks, once per request.

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use vedette_model::Timestamp;
use vedette_model::limits::SEEN_EVERY;
use vedette_store::state::TokenOwner;

use super::session::{self, Current, Shown};
use super::{Auth, Principal, PrincipalKind, Role, Scope};
use crate::address;
use crate::problem::{Kind, Problem};

/// Path of the way in.
const LOGIN: &str = "/v1/login";

/// Middleware: puts a [`Principal`] (and for sessions a [`Current`]) into the request's extensions.
///
/// A request with neither cookie nor token goes on without one. A token that is wrong is refused here; a cookie that
/// is over is not, so that a browser with an old one can log in again. A forged request is refused.
pub async fn authenticate(State(auth): State<Auth>, mut request: Request, next: Next) -> Response {
    match recognize(&auth, request.method(), request.uri().path(), request.headers()).await {
        Ok(Some((mut principal, current))) => {
            principal.address = address::of(&request);
            request.extensions_mut().insert(principal);
            if let Some(current) = current {
                request.extensions_mut().insert(current);
            }
            next.run(request).await
        }
        Ok(None) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Takes parts of the request, for a whole one cannot be looked at from two threads.
async fn recognize(
    auth: &Auth,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<Option<(Principal, Option<Current>)>, Problem> {
    if let Some(secret) = bearer(headers)? {
        return Ok(Some((by_token(auth, secret).await?, None)));
    }
    if path == LOGIN {
        // Whoever logs in anew need not know the token of the session that ends by it; the handler looks at the origin.
        return Ok(None);
    }
    let Some(shown) = Shown::of(headers, auth.settings().secure) else { return Ok(None) };
    let Some(principal) = by_session(auth, &shown.current).await? else { return Ok(None) };
    session::check_forgery(method, headers, &shown.current)?;
    Ok(Some((principal, Some(shown.current))))
}

/// The token in `Authorization`; another scheme is refused rather than overlooked.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|text| text.split_once(' '));
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Problem::new(Kind::Unauthenticated, "only the scheme Bearer is understood")),
    }
}

/// The principal of an API token that is good now.
pub(super) async fn by_token(auth: &Auth, secret: &str) -> Result<Principal, Problem> {
    // Unknown, expired and resting tokens look the same.
    let refused = || Problem::new(Kind::Unauthenticated, "the token is unknown or no longer valid");
    let owner = auth.state().token(secret).await?.ok_or_else(refused)?;
    let now = auth.now();
    if owner.disabled || owner.token.expires_at.is_some_and(|end| end <= now) {
        return Err(refused());
    }
    if is_stale(owner.token.used_at, now) {
        auth.state().see_token(&owner.token.tenant, &owner.token.id, now).await?;
    }
    of_token(owner).ok_or_else(refused)
}

async fn by_session(auth: &Auth, current: &Current) -> Result<Option<Principal>, Problem> {
    let state = auth.state();
    let Some(session) = state.session(&current.hash).await? else { return Ok(None) };
    let now = auth.now();
    if session::is_over(&session, now) {
        state.end_session(&session.tenant, &session.hash).await?;
        return Ok(None);
    }
    let Some(user) = state.user(&session.tenant, &session.user_id).await? else { return Ok(None) };
    let Some(role) = Role::parse(&user.role).filter(|_| !user.disabled) else { return Ok(None) };
    if is_stale(Some(session.seen_at), now) {
        state.see_session(&session.tenant, &session.hash, now).await?;
    }
    Ok(Some(Principal {
        tenant: user.tenant,
        id: user.id,
        name: user.name,
        kind: PrincipalKind::User,
        role,
        scopes: role.scopes().to_vec(),
        services: if role == Role::Developer { user.services } else { Vec::new() },
        expires_at: Some(session.expires_at),
        session: Some(session.hash),
        address: None,
    }))
}

/// What a token may do: never more than its maker may do now. `None` when nothing is left of it.
fn of_token(owner: TokenOwner) -> Option<Principal> {
    let TokenOwner { token, role, services: owned, .. } = owner;
    let maker = Role::parse(&role)?;
    let scopes: Vec<Scope> =
        Scope::ALL.into_iter().filter(|scope| token.scopes.iter().any(|name| name == scope.name())).collect();
    // `ingest` shows nothing; a maker whose role changed to one without it must not stop the traffic.
    let scopes: Vec<Scope> =
        scopes.into_iter().filter(|scope| *scope == Scope::Ingest || maker.scopes().contains(scope)).collect();
    if scopes.is_empty() {
        return None;
    }
    let services: Vec<String> = match (maker, token.services.is_empty()) {
        (Role::Developer, true) => owned,
        (Role::Developer, false) => token.services.into_iter().filter(|service| owned.contains(service)).collect(),
        _ => token.services,
    };
    let role = if maker == Role::Developer || !services.is_empty() { Role::Developer } else { smallest(&scopes) };
    Some(Principal {
        tenant: token.tenant,
        id: token.id,
        name: token.name,
        kind: PrincipalKind::Token,
        role,
        scopes,
        services,
        expires_at: token.expires_at,
        session: None,
        address: None,
    })
}

/// The smallest role that has the scopes.
fn smallest(scopes: &[Scope]) -> Role {
    let has = |role: Role| scopes.iter().all(|scope| *scope == Scope::Ingest || role.scopes().contains(scope));
    [Role::Viewer, Role::Analyst].into_iter().find(|role| has(*role)).unwrap_or(Role::Admin)
}

/// Whether a "last seen" is worth a write.
fn is_stale(seen_at: Option<Timestamp>, now: Timestamp) -> bool {
    seen_at.is_none_or(|seen_at| now >= session::later(seen_at, SEEN_EVERY))
}

#[cfg(test)]
mod tests {
    use vedette_store::state::Token;

    use super::*;

    fn owner(role: &str, owned: &[&str], scopes: &[&str], services: &[&str]) -> TokenOwner {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let token = Token {
            tenant: "default".to_owned(),
            id: "t1".to_owned(),
            name: "ci".to_owned(),
            scopes: list(scopes),
            services: list(services),
            user_id: "u1".to_owned(),
            created_at: Timestamp(0),
            expires_at: None,
            used_at: None,
        };
        TokenOwner { token, name: "ada".to_owned(), role: role.to_owned(), services: list(owned), disabled: false }
    }

    #[test]
    fn a_token_never_does_more_than_its_maker_may_now() {
        let all = ["ingest", "read", "hunt", "triage", "admin"];
        let of = |role, owned: &[&str], services: &[&str]| of_token(owner(role, owned, &all, services));
        let admin = of("admin", &[], &[]).unwrap();
        assert_eq!((admin.role, admin.scopes.len(), admin.restricted()), (Role::Admin, 5, false));
        let demoted = of("viewer", &[], &[]).unwrap();
        assert_eq!(demoted.scopes, [Scope::Ingest, Scope::Read]);
        let developer = of("developer", &["shop"], &["shop", "bank"]).unwrap();
        assert_eq!((developer.role, developer.services.as_slice()), (Role::Developer, &["shop".to_owned()][..]));
        let none_left = of("developer", &["shop"], &["bank"]).unwrap();
        assert!(!none_left.sees("bank") && !none_left.sees("shop"));
        assert!(of("developer", &["shop"], &[]).unwrap().sees("shop"));
        let limited = of("admin", &[], &["shop"]).unwrap();
        assert!(limited.restricted() && limited.sees("shop") && !limited.sees("bank"));
        assert_eq!(of_token(owner("viewer", &[], &["hunt"], &[])), None, "nothing left");
        assert_eq!(of_token(owner("nonsense", &[], &["read"], &[])), None);
        assert_eq!(of_token(owner("admin", &[], &["read", "hunt"], &[])).unwrap().role, Role::Analyst);
    }
}
