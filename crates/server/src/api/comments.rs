//! What people say about findings and incidents: the shapes and the work that both share.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vedette_ingest::wall_clock;
use vedette_model::Timestamp;
use vedette_store::state::{Comment, Subject};

use super::{Asking, note};
use crate::feed::Kind as EventKind;
use crate::openapi::Doc;
use crate::problem::Problem;

// What utoipa takes for a type without parameters.
pub(super) type CommentsDoc = Doc<Comments>;
pub(super) type NewCommentDoc = Doc<NewComment>;
pub(super) type SaidDoc = Doc<Said>;

/// What somebody said.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Comment")]
pub(crate) struct Said {
    /// Stable id, in order of time.
    id: String,
    /// Who.
    author: String,
    /// What.
    text: String,
    /// When.
    created_at: Timestamp,
}

/// All that was said about a finding or incident.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Comments {
    /// In order of time.
    items: Vec<Said>,
}

/// What one says about a finding or incident.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewComment {
    /// Plain text; may have several lines.
    #[schemars(length(min = 1, max = 4000))]
    text: String,
}

impl From<Comment> for Said {
    fn from(comment: Comment) -> Self {
        Self { id: comment.id, author: comment.author, text: comment.text, created_at: comment.created_at }
    }
}

/// All that was said about what whoever asks may see.
pub(super) async fn list(asking: &Asking, subject: Subject, id: &str) -> Result<Response, Problem> {
    let comments = asking.app.state().comments(asking.tenant(), subject, id).await?;
    Ok(Json(Comments { items: comments.into_iter().map(Said::from).collect() }).into_response())
}

/// Says something about what whoever asks may see, notes it and tells it to those who see this service.
pub(super) async fn add(
    asking: &Asking,
    (subject, id): (Subject, &str),
    new: &NewComment,
    service: &str,
) -> Result<Response, Problem> {
    let text = note::note("/text", &new.text)?;
    let state = asking.app.state();
    let said = state.comment(asking.tenant(), (subject, id), &asking.who.name, &text, wall_clock()).await?;
    let (action, kind) = match subject {
        Subject::Finding => ("finding.comment", EventKind::Finding),
        Subject::Incident => ("incident.comment", EventKind::Incident),
    };
    asking.note(action, id, &serde_json::json!({"comment": said.id})).await?;
    let event = serde_json::json!({"id": id, "comment": said.id, "author": said.author});
    asking.app.feed(asking.tenant()).publish(kind, Some(service), &event);
    Ok((StatusCode::CREATED, Json(Said::from(said))).into_response())
}
