//! The routes of logins: who one is, users, tokens, tenants, the audit log.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use std::net::IpAddr;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vedette_model::limits::{NAME_BYTES_MAX, OWNED_SERVICES_MAX};

use crate::App;
use crate::address::ClientAddress;
use crate::problem::{Kind, Problem};

mod audit;
mod login;
mod me;
mod oidc;
mod tenants;
mod tokens;
mod users;

/// Every route, with its part of the OpenAPI document.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(login::options, login::login))
        .routes(routes!(login::logout))
        .routes(routes!(oidc::start))
        .routes(routes!(oidc::callback))
        .routes(routes!(me::show))
        .routes(routes!(me::set_password))
        .routes(routes!(me::enrol))
        .routes(routes!(me::confirm))
        .routes(routes!(me::remove))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::show, users::change, users::delete))
        .routes(routes!(users::reset_factor))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::delete))
        .routes(routes!(tenants::list, tenants::create))
        .routes(routes!(audit::list))
        .routes(routes!(audit::verify))
}

/// The client's address, when the request came over a socket.
struct From(Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(parts.extensions.get::<ClientAddress>().map(|client| client.0)))
    }
}

/// A name that people give: without white space around it, not empty, printable, bounded.
fn name(at: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::invalid(at, "must not be empty"));
    }
    if text.len() > NAME_BYTES_MAX {
        return Err(Problem::invalid(at, format!("must have at most {NAME_BYTES_MAX} bytes")));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::invalid(at, "must be printable"));
    }
    Ok(text.to_owned())
}

/// Names of services, sorted, without repeats.
fn services(at: &str, names: &[String]) -> Result<Vec<String>, Problem> {
    if names.len() > OWNED_SERVICES_MAX {
        return Err(Problem::invalid(at, format!("must have at most {OWNED_SERVICES_MAX} items")));
    }
    let names = names.iter().enumerate().map(|(index, service)| name(&format!("{at}/{index}"), service));
    let mut names = names.collect::<Result<Vec<_>, _>>()?;
    names.sort();
    names.dedup();
    Ok(names)
}

/// The version in `If-Match`: a number in quotes. None when the header is missing or `*`.
fn expected_version(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(axum::http::header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    // A tag that was read has a hash behind the version.
    let number = crate::conditional::version_of(text).and_then(|version| i64::try_from(version).ok());
    // Something else than we ever gave is a version that nothing has.
    number.map(Some).ok_or_else(|| Problem::bare(Kind::PreconditionFailed))
}

/// The header `ETag` of a version.
fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"0\""))
}
