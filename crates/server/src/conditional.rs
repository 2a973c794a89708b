//! `ETag`, `If-None-Match` and `If-Match` (RFC 9110, section 13).
//!
//! The tag of a read is a hash of its representation, made in one place for every JSON answer: it is right whatever the
//! answer was made of. What people change together (a finding's triage) has a version number of its own, which stands
//! before the hash: `"7.9f3c…"`. `If-Match` compares the version only, because the learned part of a finding changes with
//! the traffic and is nothing that a writer could overwrite.

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};
use vedette_model::limits::ETAG_BODY_BYTES_MAX;
use vedette_store::keys::hex;

use crate::problem::{Kind, Problem};

/// Version of what people change together; counts changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u64);

/// Tells the version of what an answer shows; [`layer`] adds the hash of the representation when it is read.
pub fn tag_version(response: &mut Response, version: Version) {
    if let Ok(value) = HeaderValue::from_str(&format!("\"{}\"", version.0)) {
        response.headers_mut().insert(ETAG, value);
    }
}

/// Tags every JSON answer to a GET and answers 304 to a client that has it.
pub async fn layer(request: Request, next: Next) -> Response {
    let wanted = (request.method() == Method::GET).then(|| request.headers().get_all(IF_NONE_MATCH).iter().cloned());
    let Some(known) = wanted.map(Iterator::collect::<Vec<_>>) else { return next.run(request).await };
    let response = next.run(request).await;
    let json =
        response.headers().get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    let small = response.body().size_hint().exact().is_some_and(|length| length <= ETAG_BODY_BYTES_MAX);
    if response.status() != StatusCode::OK || !json || !small {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, ETAG_BODY_BYTES_MAX as usize).await else {
        return Problem::bare(Kind::Internal).into_response();
    };
    let version = parts.headers.get(ETAG).and_then(|tag| version_of(tag.to_str().ok()?)).map(Version);
    let tag = tag(version, &bytes);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(ETAG, value);
    }
    if known.iter().filter_map(|value| value.to_str().ok()).any(|list| names(list, &tag)) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.remove(CONTENT_TYPE);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Refuses a write that does not say which version it changes, or says another than the present one.
///
/// `If-Match: *` changes whatever is there.
pub fn require_match(headers: &HeaderMap, version: u64) -> Result<(), Problem> {
    let mut lists = headers.get_all(IF_MATCH).iter().filter_map(|value| value.to_str().ok()).peekable();
    if lists.peek().is_none() {
        return Err(Problem::bare(Kind::PreconditionRequired)
            .hint("read it first and send its ETag as If-Match, or * to change whatever is there"));
    }
    let matches = lists.flat_map(|list| list.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || version_of(tag) == Some(version)
    });
    if matches {
        return Ok(());
    }
    Err(Problem::new(Kind::PreconditionFailed, format!("it is at version {version}"))
        .hint("read it again, then decide"))
}

/// The version in a strong tag: `"7"` or `"7.9f3c…"`. A weak one never matches (RFC 9110, section 13.1.1).
pub fn version_of(tag: &str) -> Option<u64> {
    let inner = tag.strip_prefix('"')?.strip_suffix('"')?;
    inner.split('.').next()?.parse().ok()
}

fn tag(version: Option<Version>, bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    // 96 bits: nobody gains from two representations with one tag, so chance is all that must be excluded.
    let hex = hex(hash.get(..12).unwrap_or_default());
    match version {
        Some(Version(version)) => format!("\"{version}.{hex}\""),
        None => format!("\"{hex}\""),
    }
}

/// Weak comparison with a list of tags.
fn names(list: &str, tag: &str) -> bool {
    list.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(known: Option<&str>) -> Response {
        let answer = || async {
            let mut response = axum::Json(serde_json::json!({"a": 1})).into_response();
            tag_version(&mut response, Version(7));
            response
        };
        let router = Router::new().route("/", get(answer)).layer(axum::middleware::from_fn(layer));
        let mut request = Request::builder().uri("/");
        if let Some(known) = known {
            request = request.header(IF_NONE_MATCH, known);
        }
        router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn what_the_client_has_is_not_sent_again() {
        let first = ask(None).await;
        let tag = first.headers().get(ETAG).unwrap().to_str().unwrap().to_owned();
        assert!(tag.starts_with("\"7."), "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let again = ask(Some(&known)).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(again.headers().get(ETAG).unwrap(), tag.as_str());
        }
        assert_eq!(ask(Some("\"other\"")).await.status(), StatusCode::OK);
    }

    #[test]
    fn writers_say_what_they_change() {
        let ask = |value: Option<&'static str>| {
            let headers = value.map(|value| (IF_MATCH, HeaderValue::from_static(value))).into_iter().collect();
            require_match(&headers, 7).map_err(|problem| problem.kind())
        };
        for good in ["\"7\"", "\"7.9f3c\"", "*", "\"6\", \"7\""] {
            assert_eq!(ask(Some(good)), Ok(()), "{good}");
        }
        for stale in ["\"6\"", "W/\"7\"", "7", "\"\"", "\"7"] {
            assert_eq!(ask(Some(stale)), Err(Kind::PreconditionFailed), "{stale}");
        }
        assert_eq!(ask(None), Err(Kind::PreconditionRequired));
    }
}
