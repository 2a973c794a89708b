//! The HTTP API of Vedette: login, resources, live feed, and the pages over it.
//!
//! [`router`] makes the whole service from an [`App`]: what it knows of nodes, state and hunts. A resource is one file
//! in `api/`; who may use which route is one table (`api/access.rs`), checked before a handler runs. Every error is a
//! [`problem::Problem`]. The OpenAPI document is collected from the handlers and committed as
//! `docs/reference/openapi.json`.
//!
//! What is *not* here: learning (crate `engine`), files and databases (crate `store`), configuration files (the binary).

pub mod app;
pub mod auth;
pub mod extract;
pub mod node;
pub mod openapi;
pub mod problem;
pub mod settings;

pub use app::App;

/// The whole service.
pub fn router(app: App) -> axum::Router {
    axum::Router::new()
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(problem::panicked))
        .layer(axum::middleware::from_fn(problem::layer))
        .with_state(app)
}
