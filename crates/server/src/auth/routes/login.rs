//! In and out.

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use vedette_model::Timestamp;
use vedette_model::limits::{NAME_BYTES_MAX, PASSWORD_BYTES_MAX};
use vedette_store::state::{AuditEntry, DEFAULT_TENANT, User};

use super::From;
use super::me::Me;
use crate::auth::session::{self, Current, Fresh, Shown};
use crate::auth::{Auth, Principal, Role, factor};
use crate::extract::{Body, Params};
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type LoggedInDoc = Doc<LoggedIn>;
type LoginDoc = Doc<Login>;
type OptionsDoc = Doc<Options>;

/// How one may log in.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Options {
    /// Login at a provider, if there is one: send the browser to `/v1/oidc/start`.
    oidc: Option<Provider>,
}

/// A login provider.
#[derive(Debug, Serialize, JsonSchema)]
struct Provider {
    /// What the button says.
    name: String,
}

/// Who logs in: name and password, or an API token of an administrator.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    /// Tenant; `default` when it is left out.
    tenant: Option<String>,
    /// The user's name.
    #[schemars(example = &"ada")]
    name: Option<String>,
    /// The user's password.
    #[schemars(with = "Option<String>")]
    password: Option<SecretString>,
    /// Code of the second factor, or a recovery code.
    #[schemars(with = "Option<String>")]
    code: Option<SecretString>,
    /// In place of name and password: a token that can do all that its maker can, such as the first admin token.
    #[schemars(with = "Option<String>")]
    token: Option<SecretString>,
}

/// A login.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LoggedIn {
    /// Who.
    user: Me,
    /// What unsafe requests of this session send in `X-CSRF-Token`.
    csrf: String,
}

/// Which sessions end.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Logout {
    /// All of the user's, not only this one.
    everywhere: Option<bool>,
}

crate::openapi::query_parameters!(Logout);

/// How one may log in
#[utoipa::path(get, path = "/v1/login", tag = "Login",
    responses((status = 200, description = "The ways to log in", body = inline(OptionsDoc))))]
pub(super) async fn options(State(auth): State<Auth>) -> Json<Options> {
    let oidc = auth.oidc().map(|oidc| Provider { name: oidc.title().to_owned() });
    Json(Options { oidc })
}

/// Log in
///
/// Begins a session in a cookie. Failed logins are slowed down, by name and by address. A user with a second factor
/// who does not send a code is answered 401 with a fault at `/code`.
#[utoipa::path(post, path = "/v1/login", tag = "Login",
    request_body(content = inline(LoginDoc)),
    responses(
        (status = 200, description = "Logged in; the cookie is set", body = inline(LoggedInDoc)),
        (status = 401, description = "Name, password or code is wrong"),
        (status = 403, description = "The request comes from another site"),
    ))]
pub(super) async fn login(
    State(auth): State<Auth>,
    From(from): From,
    headers: HeaderMap,
    Body(login): Body<Login>,
) -> Result<Response, Problem> {
    session::check_origin(&headers, false)?;
    let (user, ends_at) = match &login.token {
        Some(token) => by_token(&auth, token).await?,
        None => (by_password(&auth, from, &login).await?, None),
    };
    let how = if login.token.is_some() { "token" } else { "password" };
    let fresh = begin(&auth, &user, ends_at, from, how, &headers).await?;
    let csrf = fresh.current.csrf.clone();
    let me = Me::of(&user, Some(&fresh));
    Ok(([(SET_COOKIE, fresh.cookie(auth.settings().secure)?)], Json(LoggedIn { user: me, csrf })).into_response())
}

/// Log out
///
/// Ends this session, or with `everywhere` all sessions of the user. API tokens stay.
#[utoipa::path(post, path = "/v1/logout", tag = "Login", params(Logout),
    responses((status = 204, description = "Logged out; the cookie is gone")))]
pub(super) async fn logout(
    State(auth): State<Auth>,
    who: Principal,
    current: Current,
    Params(query): Params<Logout>,
) -> Result<Response, Problem> {
    let everywhere = query.everywhere.unwrap_or(false);
    if everywhere {
        auth.state().end_sessions(&who.tenant, &who.id, None).await?;
    } else {
        auth.state().end_session(&who.tenant, &current.hash).await?;
    }
    auth.audit(&who, "logout", &who.id, if everywhere { "everywhere" } else { "" }).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, session::gone(auth.settings().secure)?)]).into_response())
}

/// Begins a session of a user who proved who they are. A session that the browser showed ends: nobody goes on in a
/// session from before the login.
pub(super) async fn begin(
    auth: &Auth,
    user: &User,
    ends_at: Option<Timestamp>,
    from: Option<std::net::IpAddr>,
    how: &str,
    headers: &HeaderMap,
) -> Result<Fresh, Problem> {
    let now = auth.now();
    let mut fresh = Fresh::new(now)?;
    if let Some(ends_at) = ends_at {
        fresh.expires_at = fresh.expires_at.min(ends_at);
    }
    if let Some(shown) = Shown::of(headers, auth.settings().secure)
        && let Some(before) = auth.state().session(&shown.current.hash).await?
    {
        auth.state().end_session(&before.tenant, &before.hash).await?;
    }
    auth.state().create_session(&user.tenant, &user.id, &fresh.current.hash, fresh.expires_at, now).await?;
    note(auth, user, from, "login", how).await?;
    Ok(fresh)
}

/// The user whom a token of theirs lets in, and when the token ends.
async fn by_token(auth: &Auth, token: &SecretString) -> Result<(User, Option<Timestamp>), Problem> {
    use secrecy::ExposeSecret;

    let refused = || Problem::new(Kind::Unauthenticated, "the token is unknown, no longer valid, or limited");
    let principal = crate::auth::authenticate::by_token(auth, token.expose_secret()).await?;
    let owner = auth.state().token(token.expose_secret()).await?.ok_or_else(refused)?;
    let user = auth.state().user(&principal.tenant, &owner.token.user_id).await?.ok_or_else(refused)?;
    // A session may do all that the user may; a token that may less must not become one.
    let role = Role::parse(&user.role).ok_or_else(refused)?;
    let whole = role.scopes().iter().all(|scope| principal.scopes.contains(scope)) && owner.token.services.is_empty();
    if whole { Ok((user, owner.token.expires_at)) } else { Err(refused()) }
}

/// The user whose name, password and second factor these are.
async fn by_password(auth: &Auth, from: Option<std::net::IpAddr>, login: &Login) -> Result<User, Problem> {
    let (Some(name), Some(password)) = (&login.name, &login.password) else {
        return Err(Problem::new(Kind::Invalid, "name and password, or a token").fault("/name", "required"));
    };
    let wrong = || Problem::new(Kind::Unauthenticated, "name or password is wrong");
    let tenant = login.tenant.as_deref().unwrap_or(DEFAULT_TENANT);
    let name = name.trim().to_lowercase();
    if name.len() > NAME_BYTES_MAX || tenant.len() > NAME_BYTES_MAX || name.contains('\0') || tenant.contains('\0') {
        return Err(wrong());
    }
    auth.throttle().attempt(from, tenant, &name, auth.now())?;
    let user = auth.state().user_by_name(tenant, &name).await?.filter(|user| !user.disabled);
    let hash = user.as_ref().and_then(|user| user.password.clone());
    if !auth.passwords().verify(bounded(password), hash).await? {
        if let Some(user) = &user {
            note(auth, user, from, "login.refused", "password").await?;
        }
        return Err(wrong());
    }
    let user = user.ok_or_else(wrong)?;
    if user.totp_confirmed {
        let Some(code) = &login.code else {
            auth.throttle().half_way(from);
            return Err(factor::needed());
        };
        if !check_code(auth, &user, code).await? {
            note(auth, &user, from, "login.refused", "second factor").await?;
            return Err(Problem::new(Kind::Unauthenticated, "the code is wrong or was used").fault("/code", "wrong"));
        }
    }
    auth.throttle().succeed(from, tenant, &name);
    Ok(user)
}

/// Uses a code up: of the app, or a recovery code.
pub(super) async fn check_code(auth: &Auth, user: &User, code: &SecretString) -> Result<bool, Problem> {
    let Some(sealed) = &user.totp else { return Ok(false) };
    let step = factor::step_of(auth.key(), &user.tenant, &user.id, sealed, code, auth.now());
    if let Some(step) = step {
        return Ok(auth.state().use_totp_step(&user.tenant, &user.id, step).await?);
    }
    match factor::recovery_hash(code) {
        Some(hash) => Ok(auth.state().use_recovery_code(&user.tenant, &user.id, &hash).await?),
        None => Ok(false),
    }
}

/// Notes what happened to a user before there is a principal.
async fn note(
    auth: &Auth,
    user: &User,
    from: Option<std::net::IpAddr>,
    action: &str,
    detail: &str,
) -> Result<(), Problem> {
    let entry = AuditEntry {
        at: auth.now(),
        actor: format!("user:{}", user.name),
        action: action.to_owned(),
        target: user.id.clone(),
        detail: detail.to_owned(),
        address: from.map(|from| from.to_string()).unwrap_or_default(),
    };
    Ok(auth.state().audit(&user.tenant, entry).await?)
}

/// A password as it is verified: one that nobody can have set is not hashed at length.
fn bounded(password: &SecretString) -> SecretString {
    use secrecy::ExposeSecret;

    if password.expose_secret().len() > PASSWORD_BYTES_MAX { SecretString::from("") } else { password.clone() }
}
