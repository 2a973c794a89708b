//! Oneself: who one is, password, second factor.

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use vedette_model::Timestamp;
use vedette_store::state::{StateError, User, UserChange};

use super::From;
use super::login::{begin, check_code};
use crate::auth::session::{Current, Fresh};
use crate::auth::{Auth, Principal, PrincipalKind, Role, Scope, factor, passwords};
use crate::extract::Body;
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type CodeDoc = Doc<Code>;
type EnrolmentDoc = Doc<Enrolment>;
type MeDoc = Doc<Me>;
type NewPasswordDoc = Doc<NewPassword>;
type RecoveryCodesDoc = Doc<RecoveryCodes>;
type RenewedDoc = Doc<Renewed>;

/// Who one is and what one may do.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Me {
    /// Person or program.
    kind: PrincipalKind,
    /// Tenant.
    tenant: String,
    /// Stable id of the user or token.
    id: String,
    /// Name.
    name: String,
    /// Role; of a token the smallest that has its scopes.
    role: Role,
    /// What may be done.
    scopes: Vec<Scope>,
    /// Services that are seen, when not all are.
    services: Option<Vec<String>>,
    /// Whether there is a password (users).
    password: bool,
    /// Whether there is a second factor (users).
    second_factor: bool,
    /// When this login ends at the latest.
    expires_at: Option<Timestamp>,
    /// What unsafe requests of this session send in `X-CSRF-Token`.
    csrf: Option<String>,
}

/// A new password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    /// The present one, when there is one.
    #[schemars(with = "Option<String>")]
    old: Option<SecretString>,
    /// The new one, 12 bytes at least.
    #[schemars(with = "String")]
    new: SecretString,
}

/// A session that goes on.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Renewed {
    /// What unsafe requests of the new session send in `X-CSRF-Token`.
    csrf: String,
}

/// A second factor to confirm.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Enrolment {
    /// Secret for typing in, Base32.
    secret: String,
    /// The same for a QR code.
    url: String,
}

/// A code of the second factor.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    /// Six digits of the app, or a recovery code.
    #[schemars(with = "String")]
    code: SecretString,
}

/// Codes for when the app is lost; each works once. They are shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RecoveryCodes {
    /// The codes.
    recovery_codes: Vec<String>,
}

impl Me {
    /// A user, with the session that just began.
    pub(super) fn of(user: &User, fresh: Option<&Fresh>) -> Self {
        let role = Role::parse(&user.role).unwrap_or(Role::Viewer);
        Self {
            kind: PrincipalKind::User,
            tenant: user.tenant.clone(),
            id: user.id.clone(),
            name: user.name.clone(),
            role,
            scopes: role.scopes().to_vec(),
            services: (role == Role::Developer).then(|| user.services.clone()),
            password: user.password.is_some(),
            second_factor: user.totp_confirmed,
            expires_at: fresh.map(|fresh| fresh.expires_at),
            csrf: fresh.map(|fresh| fresh.current.csrf.clone()),
        }
    }
}

/// Who one is
#[utoipa::path(get, path = "/v1/me", tag = "Login",
    responses((status = 200, description = "The principal of this request", body = inline(MeDoc))))]
pub(super) async fn show(
    State(auth): State<Auth>,
    who: Principal,
    current: Option<axum::Extension<Current>>,
) -> Result<Response, Problem> {
    let user = match who.kind {
        PrincipalKind::User => auth.state().user(&who.tenant, &who.id).await?,
        PrincipalKind::Token => None,
    };
    let me = Me {
        kind: who.kind,
        services: who.restricted().then_some(who.services),
        tenant: who.tenant,
        id: who.id,
        name: who.name,
        role: who.role,
        scopes: who.scopes,
        password: user.as_ref().is_some_and(|user| user.password.is_some()),
        second_factor: user.as_ref().is_some_and(|user| user.totp_confirmed),
        expires_at: who.expires_at,
        csrf: current.map(|current| current.0.csrf),
    };
    Ok(Json(me).into_response())
}

/// Set one's password
///
/// Ends every session of the user; this one goes on under a new cookie.
#[utoipa::path(put, path = "/v1/me/password", tag = "Login",
    request_body(content = inline(NewPasswordDoc)),
    responses(
        (status = 200, description = "Set; the new cookie is set", body = inline(RenewedDoc)),
        (status = 409, description = "The user logs in at a provider and has no password here"),
        (status = 422, description = "The old password is wrong"),
    ))]
pub(super) async fn set_password(
    State(auth): State<Auth>,
    From(from): From,
    who: Principal,
    _: Current,
    headers: HeaderMap,
    Body(change): Body<NewPassword>,
) -> Result<Response, Problem> {
    passwords::check(&change.new, "/new")?;
    let user = myself(&auth, &who).await?;
    if user.subject.is_some() {
        return Err(Problem::new(Kind::Conflict, "this user logs in at a provider and has no password here"));
    }
    if user.password.is_some() {
        let wrong = || Problem::new(Kind::Unprocessable, "the old password is wrong").fault("/old", "wrong");
        auth.throttle().attempt(from, &user.tenant, &user.name, auth.now())?;
        let old = change.old.ok_or_else(wrong)?;
        if !auth.passwords().verify(old, user.password.clone()).await? {
            return Err(wrong());
        }
        auth.throttle().succeed(from, &user.tenant, &user.name);
    }
    let hash = auth.passwords().hash(change.new).await?;
    let change = UserChange { password: Some(hash), ..UserChange::default() };
    let user = auth.state().update_user(&who.tenant, &who.id, None, &change, auth.now()).await?;
    auth.audit(&who, "user.password", &who.id, "").await?;
    let fresh = begin(&auth, &user, who.expires_at, from, "new password", &headers).await?;
    let renewed = Renewed { csrf: fresh.current.csrf.clone() };
    Ok(([(SET_COOKIE, fresh.cookie(auth.settings().secure)?)], Json(renewed)).into_response())
}

/// Begin a second factor
///
/// Makes a secret for an authenticator app. It is asked for at logins once a code was confirmed.
#[utoipa::path(post, path = "/v1/me/totp", tag = "Login",
    responses(
        (status = 201, description = "The secret, shown this once", body = inline(EnrolmentDoc)),
        (status = 409, description = "There is one already"),
    ))]
pub(super) async fn enrol(State(auth): State<Auth>, who: Principal, _: Current) -> Result<Response, Problem> {
    let enrolment = factor::enrol(auth.key(), &who.tenant, &who.id, &who.name)?;
    auth.state().set_totp(&who.tenant, &who.id, &enrolment.sealed, auth.now()).await?;
    auth.audit(&who, "user.factor.begin", &who.id, "").await?;
    let shown = Enrolment {
        secret: enrolment.secret.expose_secret().to_owned(),
        url: enrolment.url.expose_secret().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

/// Confirm the second factor
#[utoipa::path(post, path = "/v1/me/totp/confirm", tag = "Login",
    request_body(content = inline(CodeDoc)),
    responses(
        (status = 200, description = "Confirmed: codes are asked for from now on", body = inline(RecoveryCodesDoc)),
        (status = 409, description = "None was begun, or it is confirmed"),
        (status = 422, description = "The code is wrong"),
    ))]
pub(super) async fn confirm(
    State(auth): State<Auth>,
    From(from): From,
    who: Principal,
    _: Current,
    Body(body): Body<Code>,
) -> Result<Response, Problem> {
    let user = myself(&auth, &who).await?;
    let none = || Problem::new(Kind::Conflict, "there is no second factor to confirm");
    let sealed = user.totp.as_deref().filter(|_| !user.totp_confirmed).ok_or_else(none)?;
    auth.throttle().attempt(from, &user.tenant, &user.name, auth.now())?;
    let step = factor::step_of(auth.key(), &user.tenant, &user.id, sealed, &body.code, auth.now());
    let step = step.ok_or_else(wrong_code)?;
    let (codes, hashes) = factor::recovery_codes()?;
    match auth.state().confirm_totp(&who.tenant, &who.id, step, &hashes, auth.now()).await {
        Err(StateError::Conflict) => return Err(wrong_code()),
        confirmed => confirmed?,
    }
    auth.throttle().succeed(from, &user.tenant, &user.name);
    auth.audit(&who, "user.factor.confirm", &who.id, "").await?;
    let recovery_codes = codes.iter().map(|code| code.expose_secret().to_owned()).collect();
    Ok(Json(RecoveryCodes { recovery_codes }).into_response())
}

/// Remove the second factor
#[utoipa::path(post, path = "/v1/me/totp/remove", tag = "Login",
    request_body(content = inline(CodeDoc)),
    responses(
        (status = 204, description = "Removed"),
        (status = 409, description = "There is none"),
        (status = 422, description = "The code is wrong"),
    ))]
pub(super) async fn remove(
    State(auth): State<Auth>,
    From(from): From,
    who: Principal,
    _: Current,
    Body(body): Body<Code>,
) -> Result<Response, Problem> {
    let user = myself(&auth, &who).await?;
    if !user.totp_confirmed {
        return Err(Problem::new(Kind::Conflict, "there is no second factor"));
    }
    auth.throttle().attempt(from, &user.tenant, &user.name, auth.now())?;
    if !check_code(&auth, &user, &body.code).await? {
        return Err(wrong_code());
    }
    auth.throttle().succeed(from, &user.tenant, &user.name);
    auth.state().remove_totp(&who.tenant, &who.id, auth.now()).await?;
    auth.audit(&who, "user.factor.remove", &who.id, "").await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn myself(auth: &Auth, who: &Principal) -> Result<User, Problem> {
    let user = auth.state().user(&who.tenant, &who.id).await?;
    user.ok_or_else(|| Problem::bare(Kind::Unauthenticated))
}

fn wrong_code() -> Problem {
    Problem::new(Kind::Unprocessable, "the code is wrong or was used").fault("/code", "wrong")
}
