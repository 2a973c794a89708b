//! The dashboard: the web app of `ui/`, built into this binary when it was there, else a page that says so.

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use crate::problem::{Kind, Problem};

/// The built app: `index.html`, and `assets/` with names that hold a hash.
#[derive(RustEmbed)]
#[folder = "../../ui/dist-app"]
#[allow_missing = true]
struct Built;

/// Stands for the app when it was not built.
const PLACEHOLDER: &str = include_str!("pages/placeholder.html");

/// Its style sheet: the content policy allows none inside the page.
const PLACEHOLDER_STYLE: &str = include_str!("pages/placeholder.css");

/// First segments that are never pages of the app.
const NOT_PAGES: [&str; 7] = ["v1", "docs", "health", "ready", "metrics", "assets", "placeholder.css"];

/// Files of the app.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/{*path}", get(asset))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/placeholder.css", get(|| async { ([(CONTENT_TYPE, "text/css")], PLACEHOLDER_STYLE) }))
}

async fn asset(Path(path): Path<String>) -> Response {
    // A debug build reads the folder itself, where such a path leads out of the assets; a release has names only.
    let built =
        if path.split('/').any(|segment| segment == "..") { None } else { Built::get(&format!("assets/{path}")) };
    match built {
        // The name changes with the content.
        Some(file) => file_response(&path, file.data.into_owned(), "public, max-age=31536000, immutable"),
        None => Problem::bare(Kind::NotFound).into_response(),
    }
}

/// Answers every path of the app with its page (the app has real paths), and everything else 404.
pub(crate) async fn fallback(request: Request) -> Response {
    let first = request.uri().path().trim_start_matches('/').split('/').next().unwrap_or_default();
    let html = request.headers().get_all(ACCEPT).iter().any(|value| {
        value.to_str().is_ok_and(|text| text.contains("text/html") || (first.is_empty() && text.contains("*/*")))
    });
    if NOT_PAGES.contains(&first) || !(html || first.is_empty()) {
        return Problem::bare(Kind::NotFound).hint("the resources are listed in /v1/openapi.json").into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = Problem::bare(Kind::MethodNotAllowed).into_response();
        response.headers_mut().insert(ALLOW, axum::http::HeaderValue::from_static("GET,HEAD"));
        return response;
    }
    match Built::get("index.html") {
        Some(page) => file_response("index.html", page.data.into_owned(), "no-cache"),
        None => file_response("index.html", PLACEHOLDER.as_bytes().to_vec(), "no-cache"),
    }
}

fn file_response(name: &str, bytes: Vec<u8>, cache: &'static str) -> Response {
    ([(CONTENT_TYPE, media_type(name)), (CACHE_CONTROL, cache)], bytes).into_response()
}

/// Media types of what the app's build makes.
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(method: &str, path: &str, accept: &str) -> (StatusCode, String) {
        let router: Router = router().fallback(fallback);
        let request = Request::builder().method(method).uri(path).header(ACCEPT, accept).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let kind = response.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
        (response.status(), kind.unwrap_or_default())
    }

    #[tokio::test]
    async fn the_app_has_real_paths_and_the_api_has_none_of_them() {
        let browser = "text/html,application/xhtml+xml,*/*;q=0.8";
        for page in ["/", "/inventory", "/endpoints/00aa", "/settings/tokens"] {
            assert_eq!(
                ask("GET", page, browser).await,
                (StatusCode::OK, "text/html; charset=utf-8".to_owned()),
                "{page}"
            );
        }
        for (method, path, accept, status) in [
            ("GET", "/v1/nothing", browser, 404),
            ("GET", "/assets/nothing.js", browser, 404),
            ("GET", "/inventory", "application/json", 404),
            ("POST", "/inventory", browser, 405),
            ("GET", "/assets/../index.html", browser, 404),
            ("GET", "/assets/%2e%2e%2findex.html", browser, 404),
        ] {
            assert_eq!(ask(method, path, accept).await.0.as_u16(), status, "{method} {path}");
        }
    }

    #[test]
    fn pages_bring_no_inline_script_or_style() {
        for forbidden in ["<script>", "<style", "style=", "onclick", "http://", "https://"] {
            assert!(!PLACEHOLDER.contains(forbidden), "{forbidden}");
        }
    }
}
