//! A server with everything real but the socket.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;
use vedette_model::Timestamp;
use vedette_parse::classes::Classifier;
use vedette_server::App;
use vedette_server::address::Peer;
use vedette_server::auth::{Role, Scope};
use vedette_server::node::{Node, Setup, Timing};
use vedette_server::settings::Settings;
use vedette_store::hunt::{HuntConfig, Hunter};
use vedette_store::journal::Options;
use vedette_store::keys::DataKey;
use vedette_store::lake::{Lake, LakeConfig};
use vedette_store::state::{NewToken, NewUser, State, sqlite_url};

/// When the tests happen.
pub const NOW: Timestamp = Timestamp(1_795_000_000_000_000);

/// A running server of two tenants, `default` and `other`.
pub struct World {
    pub app: App,
    router: Router,
    pub admin: String,
    _folder: TempDir,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = DataKey::of_folder(folder.path(), None).unwrap();
        let state = State::open(&sqlite_url(&folder.path().join("state.sqlite")), &key).await.unwrap();
        let scopes = Scope::ALL.map(Scope::name);
        let admin = state.first_admin_token(&scopes, NOW).await.unwrap().unwrap();
        state.create_tenant("other", "Other", NOW).await.unwrap();
        let hunter = Hunter::new(HuntConfig::new(folder.path().join("spill"))).unwrap();
        let app = App::new(state, key.clone(), settings, Some(Arc::new(hunter))).unwrap();
        for tenant in ["default", "other"] {
            app.add_node(tenant, node(&folder.path().join("tenants").join(tenant), &key).await);
        }
        let router = vedette_server::router(app.clone());
        Self { app, router, admin: admin.to_string(), _folder: folder }
    }

    /// A token of somebody new with a role, and scopes and services of the token's own.
    pub async fn token(&self, tenant: &str, role: Role, scopes: &[Scope], services: &[&str]) -> String {
        self.token_until(tenant, role, scopes, services, None).await
    }

    pub async fn token_until(
        &self,
        tenant: &str,
        role: Role,
        scopes: &[Scope],
        services: &[&str],
        expires_at: Option<Timestamp>,
    ) -> String {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let user = NewUser {
            name: format!("{}{number}", role.name()),
            role: role.name().to_owned(),
            services: names(services),
            ..NewUser::default()
        };
        let state = self.app.state();
        let user = state.create_user(tenant, user, NOW).await.unwrap();
        let new = NewToken {
            name: format!("t{number}"),
            scopes: scopes.iter().map(|scope| scope.name().to_owned()).collect(),
            services: if role == Role::Developer { Vec::new() } else { names(services) },
            expires_at,
        };
        state.create_token(tenant, &user.id, new, NOW).await.unwrap().1.to_string()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.router.clone().oneshot(from_loopback(request)).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// A request without body by the administrator.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &self.admin, &[], "").await
    }

    /// A request with a JSON body, if any.
    pub async fn ask(&self, method: &str, path: &str, token: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost:7700");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Pushes traffic and concludes.
    pub async fn learn(&self, lines: &str) -> Answer {
        let answer =
            self.ask("POST", "/v1/exchanges", &self.admin, &[("content-type", "application/x-ndjson")], lines).await;
        self.conclude().await;
        answer
    }

    /// Shows everything learned so far.
    pub async fn conclude(&self) {
        let node = self.app.node("default").unwrap();
        tokio::task::spawn_blocking(move || node.conclude()).await.unwrap();
    }
}

fn from_loopback(mut request: Request<Body>) -> Request<Body> {
    request.extensions_mut().insert(Peer(SocketAddr::from(([127, 0, 0, 1], 40_000))));
    request
}

async fn node(folder: &Path, key: &DataKey) -> Arc<Node> {
    std::fs::create_dir_all(folder).unwrap();
    let lake = Lake::open(LakeConfig::new(folder.join("lake/exchanges").display().to_string())).await.unwrap();
    let long = Duration::from_hours(1);
    let setup = Setup {
        folder: folder.to_owned(),
        key: key.clone(),
        classifier: Arc::new(Classifier::builtin()),
        identity: None,
        contract: None,
        labels: Vec::new(),
        lake: Arc::new(lake),
        timing: Timing { conclude_every: long, flush_every: long, flush_rows: 1_000_000, snapshot_every: long },
        journal: Options::default(),
        revision: String::new(),
    };
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || Node::open(setup, &runtime).unwrap()).await.unwrap()
}

/// An exchange as a line.
pub fn line(id: u32, host: &str, path: &str, status: u16) -> String {
    let entry = serde_json::json!({
        "startedDateTime": format!("2026-11-18T10:{:02}:{:02}Z", id / 60 % 60, id % 60),
        "_id": format!("e{id}"),
        "time": 12,
        "_client": {"ip": format!("203.0.113.{}", id % 20)},
        "request": {
            "method": "GET", "url": format!("https://{host}{path}"), "httpVersion": "HTTP/1.1",
            "headers": [{"name": "User-Agent", "value": "curl/8"}], "queryString": [],
        },
        "response": {"status": status, "headers": [], "content": {"mimeType": "application/json", "text": "{\"ok\":true}"}},
    });
    entry.to_string() + "\n"
}

/// Traffic of two services with some endpoints each, and a finding: a credential in a URL.
pub fn sample() -> String {
    let mut text = String::new();
    for id in 0..60 {
        let path = match id % 4 {
            0 => format!("/v1/users/{id}"),
            1 => "/v1/orders".to_owned(),
            2 => format!("/v1/orders/{id}"),
            _ => "/v1/session?api_key=4f9d2c7b1e6a8035d4c9b7e2f1a06358".to_owned(),
        };
        text.push_str(&line(id, if id % 2 == 0 { "shop.example" } else { "bank.example" }, &path, 200));
    }
    text
}
