//! What handlers take from a request, refused as problems where it is wrong.

use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use vedette_model::limits::API_BODY_BYTES_MAX;

use crate::problem::{Kind, Problem};

/// The query of a URL. Unknown parameters are refused by the types' own `deny_unknown_fields`: a misspelled filter that
/// is ignored shows too much.
#[derive(Clone, Copy, Debug)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        match query {
            Ok(query) => Ok(Self(query.0)),
            Err(error) => {
                let text = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                Err(Problem::new(Kind::Invalid, text).hint("the parameters are listed in /docs"))
            }
        }
    }
}

/// One segment of the path: an id.
#[derive(Clone, Debug)]
pub struct Id(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<axum::extract::Path<String>, PathRejection> =
            axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|error| Problem::new(Kind::Invalid, error.body_text()))
    }
}

/// A JSON body of at most [`API_BODY_BYTES_MAX`] bytes.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(&request) {
            return Err(Problem::new(Kind::UnsupportedMediaType, "the body must be application/json")
                .hint("send the header content-type: application/json"));
        }
        let bytes = bytes(request, state, API_BODY_BYTES_MAX).await?;
        match axum::Json::<T>::from_bytes(&bytes) {
            Ok(body) => Ok(Self(body.0)),
            Err(error) => Err(refusal(&error)),
        }
    }
}

/// The raw body, refused above a limit in bytes.
pub async fn bytes<S: Send + Sync>(request: Request, _: &S, limit: usize) -> Result<axum::body::Bytes, Problem> {
    let too_large = || Problem::new(Kind::TooLarge, format!("the body may have {limit} bytes"));
    let announced = request.headers().get(axum::http::header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    match axum::body::to_bytes(request.into_body(), limit).await {
        Ok(bytes) => Ok(bytes),
        Err(error) if is_length_limit(&error) => Err(too_large()),
        Err(_) => Err(Problem::new(Kind::Invalid, "the body ended early")),
    }
}

fn is_length_limit(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn is_json(request: &Request) -> bool {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Where and why a body is wrong, as far as the parser says.
fn refusal(error: &JsonRejection) -> Problem {
    let text = match error {
        JsonRejection::BytesRejection(BytesRejection::FailedToBufferBody(_)) => "the body ended early".to_owned(),
        other => std::error::Error::source(other).map_or_else(|| other.body_text(), ToString::to_string),
    };
    let (at, message) = match text.split_once(": ") {
        Some((path, rest)) if !path.contains(' ') => {
            (format!("/{}", path.replace(['.', '['], "/").replace(']', "")), rest)
        }
        _ => (String::new(), text.as_str()),
    };
    Problem::new(Kind::Invalid, text.clone()).fault(at, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[expect(dead_code, reason = "only that it is read matters")]
        items: Vec<u32>,
    }

    async fn body(media_type: &str, text: &'static str) -> Result<Wanted, Kind> {
        let request = Request::builder().header(CONTENT_TYPE, media_type).body(axum::body::Body::from(text)).unwrap();
        Body::from_request(request, &()).await.map(|body| body.0).map_err(|problem| problem.kind())
    }

    #[tokio::test]
    async fn bodies_are_refused_for_what_is_wrong_with_them() {
        assert!(body("application/json; charset=utf-8", r#"{"items":[1]}"#).await.is_ok());
        assert!(body("application/merge-patch+json", r#"{"items":[1]}"#).await.is_ok());
        for (media_type, text, kind) in [
            ("text/plain", "{}", Kind::UnsupportedMediaType),
            ("application/json", "{", Kind::Invalid),
            ("application/json", r#"{"items":["a"]}"#, Kind::Invalid),
            ("application/json", r#"{"items":[],"more":1}"#, Kind::Invalid),
            ("application/json", "", Kind::Invalid),
        ] {
            assert_eq!(body(media_type, text).await.unwrap_err(), kind, "{text}");
        }
    }

    #[tokio::test]
    async fn a_fault_names_its_place_as_a_pointer() {
        let request = Request::builder()
            .header(CONTENT_TYPE, "application/json")
            .body(axum::body::Body::from(r#"{"items":[1,"a"]}"#))
            .unwrap();
        let Err(problem) = Body::<Wanted>::from_request(request, &()).await else { panic!("must be refused") };
        let shown = format!("{problem:?}");
        assert!(shown.contains("\"/items/1\""), "{shown}");
    }

    #[tokio::test]
    async fn large_bodies_are_refused_before_and_while_they_are_read() {
        for announced in [true, false] {
            let mut request = Request::builder();
            if announced {
                request = request.header("content-length", "11");
            }
            let request = request.body(axum::body::Body::from("hello world")).unwrap();
            assert_eq!(bytes(request, &(), 10).await.unwrap_err().kind(), Kind::TooLarge, "{announced}");
        }
    }
}
