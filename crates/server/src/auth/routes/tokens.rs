//! API tokens: one's own, and for administrators all.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use vedette_model::Timestamp;
use vedette_store::state::{NewToken, Token};

use super::{name, services};
use crate::auth::{Auth, Principal, PrincipalKind, Scope};
use crate::extract::{Body, Id};
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type MadeDoc = Doc<Made>;
type NewDoc = Doc<New>;
type TokensDoc = Doc<Tokens>;

/// A token, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Token")]
pub(super) struct Shown {
    /// Stable id.
    id: String,
    /// What it is for.
    name: String,
    /// What it may do, as far as its maker may.
    scopes: Vec<String>,
    /// Services that it is limited to; all when empty.
    services: Vec<String>,
    /// Id of the user who made it.
    user_id: String,
    /// Since when.
    created_at: Timestamp,
    /// Until when.
    expires_at: Option<Timestamp>,
    /// Last use, to about a minute.
    used_at: Option<Timestamp>,
}

/// Tokens.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tokens {
    /// Newest first.
    items: Vec<Shown>,
}

/// A token to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewToken")]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    /// What it is for.
    #[schemars(example = &"gateway")]
    name: String,
    /// What it may do; not more than its maker.
    scopes: Vec<Scope>,
    /// Services that it is limited to; all that its maker sees when empty.
    #[serde(default)]
    services: Vec<String>,
    /// Until when; without an end when it is left out.
    expires_at: Option<Timestamp>,
}

/// A token with its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TokenMade")]
pub(super) struct Made {
    /// The token.
    token: Shown,
    /// What goes into `Authorization: Bearer …`. It is shown this once.
    secret: String,
}

impl Shown {
    fn of(token: Token) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scopes: token.scopes,
            services: token.services,
            user_id: token.user_id,
            created_at: token.created_at,
            expires_at: token.expires_at,
            used_at: token.used_at,
        }
    }
}

/// List tokens
///
/// One's own; administrators see all.
#[utoipa::path(get, path = "/v1/tokens", tag = "Tokens",
    responses((status = 200, description = "The tokens, without secrets", body = inline(TokensDoc))))]
pub(super) async fn list(State(auth): State<Auth>, who: Principal) -> Result<Response, Problem> {
    let mine = owner(&auth, &who).await?;
    let tokens = auth.state().tokens(&who.tenant).await?.into_iter();
    let items = tokens.filter(|token| who.may(Scope::Admin) || token.user_id == mine).map(Shown::of).collect();
    Ok(Json(Tokens { items }).into_response())
}

/// Make a token
///
/// It never does more than its maker may at that moment, and ends with its maker.
#[utoipa::path(post, path = "/v1/tokens", tag = "Tokens",
    request_body(content = inline(NewDoc)),
    responses(
        (status = 201, description = "The token with its secret", body = inline(MadeDoc)),
        (status = 409, description = "There are too many tokens"),
    ))]
pub(super) async fn create(
    State(auth): State<Auth>,
    who: Principal,
    Body(new): Body<New>,
) -> Result<Response, Problem> {
    let user_id = owner(&auth, &who).await?;
    let new = checked(&auth, &who, new)?;
    let (token, secret) = auth.state().create_token(&who.tenant, &user_id, new, auth.now()).await?;
    let detail = json!({"name": token.name, "scopes": token.scopes, "services": token.services});
    auth.audit(&who, "token.create", &token.id, detail.to_string()).await?;
    let made = Made { token: Shown::of(token), secret: secret.as_str().to_owned() };
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Revoke a token
///
/// One's own; administrators any.
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "Tokens",
    params(("id" = String, Path, description = "The token's id")),
    responses(
        (status = 204, description = "Revoked: it is unknown from now on"),
        (status = 404, description = "No such token"),
    ))]
pub(super) async fn delete(State(auth): State<Auth>, who: Principal, Id(id): Id) -> Result<StatusCode, Problem> {
    let mine = owner(&auth, &who).await?;
    let of = (!who.may(Scope::Admin)).then_some(mine.as_str());
    let token = auth.state().delete_token(&who.tenant, &id, of).await?;
    auth.audit(&who, "token.delete", &id, token.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The user behind a principal. A token makes and sees tokens only when it administers: one that leaks must not
/// multiply.
async fn owner(auth: &Auth, who: &Principal) -> Result<String, Problem> {
    if who.kind == PrincipalKind::User {
        return Ok(who.id.clone());
    }
    who.require(Scope::Admin)?;
    let tokens = auth.state().tokens(&who.tenant).await?;
    let token = tokens.into_iter().find(|token| token.id == who.id);
    token.map(|token| token.user_id).ok_or_else(|| Problem::bare(Kind::Unauthenticated))
}

fn checked(auth: &Auth, who: &Principal, new: New) -> Result<NewToken, Problem> {
    let name = name("/name", &new.name)?;
    let mut scopes = new.scopes;
    scopes.sort();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Problem::invalid("/scopes", "must not be empty"));
    }
    for scope in &scopes {
        who.require(*scope)?;
    }
    let services = services("/services", &new.services)?;
    if who.restricted() && who.kind == PrincipalKind::Token && services.is_empty() {
        return Err(Problem::invalid("/services", "must not be empty: this token is limited to some itself"));
    }
    if let Some(service) = services.iter().find(|service| !who.sees(service)) {
        return Err(Problem::new(Kind::Forbidden, format!("you do not see the service {service}")));
    }
    if new.expires_at.is_some_and(|end| end <= auth.now()) {
        return Err(Problem::invalid("/expires_at", "must be in the future"));
    }
    let scopes = scopes.iter().map(|scope| scope.name().to_owned()).collect();
    Ok(NewToken { name, scopes, services, expires_at: new.expires_at })
}
