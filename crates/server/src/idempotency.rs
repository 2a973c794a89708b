//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a write that is sent twice is done once.
//!
//! The first request with a key takes it, and its answer is kept for a day; the same request with the same key is
//! answered alike. The same key with another request is refused (422), and so is one whose first request still runs (409).
//! Answers that are worth another try (5xx, 429) give the key back.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};
use vedette_ingest::wall_clock;
use vedette_model::limits::{IDEMPOTENCY_ANSWER_BYTES_MAX, IDEMPOTENCY_KEY_BYTES_MAX, PUSH_BYTES_MAX};
use vedette_store::keys::hex;
use vedette_store::state::{Kept, Replay};

use crate::App;
use crate::auth::Principal;
use crate::problem::{Kind, Problem};

/// The header.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Tells a client that the answer is of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Headers of an answer that are kept with it.
const KEPT: [HeaderName; 3] = [CONTENT_TYPE, ETAG, LOCATION];

/// Where a key has a meaning. Not where a secret is answered (it must not be kept), and not for hunts, which change
/// nothing.
pub fn applies(method: &str, path: &str) -> bool {
    const WITHOUT: [&str; 6] = ["/v1/login", "/v1/logout", "/v1/tokens", "/v1/users", "/v1/me", "/v1/hunts/run"];
    matches!(method, "POST" | "PUT" | "PATCH" | "DELETE")
        && path.starts_with("/v1/")
        && !WITHOUT
            .iter()
            .any(|prefix| path == *prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/')))
}

/// Looks the key up before the handler runs, and keeps its answer. Runs after the caller was recognized.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let key = request.headers().get(KEY).cloned();
    let who = request.extensions().get::<Principal>().cloned();
    let (Some(key), Some(who)) = (key, who) else { return next.run(request).await };
    if !applies(request.method().as_str(), request.uri().path()) {
        return next.run(request).await;
    }
    match once(&app, &who, &key, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn once(
    app: &App,
    who: &Principal,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let key = checked(key)?;
    let (parts, body) = request.into_parts();
    let bytes = crate::extract::bytes(Request::from_parts(parts.clone(), body), app, PUSH_BYTES_MAX).await?;
    let fingerprint = fingerprint(&parts, &bytes);
    let state = app.state();
    match state.take_key(&who.tenant, &who.id, key, &fingerprint, wall_clock()).await? {
        Replay::New => {}
        Replay::Done(kept) => return Ok(again(&kept)),
        Replay::Pending => {
            return Err(
                Problem::new(Kind::Conflict, "a request with this key is being carried out").retry_after_secs(1)
            );
        }
        Replay::Other => {
            return Err(Problem::new(Kind::Unprocessable, "this key was used for another request")
                .hint("make a new key for each change"));
        }
    }
    // A client that leaves must not leave a key taken: what was begun is carried out all the same.
    let (app, tenant, id, key) = (app.clone(), who.tenant.clone(), who.id.clone(), key.to_owned());
    let work = tokio::spawn(async move {
        let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
        keep(&app, (&tenant, &id, &key), response).await
    });
    work.await.map_err(|error| Problem::internal(&error))?
}

/// Keeps an answer under its key, or gives the key back.
async fn keep(app: &App, (tenant, id, key): (&str, &str, &str), response: Response) -> Result<Response, Problem> {
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        app.state().forget_answer(tenant, id, key).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, IDEMPOTENCY_ANSWER_BYTES_MAX).await else {
        return Err(Problem::bare(Kind::Internal));
    };
    let answer = Kept {
        status: status.as_u16(),
        headers: written(&parts.headers),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    };
    app.state().keep_answer(tenant, id, key, answer).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn written(headers: &HeaderMap) -> String {
    let kept = KEPT.iter().filter_map(|name| Some((name.as_str(), headers.get(name)?.to_str().ok()?)));
    serde_json::to_string(&kept.collect::<Vec<_>>()).unwrap_or_default()
}

fn again(kept: &Kept) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, kept.body.clone()).into_response();
    let headers: Vec<(String, String)> = serde_json::from_str(&kept.headers).unwrap_or_default();
    response.headers_mut().remove(CONTENT_TYPE);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

fn checked(key: &HeaderValue) -> Result<&str, Problem> {
    let text = key.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
    text.filter(|text| (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&text.len())).ok_or_else(|| {
        let message = format!("has 1 to {IDEMPOTENCY_KEY_BYTES_MAX} visible ASCII characters");
        Problem::invalid("Idempotency-Key", message)
    })
}

/// Two requests are the same when method, target, precondition and body are.
fn fingerprint(parts: &axum::http::request::Parts, body: &[u8]) -> String {
    let target = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let precondition = parts.headers.get("if-match").map(HeaderValue::as_bytes).unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), target.as_bytes(), precondition, body] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_apply_to_writes_that_answer_no_secret() {
        for (method, path, expected) in [
            ("POST", "/v1/exchanges", true),
            ("PATCH", "/v1/findings/x", true),
            ("DELETE", "/v1/hunts/x", true),
            ("GET", "/v1/findings", false),
            ("POST", "/v1/login", false),
            ("POST", "/v1/tokens", false),
            ("DELETE", "/v1/tokens/x", false),
            ("POST", "/v1/hunts/run", false),
        ] {
            assert_eq!(applies(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn other_requests_have_other_fingerprints() {
        let parts =
            |method: &str, target: &str| Request::builder().method(method).uri(target).body(()).unwrap().into_parts().0;
        let one = fingerprint(&parts("POST", "/v1/a?b=c"), b"body");
        assert_eq!(one, fingerprint(&parts("POST", "/v1/a?b=c"), b"body"));
        assert_eq!(one.len(), 64);
        for (method, target, body) in [
            ("PUT", "/v1/a?b=c", b"body".as_slice()),
            ("POST", "/v1/a?b=d", b"body"),
            ("POST", "/v1/a?b=c", b"bodz"),
            ("POST", "/v1/a?b=cb", b"ody"),
        ] {
            assert_ne!(one, fingerprint(&parts(method, target), body), "{method} {target}");
        }
    }

    #[test]
    fn keys_are_visible_ascii() {
        for good in ["a", "0199f0a0-7c1e-7d6b-9f53-6d1f2a3b4c5d"] {
            assert!(checked(&HeaderValue::from_str(good).unwrap()).is_ok());
        }
        let long = "x".repeat(IDEMPOTENCY_KEY_BYTES_MAX + 1);
        for bad in ["", "a b", "\u{e9}", long.as_str()] {
            assert!(checked(&HeaderValue::from_str(bad).unwrap()).is_err(), "{bad}");
        }
    }
}
