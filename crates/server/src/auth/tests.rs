//! Logins and rights, over HTTP.

use std::cell::Cell;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::*;
use crate::access::{self, Scraping};
use crate::address::ClientAddress;
use crate::settings::Settings;
use crate::{App, problem};

mod login;
mod provider;
mod rights;
mod single_sign_on;

thread_local! {
    /// The tests' clock, in seconds; a test runs on one thread.
    static CLOCK: Cell<i64> = const { Cell::new(1_700_000_000) };
}

fn clock() -> Timestamp {
    Timestamp::from_secs(CLOCK.get())
}

fn advance(secs: i64) {
    CLOCK.set(CLOCK.get() + secs);
}

/// A server with its first admin token.
struct Server {
    router: Router,
    auth: Auth,
    admin: String,
    _folder: TempDir,
}

impl Server {
    async fn new() -> Self {
        Self::with(AuthSettings::default()).await
    }

    async fn with(settings: AuthSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = DataKey::random().unwrap();
        let state = State::of_folder(folder.path(), None, &key).await.unwrap();
        let passwords = Passwords::with_cost(64, 1).unwrap();
        let auth = Auth::with(state.clone(), key.clone(), settings, passwords, clock).unwrap();
        let admin = state.first_admin_token(&Scope::ALL.map(Scope::name), clock()).await.unwrap().unwrap();
        let app = App::with(state, key, Settings::default(), auth.clone(), None);
        let router = Router::from(router())
            .route_layer(from_fn_with_state(Scraping { loopback: false }, access::guard))
            .layer(from_fn_with_state(auth.clone(), authenticate))
            .layer(from_fn(problem::layer))
            .with_state(app);
        Self { router, auth, admin: admin.as_str().to_owned(), _folder: folder }
    }

    /// A browser that is not logged in.
    fn browser(&self) -> Client {
        Client { router: self.router.clone(), cookie: None, csrf: None, token: None, from: "192.0.2.1" }
    }

    /// A program with a token.
    fn program(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.browser() }
    }

    /// The administrator of the first start.
    fn root(&self) -> Client {
        self.program(&self.admin)
    }

    /// Makes a user with a password and logs in. Returns the user's id.
    async fn user(&self, name: &str, role: &str, services: &[&str]) -> (String, Client) {
        let body = json!({"name": name, "role": role, "services": services, "password": PASSWORD});
        let made = self.root().send("POST", "/v1/users", Some(body)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let mut browser = self.browser();
        browser.login(name, PASSWORD).await.expect(StatusCode::OK);
        (made.body["id"].as_str().unwrap().to_owned(), browser)
    }

    /// Makes a token of the administrator.
    async fn token(&self, body: Value) -> Client {
        let made = self.root().send("POST", "/v1/tokens", Some(body)).await.expect(StatusCode::CREATED);
        self.program(made.body["secret"].as_str().unwrap())
    }
}

const PASSWORD: &str = "correct horse battery staple";

/// Somebody who asks; keeps cookies as a browser does.
#[derive(Clone)]
struct Client {
    router: Router,
    cookie: Option<String>,
    csrf: Option<String>,
    token: Option<String>,
    from: &'static str,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl Client {
    async fn send(&mut self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.send_with(method, path, body, &[]).await
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    async fn send_with(&mut self, method: &str, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(HOST, "vedette.test");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if let Some(csrf) = &self.csrf {
            request = request.header(session::CSRF_HEADER, csrf).header(ORIGIN, "http://vedette.test");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut request = request.body(body).unwrap();
        let peer = SocketAddr::new(self.from.parse().unwrap(), 1);
        request.extensions_mut().insert(ClientAddress(peer.ip()));
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let mut kept: Vec<String> =
            self.cookie.iter().flat_map(|cookies| cookies.split("; ").map(str::to_owned)).collect();
        kept.retain(|pair| !pair.starts_with(&format!("{name}=")));
        if !value.is_empty() {
            kept.push(pair.to_owned());
        }
        self.cookie = (!kept.is_empty()).then(|| kept.join("; "));
    }

    async fn login(&mut self, name: &str, password: &str) -> Answer {
        self.log_in(json!({"name": name, "password": password})).await
    }

    async fn log_in(&mut self, body: Value) -> Answer {
        self.csrf = None;
        let answer = self.send("POST", "/v1/login", Some(body)).await;
        if answer.status == StatusCode::OK {
            self.csrf = Some(answer.body["csrf"].as_str().unwrap().to_owned());
        }
        answer
    }

    async fn status(&mut self) -> StatusCode {
        self.get("/v1/me").await.status
    }
}
