//! Specifications that people upload, their versions, and how the traffic conforms to them.

use axum::Json;
use axum::extract::Request;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vedette_engine::diff::{Level, diff};
use vedette_ingest::wall_clock;
use vedette_model::Timestamp;
use vedette_model::limits::SPEC_UPLOAD_BYTES_MAX;
use vedette_model::results::Results;
use vedette_parse::spec::{self, Spec};
use vedette_store::state::{Document, DocumentKind, NewDocument};

use super::{Asking, note};
use crate::conditional::{self, Version};
use crate::extract::{self, Id, Params};
use crate::openapi::{Doc, query_parameters};
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type ConformanceDoc = Doc<Conformance>;
type ShownDoc = Doc<Shown>;
type SpecVersionsDoc = Doc<SpecVersions>;
type SpecsDoc = Doc<Specs>;

/// Differences of one conformance report that are listed; the rest is counted.
const DIFFERENCES_MAX: usize = 2_000;

/// An uploaded specification.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UploadedSpec")]
pub(crate) struct Shown {
    /// Stable id.
    id: String,
    /// Name that it was given.
    name: String,
    /// Service that it describes, when that was said; otherwise its `servers` decide.
    service: Option<String>,
    /// Since when.
    created_at: Timestamp,
    /// Newest version's time.
    updated_at: Timestamp,
    /// Newest version; for `If-Match`.
    version: u64,
}

/// All specifications that one sees.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Specs {
    /// Oldest first.
    items: Vec<Shown>,
}

/// A version of a specification.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SpecVersion {
    /// Its number.
    version: u64,
    /// SHA-256 of the text.
    digest: String,
    /// Who uploaded it.
    created_by: String,
    /// When.
    created_at: Timestamp,
}

/// The versions that are kept.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SpecVersions {
    /// Newest first.
    items: Vec<SpecVersion>,
}

/// What a new specification is called.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSpecQuery {
    /// Name for people; the document's title when absent.
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// Service that it describes; its `servers` decide when absent.
    #[schemars(length(min = 1, max = 200))]
    service: Option<String>,
}
query_parameters!(NewSpecQuery);

/// Which version.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionQuery {
    /// Number of the version; the newest when absent.
    #[schemars(range(min = 1))]
    version: Option<u32>,
}
query_parameters!(VersionQuery);

/// How the traffic conforms to a specification.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Conformance {
    /// Services of the traffic that it was compared with.
    services: Vec<String>,
    /// Operations that it declares.
    declared: u64,
    /// Of those, never observed.
    orphans: u64,
    /// Endpoints observed that it does not declare.
    shadows: u64,
    /// Every difference between what is declared and what was learned; at most 2,000.
    differences: Vec<Difference>,
    /// Differences beyond those.
    more: u64,
}

/// One difference between declaration and traffic.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Difference {
    /// What it would mean if the traffic were the next version: `breaking`, `security` or `compatible`.
    level: &'static str,
    /// `METHOD /path`; empty for the whole document.
    operation: String,
    /// Kind (`operation-removed`: declared and never called; `operation-added`: called and not declared).
    kind: String,
    /// In a sentence.
    text: String,
    /// Line in the specification.
    line: Option<u64>,
}

impl Shown {
    fn of(document: &Document) -> Self {
        Self {
            id: document.id.clone(),
            name: document.name.clone(),
            service: document.service.clone(),
            created_at: document.created_at,
            updated_at: document.updated_at,
            version: document.version.unsigned_abs(),
        }
    }
}

/// Whether one sees a specification: one of no particular service is for those who see all.
fn sees(asking: &Asking, document: &Document) -> bool {
    match &document.service {
        Some(service) => asking.who.sees(service),
        None => !asking.who.restricted(),
    }
}

async fn find(asking: &Asking, id: &str) -> Result<Document, Problem> {
    let document = asking.app.state().document(asking.tenant(), DocumentKind::Spec, id).await?;
    document.filter(|document| sees(asking, document)).ok_or_else(|| Problem::no_such("specification"))
}

/// List specifications
#[utoipa::path(get, path = "/v1/specs", tag = "Specifications and classes",
    responses((status = 200, description = "All specifications", body = inline(SpecsDoc))))]
pub(crate) async fn list(asking: Asking) -> Result<Response, Problem> {
    let documents = asking.app.state().documents(asking.tenant(), DocumentKind::Spec).await?;
    let items = documents.iter().filter(|document| sees(&asking, document)).map(Shown::of).collect();
    Ok(Json(Specs { items }).into_response())
}

/// Upload a specification
///
/// OpenAPI 3.x, Swagger 2.0 or a Postman collection, as JSON or YAML, in one file. Within seconds, exchanges that come
/// from then on are compared with it.
#[utoipa::path(post, path = "/v1/specs", tag = "Specifications and classes", params(NewSpecQuery),
    request_body(content(
        (String = "application/yaml", example = "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\npaths: {}\n"),
        (serde_json::Value = "application/json"),
    )),
    responses(
        (status = 201, description = "The specification", body = inline(ShownDoc)),
        (status = 422, description = "It cannot be read; `errors` says where"),
    ))]
pub(crate) async fn create(
    asking: Asking,
    Params(query): Params<NewSpecQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let (text, read) = uploaded(&asking, request).await?;
    let name = match &query.name {
        Some(name) => note::name("name", name)?,
        None => note::name("name", &read.title).unwrap_or_else(|_| "specification".to_owned()),
    };
    let service = query.service.as_deref().map(|service| note::name("service", service)).transpose()?;
    let new = NewDocument { name, service, text };
    let state = asking.app.state();
    let document =
        state.create_document(asking.tenant(), DocumentKind::Spec, new, &asking.who.name, wall_clock()).await;
    let document = document?;
    asking.note("spec.create", &document.id, &serde_json::json!({ "name": document.name })).await?;
    Ok(answer(StatusCode::CREATED, &document))
}

/// Show a specification
#[utoipa::path(get, path = "/v1/specs/{id}", tag = "Specifications and classes",
    params(("id" = String, Path, description = "The specification's id")),
    responses(
        (status = 200, description = "The specification, without its text", body = inline(ShownDoc)),
        (status = 404, description = "No such specification"),
    ))]
pub(crate) async fn show(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    Ok(answer(StatusCode::OK, &find(&asking, &id).await?))
}

/// Upload a new version of a specification
#[utoipa::path(put, path = "/v1/specs/{id}", tag = "Specifications and classes",
    params(
        ("id" = String, Path, description = "The specification's id"),
        ("If-Match" = String, Header, description = "ETag of the specification, or `*`", example = "\"1\""),
    ),
    request_body(content((String = "application/yaml"), (serde_json::Value = "application/json"))),
    responses(
        (status = 200, description = "The specification", body = inline(ShownDoc)),
        (status = 404, description = "No such specification"),
        (status = 412, description = "Somebody changed it meanwhile"),
        (status = 422, description = "It cannot be read; `errors` says where"),
        (status = 428, description = "`If-Match` is missing"),
    ))]
pub(crate) async fn replace(
    asking: Asking,
    Id(id): Id,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let known = find(&asking, &id).await?;
    conditional::require_match(&headers, known.version.unsigned_abs())?;
    let (text, _) = uploaded(&asking, request).await?;
    let (state, kind, who) = (asking.app.state(), DocumentKind::Spec, asking.who.name.as_str());
    let updated =
        state.update_document(asking.tenant(), kind, &id, Some(known.version), &text, who, wall_clock()).await;
    let document = updated?;
    asking.note("spec.replace", &id, &serde_json::json!({ "version": document.version })).await?;
    Ok(answer(StatusCode::OK, &document))
}

/// Delete a specification
#[utoipa::path(delete, path = "/v1/specs/{id}", tag = "Specifications and classes",
    params(("id" = String, Path, description = "The specification's id")),
    responses(
        (status = 204, description = "It is gone, with all versions"),
        (status = 404, description = "No such specification"),
    ))]
pub(crate) async fn delete(asking: Asking, Id(id): Id) -> Result<StatusCode, Problem> {
    find(&asking, &id).await?;
    asking.app.state().delete_document(asking.tenant(), DocumentKind::Spec, &id).await?;
    asking.note("spec.delete", &id, &serde_json::Value::Null).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List versions of a specification
#[utoipa::path(get, path = "/v1/specs/{id}/versions", tag = "Specifications and classes",
    params(("id" = String, Path, description = "The specification's id")),
    responses(
        (status = 200, description = "The versions that are kept", body = inline(SpecVersionsDoc)),
        (status = 404, description = "No such specification"),
    ))]
pub(crate) async fn versions(asking: Asking, Id(id): Id) -> Result<Response, Problem> {
    find(&asking, &id).await?;
    let versions = asking.app.state().document_versions(asking.tenant(), DocumentKind::Spec, &id).await;
    let items = versions?.into_iter().map(|one| SpecVersion {
        version: one.version.unsigned_abs(),
        digest: one.digest,
        created_by: one.created_by,
        created_at: one.created_at,
    });
    Ok(Json(SpecVersions { items: items.collect() }).into_response())
}

/// Download a specification
///
/// The text as it was uploaded.
#[utoipa::path(get, path = "/v1/specs/{id}/document", tag = "Specifications and classes",
    params(("id" = String, Path, description = "The specification's id"), VersionQuery),
    responses(
        (status = 200, description = "The text", content_type = "text/plain", body = String),
        (status = 404, description = "No such specification or version"),
    ))]
pub(crate) async fn document(
    asking: Asking,
    Id(id): Id,
    Params(query): Params<VersionQuery>,
) -> Result<Response, Problem> {
    find(&asking, &id).await?;
    let text = text(&asking, &id, query.version).await?;
    // Never as HTML or a script of ours: it is somebody's text.
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"specification.txt\"")),
    ];
    Ok((headers, text).into_response())
}

async fn text(asking: &Asking, id: &str, version: Option<u32>) -> Result<String, Problem> {
    let state = asking.app.state();
    let text = state.document_text(asking.tenant(), DocumentKind::Spec, id, version.map(i64::from)).await;
    text?.ok_or_else(|| Problem::no_such("version"))
}

/// Compare the traffic with a specification
///
/// What is declared and never called, called and not declared, and where parameters and bodies differ.
#[utoipa::path(get, path = "/v1/specs/{id}/conformance", tag = "Specifications and classes",
    params(("id" = String, Path, description = "The specification's id"), VersionQuery),
    responses(
        (status = 200, description = "The differences", body = inline(ConformanceDoc)),
        (status = 404, description = "No such specification or version"),
        (status = 422, description = "The stored text can no longer be read"),
    ))]
pub(crate) async fn conformance(
    asking: Asking,
    Id(id): Id,
    Params(query): Params<VersionQuery>,
) -> Result<Response, Problem> {
    let document = find(&asking, &id).await?;
    let text = text(&asking, &id, query.version).await?;
    let view = asking.view();
    // Reading and comparing take milliseconds to seconds: not on a worker of the runtime.
    let work = tokio::task::spawn_blocking(move || {
        let declared = read(&document.name, &text)?;
        Ok(compare(&declared, document.service.as_deref(), &view.results))
    });
    let compared: Result<Conformance, Problem> = work.await.map_err(|error| Problem::internal(&error))?;
    Ok(Json(compared?).into_response())
}

fn compare(declared: &Spec, service: Option<&str>, results: &Results) -> Conformance {
    let is_its = |name: &str| match service {
        Some(service) => service.eq_ignore_ascii_case(name),
        None => declared.servers.iter().any(|server| server.serves(name)),
    };
    let mut report = Conformance {
        services: Vec::new(),
        declared: declared.operations.len() as u64,
        orphans: 0,
        shadows: 0,
        differences: Vec::new(),
        more: 0,
    };
    for service in results.services.iter().filter(|service| is_its(&service.name)) {
        let Some(document) = vedette_engine::openapi::export(results, service) else { continue };
        let Ok(text) = serde_json::to_string(&document) else { continue };
        let Ok(learned) = spec::read(&service.name, &text, &mut |_| Err(String::new())) else { continue };
        report.services.push(service.name.clone());
        for change in diff(declared, &learned) {
            match change.kind {
                "operation-removed" => report.orphans += 1,
                "operation-added" => report.shadows += 1,
                _ => {}
            }
            if report.differences.len() == DIFFERENCES_MAX {
                report.more += 1;
                continue;
            }
            report.differences.push(Difference {
                level: match change.level {
                    Level::Breaking => "breaking",
                    Level::Security => "security",
                    Level::Compatible => "compatible",
                },
                operation: change.operation,
                kind: change.kind.to_owned(),
                text: change.text,
                line: change.old_line.map(|line| line as u64),
            });
        }
    }
    report
}

/// The text of a request that is a specification, read.
async fn uploaded(asking: &Asking, request: Request) -> Result<(String, Spec), Problem> {
    let bytes = extract::bytes(request, &asking.app, SPEC_UPLOAD_BYTES_MAX).await?;
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| Problem::new(Kind::Invalid, "the text is not UTF-8"))?;
    let work = tokio::task::spawn_blocking(move || read("specification", &text).map(|spec| (text, spec)));
    work.await.map_err(|error| Problem::internal(&error))?
}

/// Reads a specification in one file: what it refers to elsewhere is not fetched.
fn read(name: &str, text: &str) -> Result<Spec, Problem> {
    spec::read(name, text, &mut |_| Err("an uploaded specification is one file".to_owned()))
        .map_err(|fault| super::classes::mistakes("the specification", &[fault]))
}

fn answer(status: StatusCode, document: &Document) -> Response {
    let mut response = (status, Json(Shown::of(document))).into_response();
    conditional::tag_version(&mut response, Version(document.version.unsigned_abs()));
    response
}
