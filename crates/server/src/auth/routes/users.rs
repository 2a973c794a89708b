//! Users, for administrators.

use axum::Json;
use axum::extract::State;
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use vedette_model::Timestamp;
use vedette_store::state::{NewUser, User, UserChange};

use super::{etag, expected_version, name, services};
use crate::auth::{Auth, Principal, Role, Scope, passwords};
use crate::extract::{Body, Id};
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type ChangeDoc = Doc<Change>;
type NewDoc = Doc<New>;
type ShownDoc = Doc<Shown>;
type UsersDoc = Doc<Users>;

/// A user.
#[expect(clippy::struct_excessive_bools, reason = "four independent facts, as the document shows them")]
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub(super) struct Shown {
    /// Stable id.
    id: String,
    /// Name to log in with.
    name: String,
    /// What they may do.
    role: Role,
    /// Services that a developer owns.
    services: Vec<String>,
    /// They may not log in, and their tokens rest.
    disabled: bool,
    /// They have a password.
    password: bool,
    /// They have a second factor.
    second_factor: bool,
    /// They log in at the provider.
    oidc: bool,
    /// Since when.
    created_at: Timestamp,
    /// Last change.
    updated_at: Timestamp,
    /// Last login.
    login_at: Option<Timestamp>,
}

/// All users.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Users {
    /// By name.
    items: Vec<Shown>,
}

/// A user to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewUser")]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    /// Name to log in with; kept in lower case.
    #[schemars(example = &"ada")]
    name: String,
    /// What they may do.
    role: Role,
    /// Services that a developer owns.
    #[serde(default)]
    services: Vec<String>,
    /// First password, 12 bytes at least.
    #[schemars(with = "Option<String>")]
    password: Option<SecretString>,
}

/// What to change of a user; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "UserChange")]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// What they may do.
    role: Option<Role>,
    /// Services that a developer owns.
    services: Option<Vec<String>>,
    /// They may not log in, and their tokens rest.
    disabled: Option<bool>,
    /// A new password.
    #[schemars(with = "Option<String>")]
    password: Option<SecretString>,
}

impl Shown {
    fn of(user: User) -> Result<Self, Problem> {
        let unknown = || Problem::new(Kind::Internal, "the state has a user of an unknown role");
        Ok(Self {
            id: user.id,
            name: user.name,
            role: Role::parse(&user.role).ok_or_else(unknown)?,
            services: user.services,
            disabled: user.disabled,
            password: user.password.is_some(),
            second_factor: user.totp_confirmed,
            oidc: user.subject.is_some(),
            created_at: user.created_at,
            updated_at: user.updated_at,
            login_at: user.login_at,
        })
    }
}

/// List users
#[utoipa::path(get, path = "/v1/users", tag = "Users",
    responses((status = 200, description = "All users of the tenant", body = inline(UsersDoc))))]
pub(super) async fn list(State(auth): State<Auth>, who: Principal) -> Result<Response, Problem> {
    who.require(Scope::Admin)?;
    let users = auth.state().users(&who.tenant).await?;
    auth.audit(&who, "user.list", "", "").await?;
    let items = users.into_iter().map(Shown::of).collect::<Result<_, _>>()?;
    Ok(Json(Users { items }).into_response())
}

/// Add a user
#[utoipa::path(post, path = "/v1/users", tag = "Users",
    request_body(content = inline(NewDoc)),
    responses(
        (status = 201, description = "The user", body = inline(ShownDoc)),
        (status = 409, description = "The name is taken, or there are too many users"),
    ))]
pub(super) async fn create(
    State(auth): State<Auth>,
    who: Principal,
    Body(new): Body<New>,
) -> Result<Response, Problem> {
    who.require(Scope::Admin)?;
    let name = name("/name", &new.name)?.to_lowercase();
    let services = services("/services", &new.services)?;
    let password = hashed(&auth, new.password).await?;
    let role = new.role.name().to_owned();
    let new = NewUser { name, role, services, password, subject: None };
    let user = auth.state().create_user(&who.tenant, new, auth.now()).await?;
    let detail = json!({"name": user.name, "role": user.role, "services": user.services});
    auth.audit(&who, "user.create", &user.id, detail.to_string()).await?;
    let location =
        HeaderValue::try_from(format!("/v1/users/{}", user.id)).map_err(|error| Problem::internal(&error))?;
    let headers = [(ETAG, etag(user.version)), (LOCATION, location)];
    Ok((StatusCode::CREATED, headers, Json(Shown::of(user)?)).into_response())
}

/// Show a user
#[utoipa::path(get, path = "/v1/users/{id}", tag = "Users",
    params(("id" = String, Path, description = "The user's id")),
    responses(
        (status = 200, description = "The user", body = inline(ShownDoc)),
        (status = 404, description = "No such user"),
    ))]
pub(super) async fn show(State(auth): State<Auth>, who: Principal, Id(id): Id) -> Result<Response, Problem> {
    who.require(Scope::Admin)?;
    let user = auth.state().user(&who.tenant, &id).await?.ok_or_else(|| Problem::no_such("user"))?;
    auth.audit(&who, "user.read", &user.id, "").await?;
    Ok(([(ETAG, etag(user.version))], Json(Shown::of(user)?)).into_response())
}

/// Change a user
///
/// A change of role, services or password, and disabling, end the user's sessions. The last administrator can be
/// neither demoted nor disabled.
#[utoipa::path(patch, path = "/v1/users/{id}", tag = "Users",
    params(
        ("id" = String, Path, description = "The user's id"),
        ("If-Match" = Option<String>, Header, description = "ETag of the user", example = "\"7\""),
    ),
    request_body(content = inline(ChangeDoc)),
    responses(
        (status = 200, description = "The user, changed", body = inline(ShownDoc)),
        (status = 404, description = "No such user"),
        (status = 409, description = "It is the last administrator"),
        (status = 412, description = "Somebody changed it meanwhile"),
    ))]
pub(super) async fn change(
    State(auth): State<Auth>,
    who: Principal,
    Id(id): Id,
    headers: HeaderMap,
    Body(body): Body<Change>,
) -> Result<Response, Problem> {
    who.require(Scope::Admin)?;
    let version = expected_version(&headers)?;
    let detail = json!({
        "role": body.role, "services": body.services, "disabled": body.disabled, "password": body.password.is_some(),
    });
    let change = UserChange {
        role: body.role.map(|role| role.name().to_owned()),
        services: body.services.map(|names| services("/services", &names)).transpose()?,
        disabled: body.disabled,
        password: hashed(&auth, body.password).await?,
    };
    let user = auth.state().update_user(&who.tenant, &id, version, &change, auth.now()).await?;
    auth.audit(&who, "user.change", &id, detail.to_string()).await?;
    Ok(([(ETAG, etag(user.version))], Json(Shown::of(user)?)).into_response())
}

/// Remove a user
///
/// With sessions, tokens and second factor. What they wrote stays. The last administrator cannot be removed.
#[utoipa::path(delete, path = "/v1/users/{id}", tag = "Users",
    params(("id" = String, Path, description = "The user's id")),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "No such user"),
        (status = 409, description = "It is the last administrator"),
    ))]
pub(super) async fn delete(State(auth): State<Auth>, who: Principal, Id(id): Id) -> Result<StatusCode, Problem> {
    who.require(Scope::Admin)?;
    auth.state().delete_user(&who.tenant, &id).await?;
    auth.audit(&who, "user.delete", &id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a user's second factor
///
/// For somebody who lost app and recovery codes. Their sessions end.
#[utoipa::path(delete, path = "/v1/users/{id}/totp", tag = "Users",
    params(("id" = String, Path, description = "The user's id")),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "No such user"),
    ))]
pub(super) async fn reset_factor(State(auth): State<Auth>, who: Principal, Id(id): Id) -> Result<StatusCode, Problem> {
    who.require(Scope::Admin)?;
    auth.state().remove_totp(&who.tenant, &id, auth.now()).await?;
    auth.state().end_sessions(&who.tenant, &id, None).await?;
    auth.audit(&who, "user.factor.reset", &id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn hashed(auth: &Auth, password: Option<SecretString>) -> Result<Option<String>, Problem> {
    let Some(password) = password else { return Ok(None) };
    passwords::check(&password, "/password")?;
    Ok(Some(auth.passwords().hash(password).await?))
}
