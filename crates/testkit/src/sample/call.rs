//! One call to a service and the recorder that turns calls into exchanges.

use crate::har::{Body, Entry, encode};
use crate::json::Json;
use crate::object;
use crate::rng::Rng;

/// The services of the company, and the one of a carrier that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Shop,
    Accounts,
    Payments,
    /// Internal, in the clear.
    Inventory,
    /// Somebody else's.
    Carrier,
}

impl Service {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Shop => "shop-api",
            Self::Accounts => "accounts",
            Self::Payments => "payments",
            Self::Inventory => "inventory",
            Self::Carrier => "swiftparcel",
        }
    }

    fn origin(self) -> &'static str {
        match self {
            Self::Shop => "https://api.harbor-goods.example.com",
            Self::Accounts => "https://accounts.harbor-goods.example.com",
            Self::Payments => "https://pay.harbor-goods.example.com",
            Self::Inventory => "http://inventory.harbor.test:8080",
            Self::Carrier => "https://api.swiftparcel.test",
        }
    }

    /// Usual time to answer, in milliseconds.
    fn usual_ms(self) -> i64 {
        match self {
            Self::Shop => 24,
            Self::Accounts => 61,
            Self::Payments => 180,
            Self::Inventory => 6,
            Self::Carrier => 320,
        }
    }
}

/// What a caller shows to be let in.
#[derive(Clone, Debug, Default)]
pub(super) enum Auth {
    #[default]
    None,
    Bearer(String),
    Cookie(String),
    Key(String),
    /// User and password, encoded.
    Basic(String),
}

/// Who calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub(super) ip: String,
    pub(super) agent: String,
    pub(super) auth: Auth,
    /// Sends `Origin`, as browsers do.
    pub(super) web_origin: Option<&'static str>,
    /// Name of the calling service in east-west and outbound calls.
    pub(super) caller: Option<&'static str>,
    /// Trace that the call belongs to.
    pub(super) trace: Option<String>,
}

/// A call with its answer.
#[derive(Debug)]
pub(super) struct Call {
    service: Service,
    method: &'static str,
    template: &'static str,
    ids: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Body>,
    status: u16,
    answer: Option<Body>,
    answer_headers: Vec<(&'static str, String)>,
}

impl Call {
    /// A call to a template, its parameters filled with `ids` in order.
    pub(super) fn new<I: ToString>(service: Service, method: &'static str, template: &'static str, ids: &[I]) -> Self {
        Self {
            service,
            method,
            template,
            ids: ids.iter().map(ToString::to_string).collect(),
            query: Vec::new(),
            body: None,
            status: 204,
            answer: None,
            answer_headers: Vec::new(),
        }
    }

    /// A call to a path without parameters.
    pub(super) fn plain(service: Service, method: &'static str, template: &'static str) -> Self {
        Self::new::<&str>(service, method, template, &[])
    }

    pub(super) fn query(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.query.push((name, encode(&value.to_string())));
        self
    }

    pub(super) fn body(mut self, body: &Json) -> Self {
        self.body = Some(Body::json(body));
        self
    }

    pub(super) fn answer(mut self, status: u16, answer: &Json) -> Self {
        (self.status, self.answer) = (status, Some(Body::json(answer)));
        self
    }

    pub(super) fn is_answered(&self) -> bool {
        self.answer.is_some()
    }

    pub(super) fn answer_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.answer_headers.push((name, value.into()));
        self
    }

    fn path(&self) -> String {
        let mut ids = self.ids.iter();
        let mut path = String::new();
        for segment in self.template.split('/').skip(1) {
            path.push('/');
            if segment.starts_with('{') {
                path.push_str(&encode(ids.next().map_or("", String::as_str)));
            } else {
                path.push_str(segment);
            }
        }
        path
    }
}

/// Collects exchanges.
pub(super) struct Recorder {
    pub(super) entries: Vec<Entry>,
    pub(super) rng: Rng,
    /// Time of the session that is being played, in microseconds.
    pub(super) now: i64,
}

impl Recorder {
    /// Records a call after a pause of a person or a program.
    pub(super) fn send(&mut self, client: &Client, mut call: Call) {
        if call.method == "GET" && call.status == 200 && client.caller.is_none() {
            match self.rng.below(1000) {
                0..8 if matches!(client.auth, Auth::Bearer(_)) => {
                    call = call.answer(401, &object! { "error" => "token_expired", "message" => "Log in again" });
                }
                8..12 => call = call.answer(503, &object! { "error" => "unavailable", "message" => "Try again soon" }),
                _ => {}
            }
        }
        let usual = call.service.usual_ms() * 1000;
        let slow = if self.rng.chance(0.02) { 9 } else { 1 };
        let duration_us = (usual / 2 + self.rng.between(0, usual)) * slow / 100 * 100;
        let path = call.path();
        let mut response_headers: Vec<(String, String)> = Vec::new();
        if let Some(answer) = &call.answer {
            response_headers.push(("Content-Type".into(), answer.mime.into()));
        }
        response_headers.extend(usual_headers(call.service));
        response_headers.extend(call.answer_headers.into_iter().map(|(n, v)| (n.to_owned(), v)));
        self.entries.push(Entry {
            at: self.now,
            duration_us,
            method: call.method.into(),
            origin: call.service.origin().into(),
            path,
            query: call.query.into_iter().map(|(n, v)| (n.to_owned(), v)).collect(),
            http_version: if client.caller.is_some() { "HTTP/1.1" } else { "HTTP/2" },
            request_headers: request_headers(client, call.service, call.body.as_ref()),
            request_body: call.body,
            status: call.status,
            response_headers,
            response_body: call.answer,
            response_bytes: 0,
            client_ip: client.ip.clone(),
            extensions: extensions(client, call.service),
            template: Some(call.template.to_owned()),
        });
        self.now += duration_us;
    }

    /// Lets time pass: a person reads for up to `seconds`.
    pub(super) fn wait(&mut self, seconds: i64) {
        self.now += self.rng.between(300_000, seconds * 1_000_000) / 1000 * 1000;
    }
}

fn request_headers(client: &Client, service: Service, body: Option<&Body>) -> Vec<(String, String)> {
    let mut headers = vec![
        ("Host".to_owned(), service.origin().split("://").nth(1).unwrap_or_default().to_owned()),
        ("User-Agent".to_owned(), client.agent.clone()),
        ("Accept".to_owned(), "application/json".to_owned()),
    ];
    match &client.auth {
        Auth::None => {}
        Auth::Bearer(token) => headers.push(("Authorization".into(), format!("Bearer {token}"))),
        Auth::Basic(pair) => headers.push(("Authorization".into(), format!("Basic {pair}"))),
        Auth::Cookie(cookie) => headers.push(("Cookie".into(), cookie.clone())),
        Auth::Key(key) => headers.push(("X-Api-Key".into(), key.clone())),
    }
    if let Some(origin) = client.web_origin {
        headers.push(("Origin".into(), origin.into()));
    }
    if let Some(body) = body {
        headers.push(("Content-Type".into(), body.mime.into()));
    }
    headers
}

fn usual_headers(service: Service) -> Vec<(String, String)> {
    let pairs: &[(&str, &str)] = match service {
        Service::Shop => &[
            ("Server", "nginx"),
            ("Strict-Transport-Security", "max-age=31536000"),
            ("X-Content-Type-Options", "nosniff"),
        ],
        Service::Accounts => &[("Server", "nginx"), ("Strict-Transport-Security", "max-age=31536000")],
        Service::Payments => &[("Strict-Transport-Security", "max-age=63072000"), ("Cache-Control", "no-store")],
        Service::Inventory => &[("Server", "Jetty(9.4.43.v20210629)")],
        Service::Carrier => &[("Server", "cloud-edge")],
    };
    pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

fn extensions(client: &Client, service: Service) -> Vec<(&'static str, Json)> {
    let direction = match (client.caller, service) {
        (_, Service::Carrier) => "outbound",
        (Some(_), _) => "internal",
        (None, _) => "inbound",
    };
    let mut extensions = vec![("_server", object! { "service" => service.name() }), ("_direction", direction.into())];
    if let Some(caller) = client.caller {
        extensions.push(("_caller", object! { "service" => caller }));
    }
    match service {
        Service::Inventory => {}
        Service::Payments if client.caller.is_some() => {
            extensions.push(("_tls", object! { "version" => "TLSv1.3", "mutual" => true }));
        }
        _ => extensions.push(("_tls", object! { "version" => "TLSv1.3" })),
    }
    if let Some(trace) = &client.trace {
        extensions.push(("_trace", object! { "traceId" => trace }));
    }
    extensions
}
