//! Sources: where exchanges come from, and how well each does.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vedette_ingest::Health as OriginHealth;
use vedette_model::Timestamp;
use vedette_model::results::Source;

use super::Asking;
use crate::extract::{Id, Params};
use crate::node::{LiveSource, View};
use crate::openapi::{Doc, query_parameters};
use crate::page::{self, Direction, Key, Order, Page};
use crate::problem::Problem;

// What utoipa takes for a type without parameters.
type HealthDoc = Doc<Health>;
type HealthPageDoc = Doc<Page<Health>>;

/// Which sources.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceQuery {
    /// Where the last page ended (`next_cursor`).
    cursor: Option<String>,
    /// Items of a page.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}
query_parameters!(SourceQuery);

/// A source that sends while the server runs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SourceHealth")]
pub(crate) struct Health {
    /// Stable id (`push`, `file:/var/log/nginx/access.log`).
    id: String,
    /// How its records are read.
    format: String,
    /// Records received.
    received: u64,
    /// Their bytes.
    bytes: u64,
    /// Exchanges that were new.
    accepted: u64,
    /// Exchanges whose event id had been there.
    repeated: u64,
    /// Records that could not be read.
    refused: u64,
    /// Exchanges that claimed a time in the future: the sender's clock runs ahead.
    skewed: u64,
    /// When its last batch came.
    last_received_at: Option<Timestamp>,
    /// How far the newest exchange of the last batch lay behind its arrival, in seconds.
    delay_secs: Option<f64>,
    /// How it is at its origin: of sources that Vedette reads itself. Absent for what is pushed.
    origin: Option<Origin>,
    /// What was learned of it as a whole: first unreadable records, order of times, how much it tells.
    learned: Option<Source>,
}

/// How a source that Vedette reads itself is where it comes from.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Origin {
    /// Bytes there that are known and not read yet.
    waiting_bytes: u64,
    /// For how long the oldest of them wait, in seconds.
    behind_secs: f64,
    /// Batches that were read and are not durable yet.
    in_flight: u64,
    /// What is in the way, with a hint.
    problem: Option<String>,
}

impl From<&OriginHealth> for Origin {
    fn from(health: &OriginHealth) -> Self {
        Self {
            waiting_bytes: health.waiting_bytes,
            behind_secs: health.behind.as_secs_f64(),
            in_flight: health.in_flight,
            problem: health.problem.clone(),
        }
    }
}

/// What is known of a tenant's sources, from all who know something.
struct Known {
    /// Those that sent something, and those that did not yet or cannot, which the origins know.
    sources: Vec<LiveSource>,
    origins: BTreeMap<Arc<str>, OriginHealth>,
    view: Arc<View>,
}

impl Known {
    fn of(asking: &Asking) -> Self {
        let origins = asking.app.origins(asking.tenant()).all();
        let mut sources = asking.node.sources().to_vec();
        for (id, health) in &origins {
            if !sources.iter().any(|source| *source.id == **id) {
                sources.push(LiveSource { id: id.to_string(), format: health.format.clone(), ..LiveSource::default() });
            }
        }
        Self { sources, origins, view: asking.view() }
    }

    fn health(&self, live: &LiveSource) -> Health {
        let learned = self.view.results.sources.iter().find(|source| source.name == live.id);
        Health::of(live, self.origins.get(live.id.as_str()), learned)
    }
}

impl Health {
    fn of(live: &LiveSource, origin: Option<&OriginHealth>, learned: Option<&Source>) -> Self {
        Self {
            id: live.id.clone(),
            format: live.format.clone(),
            received: live.records,
            bytes: live.bytes,
            accepted: live.accepted,
            repeated: live.repeated,
            refused: live.refused,
            skewed: live.skewed,
            last_received_at: live.last_received_at,
            delay_secs: live.delay_us.map(|us| us as f64 / 1e6),
            origin: origin.map(Origin::from),
            learned: learned.cloned(),
        }
    }
}

/// List sources
///
/// Received, accepted, refused with reason and sample, delay, last seen, log quality; by id.
#[utoipa::path(get, path = "/v1/sources", tag = "Traffic", params(SourceQuery),
    responses((status = 200, description = "A page of sources", body = inline(HealthPageDoc))))]
pub(crate) async fn list(asking: Asking, Params(query): Params<SourceQuery>) -> Result<Response, Problem> {
    let known = Known::of(&asking);
    let order = Order { name: "id", direction: Direction::Ascending, key: &by_id, id: &source_id };
    let page = page::cut(known.sources.iter(), &order, query.cursor.as_deref(), query.limit)?;
    Ok(Json(page.map(|live| known.health(live))).into_response())
}

fn by_id(source: &LiveSource) -> Key<'_> {
    Key::Text(Cow::Borrowed(&source.id))
}

fn source_id(source: &LiveSource) -> &str {
    &source.id
}

/// Show a source
#[utoipa::path(get, path = "/v1/sources/{id}", tag = "Traffic",
    params(("id" = String, Path, description = "The source's id")),
    responses(
        (status = 200, description = "The source", body = inline(HealthDoc)),
        (status = 404, description = "No such source"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let known = Known::of(&asking);
    let live = known.sources.iter().find(|source| source.id == id).ok_or_else(|| Problem::no_such("source"))?;
    Ok(Json(known.health(live)).into_response())
}
