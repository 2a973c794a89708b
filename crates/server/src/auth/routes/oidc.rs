//! Login at a provider: to it and back.

use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::From;
use super::login::begin;
use crate::auth::Auth;
use crate::auth::oidc::{Oidc, TRIP_MAX, users};
use crate::auth::session::cookie_value;
use crate::extract::Params;
use crate::problem::{Kind, Problem};

/// Name of the cookie under TLS.
const SECURE_NAME: &str = "__Host-vedette-trip";

/// Name of the cookie without TLS.
const PLAIN_NAME: &str = "vedette-trip";

/// Where the login begins.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    /// Path of this server to return to.
    #[serde(rename = "return")]
    return_to: Option<String>,
}

/// What the provider says. Providers add parameters of their own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct Callback {
    /// Code to exchange.
    code: Option<String>,
    /// What we gave it.
    state: Option<String>,
    /// Why it refused.
    error: Option<String>,
}

crate::openapi::query_parameters!(Start);
crate::openapi::query_parameters!(Callback);

/// Log in at the provider
///
/// For a browser to open; it comes back through `/v1/oidc/callback`.
#[utoipa::path(get, path = "/v1/oidc/start", tag = "Login", params(Start),
    responses(
        (status = 303, description = "To the provider"),
        (status = 404, description = "No provider is configured"),
    ))]
pub(super) async fn start(State(auth): State<Auth>, Params(query): Params<Start>) -> Result<Response, Problem> {
    let oidc = configured(&auth)?;
    let departure = oidc.depart(auth.key(), query.return_to.as_deref().unwrap_or("/"), auth.now()).await?;
    let cookie = trip_cookie(auth.settings().secure, departure.trip.expose_secret(), TRIP_MAX.as_secs())?;
    Ok(redirect(&departure.url, [cookie])?.into_response())
}

/// Return from the provider
///
/// Begins a session and goes on to where the login began. A login that failed goes to `/login?problem=oidc-…` with
/// `denied` (the provider or the groups say no), `taken` (another user has the name) or `failed`.
#[utoipa::path(get, path = "/v1/oidc/callback", tag = "Login", params(Callback),
    responses(
        (status = 303, description = "Logged in, or back to the login page"),
        (status = 404, description = "No provider is configured"),
    ))]
pub(super) async fn callback(
    State(auth): State<Auth>,
    From(from): From,
    headers: HeaderMap,
    Params(query): Params<Callback>,
) -> Result<Response, Problem> {
    let oidc = configured(&auth)?;
    let secure = auth.settings().secure;
    let forget = trip_cookie(secure, "", 0)?;
    let arrived = arrive(&auth, oidc, &headers, query, from).await;
    match arrived {
        Ok((session, return_to)) => Ok(redirect(&return_to, [session, forget])?.into_response()),
        Err(problem) => {
            let why = match problem.kind() {
                Kind::Forbidden => "denied",
                Kind::Conflict => "taken",
                _ => "failed",
            };
            Ok(redirect(&format!("/login?problem=oidc-{why}"), [forget])?.into_response())
        }
    }
}

async fn arrive(
    auth: &Auth,
    oidc: &Oidc,
    headers: &HeaderMap,
    query: Callback,
    from: Option<std::net::IpAddr>,
) -> Result<(HeaderValue, String), Problem> {
    if let Some(error) = query.error {
        tracing::info!(error = %error.escape_debug().take(64).collect::<String>(), "the OIDC provider refused a login");
        return Err(Problem::new(Kind::Forbidden, "the provider refused"));
    }
    let (Some(code), Some(state)) = (query.code, query.state) else {
        return Err(Problem::new(Kind::Invalid, "code or state is missing"));
    };
    let secure = auth.settings().secure;
    let trip = cookie_value(headers, if secure { SECURE_NAME } else { PLAIN_NAME });
    let trip = trip.ok_or_else(|| Problem::new(Kind::Unauthenticated, "the login did not begin in this browser"))?;
    let arrival = oidc.arrive(auth.key(), &SecretString::from(trip), &state, code, auth.now()).await?;
    let user = users::admit(auth.state(), oidc.tenant(), &arrival, auth.now()).await?;
    let fresh = begin(auth, &user, None, from, "oidc", headers).await?;
    Ok((fresh.cookie(secure)?, arrival.return_to))
}

fn configured(auth: &Auth) -> Result<&Oidc, Problem> {
    auth.oidc().ok_or_else(|| Problem::new(Kind::NotFound, "no login provider is configured"))
}

/// The trip must come back from another site's redirect: `Lax`, and out of reach otherwise.
fn trip_cookie(secure: bool, value: &str, secs: u64) -> Result<HeaderValue, Problem> {
    let (name, flag) = if secure { (SECURE_NAME, "; Secure") } else { (PLAIN_NAME, "") };
    let text = format!("{name}={value}; Max-Age={secs}; Path=/; HttpOnly; SameSite=Lax{flag}");
    let mut value = HeaderValue::try_from(text).map_err(|error| Problem::internal(&error))?;
    value.set_sensitive(true);
    Ok(value)
}

fn redirect<const N: usize>(to: &str, cookies: [HeaderValue; N]) -> Result<impl IntoResponse + use<N>, Problem> {
    let to = HeaderValue::try_from(to).map_err(|error| Problem::internal(&error))?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, to)], AppendHeaders(cookies.map(|cookie| (SET_COOKIE, cookie)))))
}
