//! What a client is told when a request is refused: problem details (RFC 9457), one shape for every error.
//!
//! A handler returns `Result<_, Problem>`. Whatever answers an error without going through here (the router's own 404
//! and 405, a refused body, a time-out, a panic) is given the same shape by [`layer`], which also names the request.
//! Nothing in a problem repeats a secret or a value of the traffic; internal causes are logged, not told.

use std::any::Any;
use std::borrow::Cow;

use axum::extract::Request;
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Bytes of a foreign error text that are kept as the detail; the framework's own are shorter.
const DETAIL_BYTES_MAX: usize = 1 << 10;

/// What went wrong: a closed list, so that a client can match on `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request's syntax is wrong.
    Invalid,
    /// Nobody is logged in, or the token is unknown or expired.
    Unauthenticated,
    /// Who asks may not do this.
    Forbidden,
    /// There is no such thing, or who asks may not see it.
    NotFound,
    /// The method does not exist on this resource.
    MethodNotAllowed,
    /// No representation has the media type asked for.
    NotAcceptable,
    /// The client took too long to send its request.
    RequestTimeout,
    /// The request contradicts the present state.
    Conflict,
    /// What was changed meanwhile was not what the client knew.
    PreconditionFailed,
    /// The body is larger than its limit.
    TooLarge,
    /// The body's media type or content coding is not understood.
    UnsupportedMediaType,
    /// The request was meant for another host.
    Misdirected,
    /// The request can be read, but what it says cannot be done.
    Unprocessable,
    /// A write needs `If-Match`.
    PreconditionRequired,
    /// Too many requests, or the node is full: come back later.
    TooManyRequests,
    /// The request's headers are larger than their limit.
    HeadersTooLarge,
    /// A fault of this program.
    Internal,
    /// The feature does not exist in this version.
    NotImplemented,
    /// The program cannot answer now.
    Unavailable,
    /// The work took longer than its limit.
    Timeout,
    /// The disk is full.
    StorageFull,
}

impl Kind {
    /// Every kind, in the order of statuses.
    pub const ALL: [Self; 21] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::RequestTimeout,
        Self::Conflict,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Misdirected,
        Self::Unprocessable,
        Self::PreconditionRequired,
        Self::TooManyRequests,
        Self::HeadersTooLarge,
        Self::Internal,
        Self::NotImplemented,
        Self::Unavailable,
        Self::Timeout,
        Self::StorageFull,
    ];

    /// Last part of the problem's type.
    pub fn id(self) -> &'static str {
        self.row().0
    }

    /// HTTP status.
    pub fn status(self) -> StatusCode {
        self.row().1
    }

    /// In a few words; the same for every problem of the kind.
    pub fn title(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::Invalid => ("invalid-request", StatusCode::BAD_REQUEST, "The request is not valid"),
            Self::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED, "Log in or send a token"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Not allowed"),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "There is no such thing"),
            Self::MethodNotAllowed => {
                ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "The resource does not have this method")
            }
            Self::NotAcceptable => {
                ("not-acceptable", StatusCode::NOT_ACCEPTABLE, "No such representation of the resource")
            }
            Self::RequestTimeout => ("request-timeout", StatusCode::REQUEST_TIMEOUT, "The request took too long"),
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "The request contradicts the present state"),
            Self::PreconditionFailed => {
                ("precondition-failed", StatusCode::PRECONDITION_FAILED, "Somebody changed it meanwhile")
            }
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The body's media type or coding is not understood",
            ),
            Self::Misdirected => {
                ("wrong-host", StatusCode::MISDIRECTED_REQUEST, "The request was meant for another host")
            }
            Self::Unprocessable => {
                ("unprocessable", StatusCode::UNPROCESSABLE_ENTITY, "The request cannot be carried out")
            }
            Self::PreconditionRequired => {
                ("precondition-required", StatusCode::PRECONDITION_REQUIRED, "Say what you change with If-Match")
            }
            Self::TooManyRequests => ("too-many-requests", StatusCode::TOO_MANY_REQUESTS, "Come back later"),
            Self::HeadersTooLarge => {
                ("headers-too-large", StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large")
            }
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "A fault of this server"),
            Self::NotImplemented => ("not-implemented", StatusCode::NOT_IMPLEMENTED, "Not in this version"),
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Not available now"),
            Self::Timeout => ("timeout", StatusCode::GATEWAY_TIMEOUT, "The work took too long"),
            Self::StorageFull => ("storage-full", StatusCode::INSUFFICIENT_STORAGE, "The disk is full"),
        }
    }

    /// The kind that fits a status which did not come from here.
    fn of(status: StatusCode) -> Self {
        Self::ALL.into_iter().find(|kind| kind.status() == status).unwrap_or(if status.is_client_error() {
            Self::Invalid
        } else {
            Self::Internal
        })
    }
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where: a parameter's name, or a JSON pointer into the body (`/items/3/name`).
    #[schema(example = "/reason")]
    pub at: String,
    /// What is wrong with it.
    #[schema(example = "must not be empty")]
    pub message: String,
}

/// Problem details as they travel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// Identifies the kind of problem: `urn:vedette:problem:` and one of a closed list of ids.
    #[serde(rename = "type")]
    #[schema(example = "urn:vedette:problem:not-found")]
    pub kind: String,
    /// The kind in a few words.
    #[schema(example = "There is no such thing")]
    pub title: Cow<'static, str>,
    /// HTTP status.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "no endpoint has the id 00000000000000aa")]
    pub detail: Option<String>,
    /// What to try.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "list them with GET /v1/endpoints")]
    pub hint: Option<String>,
    /// This request, as its log line and the response header `x-request-id` name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "urn:uuid:0199f0a0-7c1e-7d6b-9f53-6d1f2a3b4c5d")]
    pub instance: Option<String>,
    /// Every single thing that is wrong with the request, where that can be said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<Fault>,
}

/// A refusal on its way to the client.
///
/// Built in one expression: `Problem::new(Kind::NotFound, "no finding has this id").hint("list them …")`.
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    kind: Kind,
    detail: Option<String>,
    hint: Option<String>,
    errors: Vec<Fault>,
    retry_after_secs: Option<u64>,
    allow: Option<HeaderValue>,
}

impl Problem {
    /// A problem with what happened this time: a lowercase fragment without a period.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            kind,
            detail: Some(detail.into()),
            hint: None,
            errors: Vec::new(),
            retry_after_secs: None,
            allow: None,
        }))
    }

    /// A problem of which nothing more can be said than its kind.
    pub fn bare(kind: Kind) -> Self {
        Self(Box::new(Parts {
            kind,
            detail: None,
            hint: None,
            errors: Vec::new(),
            retry_after_secs: None,
            allow: None,
        }))
    }

    /// A fault of ours: the cause is logged, the client learns only that it happened.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = %chain(error), "request failed");
        Self::bare(Kind::Internal).hint("the server's log has the cause under this instance")
    }

    /// No thing of this sort has the id, or who asks may not see it. Both look the same.
    pub fn no_such(sort: &str) -> Self {
        Self::new(Kind::NotFound, format!("no {sort} has this id"))
    }

    /// One wrong part of the request.
    pub fn invalid(at: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(Kind::Invalid, format!("{at}: {message}")).fault(at, message)
    }

    /// What to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Another thing that is wrong with the request.
    #[must_use]
    pub fn fault(mut self, at: impl Into<String>, message: impl Into<String>) -> Self {
        self.0.errors.push(Fault { at: at.into(), message: message.into() });
        self
    }

    /// When to come back; becomes the header `Retry-After`.
    #[must_use]
    pub fn retry_after_secs(mut self, secs: u64) -> Self {
        self.0.retry_after_secs = Some(secs);
        self
    }

    /// The methods that the resource has; becomes the header `Allow`.
    #[must_use]
    pub fn allow(mut self, methods: &str) -> Self {
        self.0.allow = HeaderValue::from_str(methods).ok();
        self
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    fn document(&self, instance: Option<String>) -> Document {
        Document {
            kind: format!("urn:vedette:problem:{}", self.0.kind.id()),
            title: Cow::Borrowed(self.0.kind.title()),
            status: self.0.kind.status().as_u16(),
            detail: self.0.detail.clone(),
            hint: self.0.hint.clone(),
            instance,
            errors: self.0.errors.clone(),
        }
    }

    fn respond(&self, instance: Option<String>) -> Response {
        let body = serde_json::to_vec(&self.document(instance)).unwrap_or_default();
        let mut response = (self.0.kind.status(), [(CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        if let Some(secs) = self.0.retry_after_secs {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(secs));
        }
        if let Some(methods) = &self.0.allow {
            response.headers_mut().insert(ALLOW, methods.clone());
        }
        if self.0.kind == Kind::Unauthenticated {
            // RFC 9110, section 11.6.1: a 401 names a scheme.
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"vedette\""));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.respond(None);
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives every error that leaves the server the shape of a problem, and names the request in it.
///
/// Sits outside of everything that may answer an error and inside of what makes the request id.
pub async fn layer(request: Request, next: Next) -> Response {
    let instance = instance(request.headers());
    let mut response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None => foreign(&mut response).await,
    };
    let mut named = problem.respond(instance);
    for (name, value) in response.headers() {
        if ![CONTENT_TYPE, CONTENT_LENGTH].contains(name) && !named.headers().contains_key(name) {
            named.headers_mut().append(name, value.clone());
        }
    }
    named
}

/// Answers a panic of a handler: one request fails, the process and other requests do not (invariant 8).
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Problem::bare(Kind::Internal).hint("this is a bug: please report what was asked").into_response()
}

/// What the framework answered, as a problem.
async fn foreign(response: &mut Response) -> Problem {
    let kind = Kind::of(response.status());
    let text = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/plain"))
        .then(|| std::mem::take(response.body_mut()));
    let detail = match text {
        Some(body) => axum::body::to_bytes(body, DETAIL_BYTES_MAX).await.ok(),
        None => None,
    };
    let detail = detail.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok()).filter(|text| !text.is_empty());
    let problem = match detail {
        Some(detail) if kind != Kind::Internal => Problem::new(kind, detail),
        _ => Problem::bare(kind),
    };
    match kind {
        Kind::NotFound => problem.hint("the resources are listed in /v1/openapi.json"),
        Kind::MethodNotAllowed => problem.hint("the header allow names those that it has"),
        _ => problem,
    }
}

/// The request's id as a URN; made by the layer outside of this one, so it is a UUID of ours.
fn instance(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("x-request-id")?.to_str().ok()?;
    Some(format!("urn:uuid:{id}"))
}

/// An error with its causes on one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use axum::Router;
    use axum::body::Body;
    use axum::extract::Query;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn panics() -> Response {
        panic!("oh no")
    }

    async fn reads(Query(_): Query<Vec<(String, u32)>>) {}

    async fn refuses() -> Problem {
        Problem::invalid("limit", "must be at least 1").hint("leave it out").retry_after_secs(7)
    }

    async fn answer(method: &str, path: &str) -> (Response, serde_json::Value) {
        let router = Router::new()
            .route("/panics", get(panics))
            .route("/reads", get(reads))
            .route("/refuses", get(refuses))
            .layer(tower_http::catch_panic::CatchPanicLayer::custom(panicked))
            .layer(axum::middleware::from_fn(layer));
        let request =
            Request::builder().method(method).uri(path).header("x-request-id", "42").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (Response::from_parts(parts, Body::empty()), serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn every_error_has_the_same_shape() {
        for (method, path, status, id) in [
            ("GET", "/nowhere", 404, "not-found"),
            ("POST", "/reads", 405, "method-not-allowed"),
            ("GET", "/reads?a=b", 400, "invalid-request"),
            ("GET", "/panics", 500, "internal"),
            ("GET", "/refuses", 400, "invalid-request"),
        ] {
            let (response, body) = answer(method, path).await;
            assert_eq!(response.status().as_u16(), status, "{path}");
            assert_eq!(response.headers().get(CONTENT_TYPE).unwrap(), MEDIA_TYPE, "{path}");
            assert_eq!(body["status"], status, "{path}");
            assert_eq!(body["type"], format!("urn:vedette:problem:{id}"), "{path}");
            assert_eq!(body["instance"], "urn:uuid:42", "{path}");
        }
    }

    #[tokio::test]
    async fn a_refused_request_learns_where_why_and_what_to_try() {
        let (response, body) = answer("GET", "/refuses").await;
        assert_eq!(response.headers().get(RETRY_AFTER).unwrap(), "7");
        assert_eq!(
            body,
            serde_json::json!({
                "type": "urn:vedette:problem:invalid-request",
                "title": "The request is not valid",
                "status": 400,
                "detail": "limit: must be at least 1",
                "hint": "leave it out",
                "instance": "urn:uuid:42",
                "errors": [{"at": "limit", "message": "must be at least 1"}],
            })
        );
    }

    #[tokio::test]
    async fn a_panic_tells_nothing_of_its_message() {
        let (_, body) = answer("GET", "/panics").await;
        assert!(!body.to_string().contains("oh no"));
    }

    #[tokio::test]
    async fn a_method_that_does_not_exist_is_told_which_do() {
        let (response, _) = answer("DELETE", "/reads").await;
        assert_eq!(response.headers().get(axum::http::header::ALLOW).unwrap(), "GET,HEAD");
    }

    #[test]
    fn kinds_have_one_id_and_one_status_each() {
        let ids: HashSet<_> = Kind::ALL.iter().map(|kind| kind.id()).collect();
        let statuses: HashSet<_> = Kind::ALL.iter().map(|kind| kind.status()).collect();
        assert_eq!((ids.len(), statuses.len()), (Kind::ALL.len(), Kind::ALL.len()));
    }
}
