//! Data classes and sensitivity levels: those that ship, and a customer's own files.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use vedette_ingest::wall_clock;
use vedette_model::limits::CLASS_FILE_BYTES_MAX;
use vedette_model::{Diagnostic, Timestamp};
use vedette_parse::classes::Classifier;
use vedette_store::state::{Document, DocumentKind, NewDocument};

use super::Asking;
use crate::conditional::{self, Version};
use crate::extract::{self, Id};
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};

// What utoipa takes for a type without parameters.
type ClassFileDoc = Doc<ClassFile>;
type ClassesDoc = Doc<Classes>;

/// What fields may hold.
#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the API")]
pub(crate) struct Classes {
    /// The classes in force, by id.
    classes: Vec<Class>,
    /// Levels with the weight of each in the impact of a risk, 0 to 1.
    levels: BTreeMap<String, f32>,
    /// Files of classes that were uploaded. A change is in force within seconds, for what comes from then on.
    files: Vec<ClassFile>,
}

/// A data class.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DataClass")]
pub(crate) struct Class {
    /// Id (`payment-card`).
    id: String,
    /// Name.
    name: String,
    /// Sensitivity level.
    level: String,
    /// Labels that a customer gave.
    labels: Vec<String>,
}

/// A file of a customer's classes.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ClassFile {
    /// Stable id.
    id: String,
    /// Name that it was given.
    name: String,
    /// Last change.
    updated_at: Timestamp,
    /// Counts changes; for `If-Match`.
    version: u64,
}

impl ClassFile {
    fn of(document: &Document) -> Self {
        Self {
            id: document.id.clone(),
            name: document.name.clone(),
            updated_at: document.updated_at,
            version: document.version.unsigned_abs(),
        }
    }
}

/// List data classes and levels
#[utoipa::path(get, path = "/v1/classes", tag = "Specifications and classes",
    responses((status = 200, description = "Classes, levels and files", body = inline(ClassesDoc))))]
pub(crate) async fn list(asking: Asking) -> Result<Response, Problem> {
    let (files, texts) = uploaded(&asking).await?;
    // Compiling patterns takes milliseconds: not on a worker of the runtime.
    let compiled = tokio::task::spawn_blocking(move || {
        // They were checked together when the last came.
        described(&compile(&texts).unwrap_or_else(|_| Classifier::builtin()))
    });
    let (classes, levels) = compiled.await.map_err(|error| Problem::internal(&error))?;
    Ok(Json(Classes { classes, levels, files: files.iter().map(ClassFile::of).collect() }).into_response())
}

/// The uploaded files, and their names and texts.
async fn uploaded(asking: &Asking) -> Result<(Vec<Document>, Vec<(String, String)>), Problem> {
    let state = asking.app.state();
    let files = state.documents(asking.tenant(), DocumentKind::Classes).await?;
    let mut texts = Vec::new();
    for file in &files {
        let text = state.document_text(asking.tenant(), DocumentKind::Classes, &file.id, None).await?;
        texts.push((file.name.clone(), text.unwrap_or_default()));
    }
    Ok((files, texts))
}

/// The built-in classes with a customer's files on top.
fn compile(texts: &[(String, String)]) -> Result<Classifier, Vec<Diagnostic>> {
    Classifier::with_customs(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))
}

fn described(classifier: &Classifier) -> (Vec<Class>, BTreeMap<String, f32>) {
    let mut levels = BTreeMap::new();
    let mut classes: Vec<Class> = classifier
        .classes()
        .iter()
        .map(|class| {
            levels.insert(class.level.clone(), class.weight);
            Class {
                id: class.id.clone(),
                name: class.name.clone(),
                level: class.level.clone(),
                labels: class.labels.clone(),
            }
        })
        .collect();
    classes.sort_by(|a, b| a.id.cmp(&b.id));
    (classes, levels)
}

/// Upload a file of data classes
///
/// YAML, as `vedette classes` reads it: classes with patterns, key words and labels, and levels of one's own. It is
/// checked, and refused with every mistake at once; it is in force within seconds, for what comes from then on. `If-None-Match: *` refuses to replace one that is there.
#[utoipa::path(put, path = "/v1/classes/{id}", tag = "Specifications and classes",
    params(
        ("id" = String, Path, description = "Name of the file, of one's choice", example = "company"),
        ("If-Match" = Option<String>, Header, description = "Version that is replaced, or `*`; needed when there is one"),
    ),
    request_body(content(
        (String = "application/yaml", example = "version: 1\nclasses:\n  - id: badge-number\n    name: Badge number\n    level: personal\n    keys: [badge, badge_number]\n"),
    )),
    responses(
        (status = 200, description = "The file, replaced", body = inline(ClassFileDoc)),
        (status = 201, description = "The file, new", body = inline(ClassFileDoc)),
        (status = 412, description = "Somebody changed it meanwhile"),
        (status = 422, description = "The file has mistakes; `errors` lists them"),
        (status = 428, description = "`If-Match` is missing"),
    ))]
pub(crate) async fn replace(
    asking: Asking,
    Id(name): Id,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let name = super::note::name("id", &name)?;
    let app = asking.app.clone();
    let bytes = extract::bytes(request, &app, CLASS_FILE_BYTES_MAX as usize).await?;
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| Problem::new(Kind::Invalid, "the file is not UTF-8"))?;
    // With the others, since they will be in force together.
    let (there, mut texts) = uploaded(&asking).await?;
    texts.retain(|(other, _)| *other != name);
    texts.push((name.clone(), text.clone()));
    let outcome = tokio::task::spawn_blocking(move || compile(&texts).map(|_| ())).await;
    outcome.map_err(|error| Problem::internal(&error))?.map_err(|faults| mistakes("the file of classes", &faults))?;
    let state = asking.app.state();
    let (who, now) = (asking.who.name.as_str(), wall_clock());
    let (status, document) = if let Some(document) = there.into_iter().find(|document| document.name == name) {
        conditional::require_match(&headers, document.version.unsigned_abs())?;
        let kind = DocumentKind::Classes;
        let known = Some(document.version);
        let updated = state.update_document(asking.tenant(), kind, &document.id, known, &text, who, now).await;
        (StatusCode::OK, updated?)
    } else {
        let new = NewDocument { name: name.clone(), service: None, text };
        let created = state.create_document(asking.tenant(), DocumentKind::Classes, new, who, now).await;
        (StatusCode::CREATED, created?)
    };
    asking.note("classes.replace", &name, &serde_json::json!({ "version": document.version })).await?;
    let mut response = (status, Json(ClassFile::of(&document))).into_response();
    conditional::tag_version(&mut response, Version(document.version.unsigned_abs()));
    Ok(response)
}

/// Delete a file of data classes
#[utoipa::path(delete, path = "/v1/classes/{id}", tag = "Specifications and classes",
    params(("id" = String, Path, description = "Name or id of the file")),
    responses((status = 204, description = "It is gone"), (status = 404, description = "No such file")))]
pub(crate) async fn delete(asking: Asking, Id(name): Id) -> Result<StatusCode, Problem> {
    let state = asking.app.state();
    let there = state.documents(asking.tenant(), DocumentKind::Classes).await?;
    let found = there.iter().find(|document| document.name == name || document.id == name);
    let found = found.ok_or_else(|| Problem::no_such("file of classes"))?;
    state.delete_document(asking.tenant(), DocumentKind::Classes, &found.id).await?;
    asking.note("classes.delete", &found.name, &serde_json::Value::Null).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Every mistake of a person's file.
pub(super) fn mistakes(what: &str, faults: &[Diagnostic]) -> Problem {
    let noun = if faults.len() == 1 { "mistake" } else { "mistakes" };
    let problem = Problem::new(Kind::Unprocessable, format!("{what} has {} {noun}", faults.len()));
    faults.iter().take(100).fold(problem, |problem, fault| {
        let hint = fault.hint.as_deref().map_or_else(String::new, |hint| format!(" ({hint})"));
        problem.fault(format!("line {}, column {}", fault.line, fault.column), format!("{}{hint}", fault.message))
    })
}
