//! Tenants, for administrators of the default tenant: they run this Vedette.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vedette_model::Timestamp;
use vedette_store::state::{DEFAULT_TENANT, Tenant};

use super::name;
use crate::auth::{Auth, Principal, Scope};
use crate::extract::Body;
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type MadeDoc = Doc<Made>;
type NewDoc = Doc<New>;
type TenantsDoc = Doc<Tenants>;

/// A tenant.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Tenant")]
pub(super) struct Shown {
    /// Id.
    id: String,
    /// Name for people.
    title: String,
    /// Since when.
    created_at: Timestamp,
}

/// All tenants.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tenants {
    /// By id.
    items: Vec<Shown>,
}

/// A tenant to be.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "NewTenant")]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    /// Id: 1 to 64 lower-case letters, digits and dashes, no dash first.
    #[schemars(example = &"acme")]
    id: String,
    /// Name for people.
    #[schemars(example = &"Acme Corporation")]
    title: String,
}

/// A tenant with the token of its first administrator.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TenantMade")]
pub(super) struct Made {
    /// The tenant.
    tenant: Shown,
    /// Token of the tenant's user `admin`, shown this once.
    admin_token: String,
}

impl Shown {
    fn of(tenant: Tenant) -> Self {
        Self { id: tenant.id, title: tenant.title, created_at: tenant.created_at }
    }
}

/// List tenants
#[utoipa::path(get, path = "/v1/tenants", tag = "Tenants",
    responses((status = 200, description = "All tenants", body = inline(TenantsDoc))))]
pub(super) async fn list(State(auth): State<Auth>, who: Principal) -> Result<Response, Problem> {
    require_operator(&who)?;
    let items = auth.state().tenants().await?.into_iter().map(Shown::of).collect();
    Ok(Json(Tenants { items }).into_response())
}

/// Add a tenant
///
/// With a user `admin` and a token of theirs. Its data is kept apart in everything.
#[utoipa::path(post, path = "/v1/tenants", tag = "Tenants",
    request_body(content = inline(NewDoc)),
    responses(
        (status = 201, description = "The tenant and its first token", body = inline(MadeDoc)),
        (status = 409, description = "The id is taken, or there are too many tenants"),
    ))]
pub(super) async fn create(
    State(auth): State<Auth>,
    who: Principal,
    Body(new): Body<New>,
) -> Result<Response, Problem> {
    require_operator(&who)?;
    if !Tenant::valid_id(&new.id) {
        return Err(Problem::invalid("/id", "must be 1 to 64 lower-case letters, digits and dashes, no dash first"));
    }
    let title = name("/title", &new.title)?;
    let tenant = auth.state().create_tenant(&new.id, &title, auth.now()).await?;
    let scopes = Scope::ALL.map(Scope::name);
    let secret = auth.state().tenant_admin_token(&tenant.id, &scopes, auth.now()).await?;
    // Somebody else made the first user between the two: then the tenant is theirs.
    let secret = secret.ok_or_else(|| Problem::new(Kind::Conflict, "the tenant has users already"))?;
    auth.audit(&who, "tenant.create", &tenant.id, title).await?;
    let made = Made { tenant: Shown::of(tenant), admin_token: secret.as_str().to_owned() };
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

fn require_operator(who: &Principal) -> Result<(), Problem> {
    who.require(Scope::Admin)?;
    if who.tenant == DEFAULT_TENANT {
        return Ok(());
    }
    Err(Problem::new(Kind::Forbidden, "only administrators of the default tenant see tenants"))
}
