//! The HTTP API of Vedette: login, resources, live feed, and the pages over it.
//!
//! [`router`] makes the whole service from an [`App`]: what it knows of nodes, state and hunts. A resource is one file
//! in `api/`; who may use which route is one table ([`access`]), checked before a handler runs. Every error is a
//! [`problem::Problem`]. The OpenAPI document is collected from the handlers ([`openapi`]) and committed as
//! `docs/reference/openapi.json`. [`listen`] has the socket.
//!
//! What is *not* here: learning (crate `engine`), files and databases (crate `store`), configuration files (the binary).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use vedette_model::limits::REQUEST_SECS_MAX;

pub mod access;
pub mod address;
mod api;
pub mod app;
pub mod auth;
pub mod coding;
pub mod conditional;
pub mod docs;
pub mod extract;
pub mod feed;
pub mod headers;
pub mod idempotency;
pub mod labels;
pub mod listen;
mod live;
pub mod node;
pub mod openapi;
pub mod page;
pub mod pages;
pub mod problem;
pub mod rate;
pub mod settings;
pub mod telemetry;
pub mod upkeep;

pub use app::App;

/// The whole service.
///
/// What a request goes through, outermost first: it gets a name, headers for browsers are promised, it is counted, its
/// host is checked, its address found and judged, it is given an end, who asks is recognized and judged, whether they may
/// is looked up, a repeat is recognized, the answer gets its tag.
pub fn router(app: App) -> Router {
    let settings = app.settings();
    let hosts = headers::Hosts { names: names(settings), tls: settings.secure };
    let proxies: Arc<[ipnet::IpNet]> = Arc::from(settings.trusted_proxies.as_slice());
    let limiter = rate::Limiter::new(settings.rates);
    let scraping = access::Scraping { loopback: settings.open_metrics };
    let (routes, document) = operations().split_for_parts();
    let document = Arc::new(openapi::finish(&document));
    // Innermost first, as `layer` wraps what is there.
    let routes = routes
        .merge(docs::router(&document))
        .route_layer(from_fn_with_state(app.clone(), idempotency::layer))
        .route_layer(from_fn_with_state(scraping, access::guard))
        .merge(pages::router())
        .fallback(pages::fallback);
    routes
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn(conditional::layer))
        .layer(from_fn_with_state(Arc::clone(&limiter), rate::by_principal))
        .layer(from_fn_with_state(app.auth().clone(), auth::authenticate))
        .layer(from_fn_with_state(Duration::from_secs(REQUEST_SECS_MAX), headers::limit_time))
        .layer(from_fn_with_state(limiter, rate::by_address))
        .layer(from_fn_with_state(proxies, address::find))
        .layer(from_fn_with_state(hosts.clone(), headers::check_host))
        .layer(from_fn(problem::layer))
        .layer(from_fn(telemetry::observe))
        .layer(from_fn_with_state(hosts, headers::protect))
        .layer(from_fn(headers::identify))
        .with_state(app)
}

/// Every operation of the API, with its part of the OpenAPI document.
fn operations() -> OpenApiRouter<App> {
    api::router().merge(auth::router())
}

/// The OpenAPI 3.1 document of this version, as `GET /v1/openapi.json` answers it.
pub fn document() -> serde_json::Value {
    openapi::finish(operations().get_openapi())
}

/// Host names under which people reach the server.
fn names(settings: &settings::Settings) -> Arc<[String]> {
    let public = settings.public_url.as_deref().and_then(|url| url.parse::<axum::http::Uri>().ok());
    let public = public.as_ref().and_then(|url| url.host()).map(str::to_owned);
    settings.hosts.iter().cloned().chain(public).map(|name| name.trim_end_matches('.').to_ascii_lowercase()).collect()
}
