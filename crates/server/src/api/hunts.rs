//! Hunts: SQL over the exchanges and over what was learned.
//!
//! The SQL is judged, bounded and run by the store. Who sees only some services hunts over rows of these only. Every run
//! is noted in the audit log, for a question about people is itself sensitive.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::body::Body as Bytes;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use vedette_ingest::wall_clock;
use vedette_model::limits::{HUNT_ROWS_DEFAULT, HUNT_ROWS_MAX, HUNT_TIME_DEFAULT, HUNT_TIME_MAX};
use vedette_store::hunt::{Format, HuntError, HuntId, Limits, Parameter, Query, SavedHunt, Value as SqlValue, shipped};
use vedette_store::state::{Hunt, HuntText};
use vedette_store::tables::TABLES;

use super::{Asking, note};
use crate::conditional::{self, Version};
use crate::extract::{Body, Id};
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};

mod rows;
mod shown;

use self::shown::{
    HuntAnswer, HuntParameter, HuntTable, HuntTableColumn, HuntTables, NewHunt, Question, RunningHunt, RunningHunts,
    SavedHunts, Shown,
};

// What utoipa takes for a type without parameters.
type HuntAnswerDoc = Doc<HuntAnswer>;
type HuntTablesDoc = Doc<HuntTables>;
type NewHuntDoc = Doc<NewHunt>;
type QuestionDoc = Doc<Question>;
type RunningHuntsDoc = Doc<RunningHunts>;
type SavedHuntsDoc = Doc<SavedHunts>;
type ShownDoc = Doc<Shown>;

/// Names the hunt that an answer is of, to cancel it.
const HUNT_ID: HeaderName = HeaderName::from_static("x-hunt-id");

impl NewHunt {
    fn text(self) -> Result<HuntText, Problem> {
        let title = note::name("/title", &self.title)?;
        let question = self.question.trim();
        let description = if question.is_empty() { String::new() } else { note::note("/question", question)? };
        sql_fits(&self.sql)?;
        if self.parameters.len() > 20 {
            return Err(Problem::invalid("/parameters", "may be 20"));
        }
        let parameters = serde_json::to_string(&self.parameters).map_err(|error| Problem::internal(&error))?;
        Ok(HuntText { title, description, sql: self.sql, parameters })
    }
}

fn sql_fits(sql: &str) -> Result<(), Problem> {
    if sql.trim().is_empty() {
        return Err(Problem::invalid("/sql", "must not be empty"));
    }
    if sql.len() > vedette_model::limits::SQL_BYTES_MAX {
        return Err(Problem::invalid("/sql", "is too long"));
    }
    Ok(())
}

/// List tables
///
/// What a hunt can ask, with the meaning of each column.
#[utoipa::path(get, path = "/v1/tables", tag = "Hunting",
    responses((status = 200, description = "The tables", body = inline(HuntTablesDoc))))]
pub(crate) async fn tables(_: Asking) -> Result<Response, Problem> {
    let items = TABLES.iter().map(|table| HuntTable {
        name: table.name,
        about: table.about,
        example: table.example,
        columns: table
            .columns
            .iter()
            .map(|column| HuntTableColumn { name: column.name, kind: column.kind.name(), about: column.about })
            .collect(),
    });
    Ok(Json(HuntTables { items: items.collect() }).into_response())
}

/// List saved hunts
#[utoipa::path(get, path = "/v1/hunts", tag = "Hunting",
    responses((status = 200, description = "Saved hunts", body = inline(SavedHuntsDoc))))]
pub(crate) async fn list(asking: Asking) -> Result<Response, Problem> {
    let own = asking.app.state().hunts(asking.tenant()).await?;
    let items = shipped().iter().map(Shown::from).chain(own.iter().map(Shown::from)).collect();
    Ok(Json(SavedHunts { items }).into_response())
}

/// Save a hunt
#[utoipa::path(post, path = "/v1/hunts", tag = "Hunting", request_body(content = inline(NewHuntDoc)),
    responses(
        (status = 201, description = "The hunt", body = inline(ShownDoc)),
        (status = 422, description = "There are as many as there may be"),
    ))]
pub(crate) async fn create(asking: Asking, Body(new): Body<NewHunt>) -> Result<Response, Problem> {
    let text = new.text()?;
    let state = asking.app.state();
    let hunt = state.create_hunt(asking.tenant(), text, &asking.who.name, wall_clock()).await?;
    asking.note("hunt.save", &hunt.id, &serde_json::json!({ "title": hunt.text.title })).await?;
    Ok(answer(StatusCode::CREATED, Shown::from(&hunt)))
}

/// Show a saved hunt
#[utoipa::path(get, path = "/v1/hunts/{id}", tag = "Hunting",
    params(("id" = String, Path, description = "The hunt's id")),
    responses(
        (status = 200, description = "The hunt", body = inline(ShownDoc)),
        (status = 404, description = "No such hunt"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    let shown = match shipped().iter().find(|hunt| hunt.id == id) {
        Some(hunt) => Shown::from(hunt),
        None => Shown::from(&own(&asking, &id).await?),
    };
    Ok(answer(StatusCode::OK, shown))
}

/// Change a saved hunt
#[utoipa::path(put, path = "/v1/hunts/{id}", tag = "Hunting",
    params(
        ("id" = String, Path, description = "The hunt's id"),
        ("If-Match" = String, Header, description = "ETag of the hunt, or `*`", example = "\"1\""),
    ),
    request_body(content = inline(NewHuntDoc)),
    responses(
        (status = 200, description = "The hunt", body = inline(ShownDoc)),
        (status = 404, description = "No such hunt"),
        (status = 412, description = "Somebody changed it meanwhile"),
        (status = 428, description = "`If-Match` is missing"),
    ))]
pub(crate) async fn replace(
    asking: Asking,
    Id(id): Id,
    headers: HeaderMap,
    Body(new): Body<NewHunt>,
) -> Result<Response, Problem> {
    let known = changeable(&asking, &id).await?;
    conditional::require_match(&headers, known.version.unsigned_abs())?;
    let (state, text) = (asking.app.state(), new.text()?);
    let hunt = state.update_hunt(asking.tenant(), &id, Some(known.version), text, wall_clock()).await;
    let hunt = hunt?;
    asking.note("hunt.change", &id, &serde_json::json!({ "version": hunt.version })).await?;
    Ok(answer(StatusCode::OK, Shown::from(&hunt)))
}

/// Delete a saved hunt
#[utoipa::path(delete, path = "/v1/hunts/{id}", tag = "Hunting",
    params(("id" = String, Path, description = "The hunt's id")),
    responses((status = 204, description = "It is gone"), (status = 404, description = "No such hunt")))]
pub(crate) async fn delete(asking: Asking, Id(id): Id) -> Result<StatusCode, Problem> {
    changeable(&asking, &id).await?;
    asking.app.state().delete_hunt(asking.tenant(), &id).await?;
    asking.note("hunt.delete", &id, &Value::Null).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn own(asking: &Asking, id: &str) -> Result<Hunt, Problem> {
    let hunt = asking.app.state().hunt(asking.tenant(), id).await?;
    hunt.ok_or_else(|| Problem::no_such("hunt"))
}

/// A hunt that may be changed: none of those that ship.
async fn changeable(asking: &Asking, id: &str) -> Result<Hunt, Problem> {
    if shipped().iter().any(|hunt| hunt.id == id) {
        return Err(Problem::new(Kind::Forbidden, "this hunt ships with Vedette").hint("save a copy of it"));
    }
    own(asking, id).await
}

fn answer(status: StatusCode, shown: Shown) -> Response {
    let version = Version(shown.version);
    let mut response = (status, Json(shown)).into_response();
    conditional::tag_version(&mut response, version);
    response
}

/// Run a hunt
///
/// `Accept` chooses how the answer is written: `application/json` (columns and rows), `application/x-ndjson`, `text/csv`,
/// `application/vnd.apache.arrow.stream`, `application/vnd.apache.parquet` or `text/plain`. Rows are sent as they come;
/// a client that leaves ends the hunt. An answer that breaks off ended in an error.
#[utoipa::path(post, path = "/v1/hunts/run", tag = "Hunting",
    params(("Accept" = Option<String>, Header, description = "Media type of the answer")),
    request_body(content = inline(QuestionDoc), example = json!({
        "sql": "select endpoint, count(*) from exchanges where status >= 500 group by 1 order by 2 desc"
    })),
    responses(
        (status = 200, description = "The rows", headers(("x-hunt-id" = u64, description = "Its number, to cancel it")),
            content(
                (inline(HuntAnswerDoc) = "application/json"),
                (String = "application/x-ndjson"),
                (String = "application/vnd.vedette.rows+json"),
                (String = "text/csv"),
                (String = "text/plain"),
                (Vec<u8> = "application/vnd.apache.arrow.stream"),
                (Vec<u8> = "application/vnd.apache.parquet"),
            )),
        (status = 404, description = "No such saved hunt"),
        (status = 406, description = "No answer has the media type asked for"),
        (status = 409, description = "Somebody canceled it"),
        (status = 422, description = "The SQL or a parameter is wrong (`errors` says where), or it took more than it may"),
    ))]
pub(crate) async fn run(
    asking: Asking,
    headers: HeaderMap,
    Body(question): Body<Question>,
) -> Result<Response, Problem> {
    let format = format(&headers)?;
    let limits = question.limits()?;
    let (sql, parameters) = question.text(&asking).await?;
    sql_fits(&sql)?;
    let detail = serde_json::json!({"sql": sql, "saved": question.saved});
    asking.note("hunt.run", question.saved.as_deref().unwrap_or_default(), &detail).await?;
    let hunter = asking.app.hunter().ok_or_else(|| Problem::new(Kind::Unavailable, "hunting is switched off"))?;
    let query = Query {
        sql,
        parameters,
        limits,
        tenant: asking.tenant().to_owned(),
        asked_by: asking.who.name.clone(),
        now: wall_clock(),
    };
    let hunt = hunter.run(rows::tables(&asking).await, query).await.map_err(hunt_problem)?;
    let id = hunt.id().0;
    let mut response = Bytes::from_stream(hunt.encode(format)).into_response();
    let answered = response.headers_mut();
    answered.insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    answered.insert(HUNT_ID, HeaderValue::from(id));
    if !matches!(format, Format::Document) {
        answered.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"hunt\""));
    }
    Ok(response)
}

/// List running hunts
#[utoipa::path(get, path = "/v1/hunts/running", tag = "Hunting",
    responses((status = 200, description = "Hunts that run or wait", body = inline(RunningHuntsDoc))))]
pub(crate) async fn running(asking: Asking) -> Result<Response, Problem> {
    let running = asking.app.hunter().map(|hunter| hunter.running(asking.tenant())).unwrap_or_default();
    // Another's question may speak of services that one does not see.
    let mine = running.into_iter().filter(|hunt| !asking.who.restricted() || hunt.asked_by == asking.who.name);
    let items = mine.map(|hunt| RunningHunt {
        id: hunt.id.0,
        asked_by: hunt.asked_by,
        sql: hunt.sql,
        age_ms: u64::try_from(hunt.age.as_millis()).unwrap_or(u64::MAX),
    });
    Ok(Json(RunningHunts { items: items.collect() }).into_response())
}

/// Cancel a hunt
///
/// One's own; an administrator cancels any of the tenant.
#[utoipa::path(delete, path = "/v1/hunts/run/{id}", tag = "Hunting",
    params(("id" = String, Path, description = "Its number (`x-hunt-id`)")),
    responses((status = 204, description = "It ends"), (status = 404, description = "No such hunt runs")))]
pub(crate) async fn cancel(asking: Asking, Id(id): Id) -> Result<StatusCode, Problem> {
    let gone = || Problem::new(Kind::NotFound, "no such hunt runs");
    let number = HuntId(id.parse().map_err(|_| gone())?);
    let hunter = asking.app.hunter().ok_or_else(gone)?;
    let running = hunter.running(asking.tenant());
    let found = running.iter().find(|hunt| hunt.id == number).ok_or_else(gone)?;
    if found.asked_by != asking.who.name && !asking.who.may(crate::auth::Scope::Admin) {
        return Err(gone());
    }
    asking.note("hunt.cancel", &id, &Value::Null).await?;
    if hunter.cancel(asking.tenant(), number) { Ok(StatusCode::NO_CONTENT) } else { Err(gone()) }
}

impl Question {
    fn limits(&self) -> Result<Limits, Problem> {
        let rows = self.limit.unwrap_or(HUNT_ROWS_DEFAULT);
        if rows == 0 || rows > HUNT_ROWS_MAX {
            return Err(Problem::invalid("/limit", format!("must be 1 to {HUNT_ROWS_MAX}")));
        }
        let time = self.timeout_ms.map_or(HUNT_TIME_DEFAULT, Duration::from_millis);
        if time.is_zero() || time > HUNT_TIME_MAX {
            return Err(Problem::invalid("/timeout_ms", format!("must be 1 to {}", HUNT_TIME_MAX.as_millis())));
        }
        Ok(Limits { rows: Some(rows), time })
    }

    /// The SQL and the values of its parameters.
    async fn text(&self, asking: &Asking) -> Result<(String, BTreeMap<String, SqlValue>), Problem> {
        match (&self.sql, &self.saved) {
            (Some(sql), None) => {
                let value = |(name, value): (&String, &Value)| {
                    let sql = SqlValue::from_json(value)
                        .ok_or_else(|| Problem::invalid("/parameters", "hold texts, numbers and booleans"))?;
                    Ok((name.clone(), sql))
                };
                let parameters: Result<_, Problem> = self.parameters.iter().map(value).collect();
                Ok((sql.clone(), parameters?))
            }
            (None, Some(id)) => {
                let hunt = match shipped().iter().find(|hunt| hunt.id == *id) {
                    Some(hunt) => hunt.clone(),
                    None => saved(&own(asking, id).await?),
                };
                let parameters = hunt.values(&self.parameters).map_err(hunt_problem)?;
                Ok((hunt.sql, parameters))
            }
            _ => Err(Problem::new(Kind::Invalid, "either sql or saved must be there, and not both")),
        }
    }
}

fn saved(hunt: &Hunt) -> SavedHunt {
    let parameters: Vec<HuntParameter> = serde_json::from_str(&hunt.text.parameters).unwrap_or_default();
    let mut saved = SavedHunt::default();
    saved.id.clone_from(&hunt.id);
    saved.title.clone_from(&hunt.text.title);
    saved.question.clone_from(&hunt.text.description);
    saved.sql.clone_from(&hunt.text.sql);
    saved.parameters.extend(parameters.iter().map(Parameter::from));
    saved
}

/// The first media type of `Accept` that an answer can have.
fn format(headers: &HeaderMap) -> Result<Format, Problem> {
    let mut lists = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    if lists.peek().is_none() {
        return Ok(Format::Document);
    }
    let mut essences =
        lists.flat_map(|list| list.split(',')).map(|one| one.split(';').next().unwrap_or_default().trim());
    essences
        .find_map(|essence| match essence {
            "*/*" | "application/*" => Some(Format::Document),
            essence => Format::of_media_type(essence),
        })
        .ok_or_else(|| Problem::bare(Kind::NotAcceptable).hint("application/json and text/csv are, among others"))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn hunt_problem(error: HuntError) -> Problem {
    let kind = match &error {
        HuntError::Wrong { .. }
        | HuntError::Refused { .. }
        | HuntError::TooLarge { .. }
        // Not 504: it is the asker's limit, and asking again changes nothing.
        | HuntError::TimedOut { .. } => Kind::Unprocessable,
        HuntError::Busy => Kind::TooManyRequests,
        HuntError::Canceled => Kind::Conflict,
        HuntError::Storage(_) | HuntError::Setup(_) => {
            tracing::error!(error = %error, cause = ?std::error::Error::source(&error), "a hunt could not read its rows");
            return Problem::new(Kind::Unavailable, "stored rows could not be read").retry_after_secs(10);
        }
        HuntError::Broken(_) => return Problem::internal(&error),
    };
    let mut problem = Problem::new(kind, error.to_string());
    if let Some(hint) = error.hint() {
        problem = problem.hint(hint);
    }
    if kind == Kind::TooManyRequests {
        problem = problem.retry_after_secs(2);
    }
    match error.position() {
        Some(place) => problem.fault(format!("line {}, column {}", place.line, place.column), error.to_string()),
        None => problem,
    }
}
