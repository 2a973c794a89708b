//! What gateways of every product have: listeners, routes, backends, and what stands in their way.

use std::fmt;
use std::sync::Arc;

use vedette_model::Diagnostic;

/// Where something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// File name as given.
    pub file: Arc<str>,
    /// Line from 1; 0 when unknown.
    pub line: usize,
}

impl At {
    /// A line of a file.
    pub fn new(file: &Arc<str>, line: usize) -> Self {
        Self { file: Arc::clone(file), line }
    }
}

/// The products whose configurations are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// nginx, and what is built on its configuration language.
    Nginx,
    /// Envoy: static configuration or a dump of the running one.
    Envoy,
    /// Kong's declarative configuration (deck, DB-less).
    Kong,
    /// HAProxy.
    Haproxy,
    /// AWS API Gateway: exported APIs, stages, domain names.
    AwsApiGateway,
    /// Azure API Management: ARM templates and what Bicep compiles to.
    AzureApiManagement,
    /// Kubernetes: Gateway API and Istio resources.
    Kubernetes,
}

impl Product {
    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Envoy => "Envoy",
            Self::Kong => "Kong",
            Self::Haproxy => "HAProxy",
            Self::AwsApiGateway => "AWS API Gateway",
            Self::AzureApiManagement => "Azure API Management",
            Self::Kubernetes => "Kubernetes",
        }
    }
}

/// One gateway: a configuration with all that it includes.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Whose configuration it is.
    pub product: Product,
    /// Files that it was read from, the one given first.
    pub files: Vec<Arc<str>>,
    /// Where it listens. Empty where the product does that itself.
    pub listeners: Vec<Listener>,
    /// What it answers, in the order written.
    pub routes: Vec<Route>,
    /// Where it forwards to.
    pub backends: Vec<Backend>,
    /// Interfaces that control the gateway or show its state.
    pub admins: Vec<Admin>,
    /// Secrets that stand in it in clear.
    pub secrets: Vec<Secret>,
    /// What only one product has.
    pub facts: Vec<Fact>,
    /// What could not be understood, and so was not judged.
    pub problems: Vec<Diagnostic>,
}

impl Gateway {
    /// An empty one.
    pub(super) fn new(product: Product, file: &Arc<str>) -> Self {
        Self {
            product,
            files: vec![Arc::clone(file)],
            listeners: Vec::new(),
            routes: Vec::new(),
            backends: Vec::new(),
            admins: Vec::new(),
            secrets: Vec::new(),
            facts: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The file that was given.
    pub fn file(&self) -> &str {
        self.files.first().map_or("", |file| file)
    }

    /// Notes something that was not understood.
    pub(super) fn problem(&mut self, at: &At, message: impl Into<String>) {
        self.problems.push(Diagnostic {
            file: at.file.to_string(),
            line: at.line,
            column: 1,
            message: message.into(),
            hint: None,
        });
    }
}

/// Whether something protects a route, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// In force: by what, and where that is said.
    On(String, At),
    /// In force though nobody said so: the product's default, in words.
    Default(String),
    /// Not in force: why, and where that is said, when it is.
    Off(String, Option<At>),
    /// Cannot be told from the files: why.
    Unknown(String),
}

impl Setting {
    /// Not in force.
    pub fn is_off(&self) -> bool {
        matches!(self, Self::Off(..))
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(text, _) | Self::Default(text) | Self::Off(text, _) | Self::Unknown(text) => f.write_str(text),
        }
    }
}

/// From where an address can be reached, as far as it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The machine itself (127.0.0.0/8, ::1, a Unix socket).
    Loopback,
    /// A private network (RFC 1918, RFC 4193).
    Private,
    /// Every interface, or a public address.
    Anywhere,
}

/// An address that takes connections.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Where it is configured.
    pub at: At,
    /// For people: `*:443`.
    pub name: String,
    /// From where it can be reached.
    pub reach: Reach,
    /// TLS, when it speaks it.
    pub tls: Option<Tls>,
    /// Why plain HTTP may be meant here: another proxy in front undoes TLS.
    pub behind: Option<String>,
}

/// How a listener speaks TLS.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Where that is configured.
    pub at: At,
    /// The oldest version that it takes.
    pub oldest: Oldest,
    /// Cipher list in OpenSSL's words, when configured: places and texts.
    pub ciphers: Option<(String, At)>,
}

impl Tls {
    /// TLS whose details stand elsewhere: nothing is said about them.
    pub(super) fn unseen(at: &At) -> Self {
        let oldest = Oldest { version: TlsVersion::Tls12, reason: "set elsewhere".to_owned(), certain: false };
        Self { at: at.clone(), oldest, ciphers: None }
    }
}

/// The oldest TLS version taken.
#[derive(Clone, Debug)]
pub struct Oldest {
    /// Which.
    pub version: TlsVersion,
    /// Said by whom: the setting, or the default, in words.
    pub reason: String,
    /// False when it depends on what the files do not tell (the product's release).
    pub certain: bool,
}

/// Versions, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// SSL 2 and 3.
    Ssl,
    /// TLS 1.0.
    Tls10,
    /// TLS 1.1.
    Tls11,
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl TlsVersion {
    /// Reads the many ways in which products write versions (`TLSv1.2`, `TLSV1_2`, `tls-1.0`, `TLS_1_0`).
    pub fn read(text: &str) -> Option<Self> {
        let flat: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        Some(match flat.as_str() {
            "sslv2" | "sslv3" | "ssl2" | "ssl3" | "ssl30" => Self::Ssl,
            "tlsv1" | "tlsv10" | "tls10" | "tls1" => Self::Tls10,
            "tlsv11" | "tls11" => Self::Tls11,
            "tlsv12" | "tls12" => Self::Tls12,
            "tlsv13" | "tls13" => Self::Tls13,
            _ => return None,
        })
    }

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ssl => "SSL 3",
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }
}

/// How a pattern is compared with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// The whole path.
    Exact,
    /// The beginning of the path, character by character.
    Prefix,
    /// The beginning of the path, whole segments.
    Segments,
    /// A regular expression that must occur in the path.
    Regex,
    /// A path with `{parameters}`; `{name+}` stands for all that follows.
    Template,
}

/// Which paths a route takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    /// How it is compared.
    pub kind: PathKind,
    /// The pattern.
    pub text: String,
}

impl PathPattern {
    /// A pattern.
    pub fn new(kind: PathKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// As written: without what makes an expression match the whole path.
    pub fn shown(&self) -> &str {
        let inner = self.text.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$").or(rest.strip_suffix(')')));
        inner.filter(|_| self.kind == PathKind::Regex).unwrap_or(&self.text)
    }

    /// Every path.
    pub fn any() -> Self {
        Self::new(PathKind::Prefix, "/")
    }
}

/// What a route answers with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serves {
    /// Another server.
    Backend,
    /// Files of the gateway itself.
    Files,
    /// Only a redirect.
    Redirect,
    /// A fixed answer or a refusal.
    Fixed,
}

/// One thing that a gateway answers.
#[derive(Clone, Debug)]
pub struct Route {
    /// Where it is configured.
    pub at: At,
    /// Hosts in lower case, `*` for labels that are free; none takes every host.
    pub hosts: Vec<String>,
    /// Paths.
    pub path: PathPattern,
    /// Methods in upper case; none takes every method.
    pub methods: Vec<String>,
    /// What it answers with.
    pub serves: Serves,
    /// Places in [`Gateway::listeners`] that lead here.
    pub listeners: Vec<usize>,
    /// Who may call.
    pub authentication: Setting,
    /// How often.
    pub rate_limit: Setting,
    /// How much a request may send.
    pub body_limit: Setting,
    /// Which pages of other origins may read it.
    pub cors: Option<Cors>,
    /// Why it is an old version, when the configuration says so.
    pub deprecated: Option<String>,
}

impl Route {
    /// For people: `api.example.org /v1/orders`, methods first when there are some.
    pub fn name(&self) -> String {
        let mut name = String::new();
        if !self.methods.is_empty() {
            name.push_str(&self.methods.join("|"));
            name.push(' ');
        }
        if let Some(host) = self.hosts.first() {
            name.push_str(host);
            name.push(' ');
        }
        if self.path.kind == PathKind::Regex {
            name.push_str("~ ");
        }
        name.push_str(self.path.shown());
        name
    }
}

/// What a route lets pages of other origins do.
#[derive(Clone, Debug)]
pub struct Cors {
    /// Where that is said.
    pub at: At,
    /// Which origins.
    pub origin: Origin,
    /// With cookies and other credentials.
    pub credentials: bool,
}

/// Origins that a route lets read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `*`.
    Any,
    /// Whatever the request says.
    Reflected,
    /// `null`, which sandboxed pages of anybody have.
    Null,
    /// A list.
    Listed,
}

/// A server that requests are forwarded to.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Where it is configured.
    pub at: At,
    /// Its URL or name, for people.
    pub name: String,
    /// Whether the gateway speaks TLS with it.
    pub tls: bool,
    /// Whether its certificate is verified; says nothing without TLS.
    pub verify: Setting,
    /// How far away it is.
    pub reach: Reach,
    /// Whether the gateway proves who it is, where the product is judged by that.
    pub authentication: Option<Setting>,
}

/// An interface that controls the gateway or shows its state.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Where it is configured.
    pub at: At,
    /// For people: `stats page on *:8404`.
    pub name: String,
    /// From where it can be reached.
    pub reach: Reach,
    /// Who may use it.
    pub guard: Setting,
    /// It changes the gateway, not only shows it.
    pub controls: bool,
}

/// A secret that everybody who reads the file knows.
#[derive(Clone, Debug)]
pub struct Secret {
    /// Where.
    pub at: At,
    /// What it is, with its value masked.
    pub text: String,
    /// False when the file only tells that the product keeps it itself.
    pub shown: bool,
}

/// What only one product has and a check looks for.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Where.
    pub at: At,
    /// Which.
    pub kind: FactKind,
    /// In words.
    pub text: String,
}

/// Kinds of [`Fact`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// A subscription key that opens every API.
    WideSubscription,
    /// Management of the gateway takes calls from public networks.
    PublicNetwork,
    /// Old versions of the management API are taken.
    OldManagement,
    /// TLS between services is turned off.
    PlainMesh,
}
