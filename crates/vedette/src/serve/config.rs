//! The configuration of `vedette serve`: a TOML file, over it the environment (`VEDETTE_…`), over it the command line.
//!
//! Everything has a default that works. A key that is not known is an error: a misspelled one would do nothing.
//! Secrets are given as files or through the environment, and are never printed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use vedette_server::auth::{Role, oidc};

use crate::commands::Hinted;

/// Longest secret that is read from a file, in bytes.
const SECRET_BYTES_MAX: u64 = 16 << 10;

/// All of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Folder of everything that is kept.
    pub(crate) data: PathBuf,
    /// Address and port of the API and the pages.
    pub(crate) listen: SocketAddr,
    /// Listen where other machines reach it although there is no TLS here: a proxy in front has it.
    pub(crate) insecure: bool,
    /// Address under which people reach it (`https://vedette.example.org`).
    pub(crate) public_url: Option<String>,
    /// Further host names under which it may be asked.
    pub(crate) hosts: Vec<String>,
    /// Networks of proxies whose forwarded headers are believed.
    pub(crate) trusted_proxies: Vec<ipnet::IpNet>,
    /// `/metrics` answers without a token on loopback.
    pub(crate) open_metrics: bool,
    /// File of the data key instead of `key` in the data folder.
    pub(crate) key_file: Option<PathBuf>,
    /// Database of the control plane (`postgres://…`); a file in the data folder when absent.
    pub(crate) state: Option<SecretString>,
    /// File that holds [`Config::state`].
    pub(crate) state_file: Option<PathBuf>,
    /// Data classes of your own (YAML).
    pub(crate) classes: Option<PathBuf>,
    /// Rules of who calls (YAML).
    pub(crate) identity: Option<PathBuf>,
    pub(crate) tls: Option<Tls>,
    pub(crate) lake: LakeSettings,
    pub(crate) journal: JournalSettings,
    /// What to follow.
    pub(crate) sources: Vec<SourceSettings>,
    pub(crate) oidc: Option<OidcSettings>,
    pub(crate) telemetry: Telemetry,
    /// What is logged (`info`, `vedette=debug,warn`).
    pub(crate) log: String,
    /// Log as JSON lines.
    pub(crate) log_json: bool,
}

/// PEM files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// Certificate chain, the server's own first.
    pub(crate) certificate: PathBuf,
    /// Private key.
    pub(crate) key: PathBuf,
}

/// Where exchanges are kept, and how long.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LakeSettings {
    /// `s3://bucket/prefix`, or another folder; `lake` in the tenant's folder when absent.
    pub(crate) place: Option<String>,
    /// Days.
    pub(crate) retention_days: u32,
    /// Address of an S3-compatible store that is not AWS.
    pub(crate) endpoint: Option<String>,
    /// Region.
    pub(crate) region: Option<String>,
    /// Id of the access key; otherwise from `AWS_…` or the machine's role.
    pub(crate) access_key_id: Option<String>,
    /// File of the secret access key.
    pub(crate) secret_access_key_file: Option<PathBuf>,
}

/// Bounds of the journal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct JournalSettings {
    /// Bytes that may wait before traffic is refused.
    pub(crate) bytes_max: u64,
    /// Seconds between two snapshots.
    pub(crate) snapshot_secs: u64,
    /// Longest time in seconds that exchanges wait for the lake.
    pub(crate) flush_secs: u64,
}

/// A file, a folder or a pattern to follow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceSettings {
    /// File, folder, or pattern with `*` in its last part.
    pub(crate) follow: PathBuf,
    /// Whose traffic it is.
    #[serde(default = "default_tenant")]
    pub(crate) tenant: String,
    /// Format of all its files, as `analyze --format` takes it; recognized when absent.
    pub(crate) format: Option<String>,
}

/// Login through an identity provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcSettings {
    /// What the button says.
    #[serde(default = "default_title")]
    pub(crate) title: String,
    /// Issuer URL.
    pub(crate) issuer: String,
    /// Our id there.
    pub(crate) client_id: String,
    /// File of our secret there.
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Our secret there; better given as `VEDETTE_OIDC__CLIENT_SECRET` or as a file.
    pub(crate) client_secret: Option<SecretString>,
    /// Scopes beside `openid`.
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// Claim that lists groups.
    #[serde(default = "default_groups")]
    pub(crate) groups_claim: String,
    /// Group and role.
    #[serde(default)]
    pub(crate) roles: BTreeMap<String, Role>,
    /// Role of those in no such group; without it they stay out.
    #[serde(default)]
    pub(crate) default_role: Option<Role>,
    /// Group and the services that it owns.
    #[serde(default)]
    pub(crate) services: BTreeMap<String, Vec<String>>,
    /// Tenant of its users.
    #[serde(default = "default_tenant")]
    pub(crate) tenant: String,
}

/// Export of our own traces.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Telemetry {
    /// OTLP over HTTP (`http://127.0.0.1:4318/v1/traces`).
    pub(crate) otlp: Option<String>,
    /// File with a header per line (`authorization: …`).
    pub(crate) headers_file: Option<PathBuf>,
}

/// What the command line says over all else.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Overrides {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) listen: Option<SocketAddr>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("vedette-data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 7700)),
            insecure: false,
            public_url: None,
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            open_metrics: true,
            key_file: None,
            state: None,
            state_file: None,
            classes: None,
            identity: None,
            tls: None,
            lake: LakeSettings::default(),
            journal: JournalSettings::default(),
            sources: Vec::new(),
            oidc: None,
            telemetry: Telemetry::default(),
            log: "info".to_owned(),
            log_json: false,
        }
    }
}

impl Default for LakeSettings {
    fn default() -> Self {
        Self {
            place: None,
            retention_days: 30,
            endpoint: None,
            region: None,
            access_key_id: None,
            secret_access_key_file: None,
        }
    }
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self { bytes_max: vedette_model::limits::JOURNAL_BYTES_MAX, snapshot_secs: 60, flush_secs: 30 }
    }
}

impl Config {
    /// Reads the file, when one is given, the environment, and what the command line says.
    pub(crate) fn load(file: Option<&Path>, overrides: Overrides) -> Result<Self> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            // A configuration that is named must be there: figment would take a missing one for an empty one.
            std::fs::metadata(file).with_context(|| format!("reading {}", file.display()))?;
            figment = figment.merge(Toml::file_exact(file));
        }
        // Variables of other commands are no settings.
        let environment = Env::prefixed("VEDETTE_").ignore(&["config", "hash_key", "server", "token"]).split("__");
        let config: Self = figment
            .merge(environment)
            .merge(Serialized::defaults(overrides))
            .extract()
            .map_err(|error| explain(error, file))?;
        Ok(config)
    }

    /// Follows what the command line names, for the default tenant.
    pub(crate) fn follow(&mut self, paths: &[PathBuf]) {
        self.sources.extend(paths.iter().map(|path| SourceSettings {
            follow: path.clone(),
            tenant: default_tenant(),
            format: None,
        }));
    }

    /// Login through an identity provider, when it is configured.
    pub(crate) fn oidc_settings(&self) -> Result<Option<oidc::OidcSettings>> {
        let Some(own) = &self.oidc else { return Ok(None) };
        let file = own.client_secret_file.as_deref();
        Ok(Some(oidc::OidcSettings {
            title: own.title.clone(),
            issuer: own.issuer.clone(),
            client_id: own.client_id.clone(),
            client_secret: secret(own.client_secret.as_ref(), file, "oidc.client_secret_file")?,
            scopes: own.scopes.clone(),
            groups_claim: own.groups_claim.clone(),
            roles: own.roles.clone().into_iter().collect(),
            default_role: own.default_role,
            services: own.services.clone().into_iter().collect(),
            tenant: own.tenant.clone(),
        }))
    }

    /// The address of the control plane's database, when one is configured.
    pub(crate) fn state_url(&self) -> Result<Option<SecretString>> {
        secret(self.state.as_ref(), self.state_file.as_deref(), "state_file")
    }
}

/// A secret that stands in a file or in the configuration.
pub(crate) fn secret(given: Option<&SecretString>, file: Option<&Path>, key: &str) -> Result<Option<SecretString>> {
    let Some(file) = file else { return Ok(given.cloned()) };
    let text = read_bounded(file).with_context(|| format!("reading {}, which {key} names", file.display()))?;
    Ok(Some(SecretString::from(text.trim())))
}

fn read_bounded(file: &Path) -> std::io::Result<String> {
    use std::io::Read;
    let mut text = String::new();
    #[expect(clippy::disallowed_methods, reason = "limited to the length of a secret")]
    std::fs::File::open(file)?.take(SECRET_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text)
}

/// What is wrong, where, and what to try. The value is not quoted: it may be a secret.
fn explain(error: figment::Error, file: Option<&Path>) -> anyhow::Error {
    let first = error.into_iter().next();
    let Some(first) = first else { return anyhow::anyhow!("the configuration cannot be read") };
    let key = first.path.join(".");
    let place = match first.metadata.as_ref().map(|metadata| metadata.name.as_ref()) {
        Some(name) if name.contains("environment") => "the environment".to_owned(),
        _ => file.map_or_else(|| "the command line".to_owned(), |file| file.display().to_string()),
    };
    let (what, hint) = match &first.kind {
        figment::error::Kind::UnknownField(field, known) => (
            format!(
                "there is no setting {}",
                [key.as_str(), field.as_str()]
                    .iter()
                    .filter(|part| !part.is_empty())
                    .copied()
                    .collect::<Vec<_>>()
                    .join(".")
            ),
            format!("settings here: {}", known.join(", ")),
        ),
        figment::error::Kind::MissingField(field) => (
            format!("{} lacks {field}", if key.is_empty() { "the configuration" } else { &key }),
            "see the how-to for operators".to_owned(),
        ),
        figment::error::Kind::InvalidType(_, expected) => {
            (format!("{key} is of the wrong type"), format!("it wants {expected}"))
        }
        figment::error::Kind::InvalidValue(_, expected) | figment::error::Kind::InvalidLength(_, expected) => {
            (format!("{key} has a value that it cannot have"), format!("it wants {expected}"))
        }
        figment::error::Kind::Message(text) => (
            if key.is_empty() { text.clone() } else { format!("{key}: {text}") },
            "see the how-to for operators".to_owned(),
        ),
        _ => (format!("{key} cannot be read"), "see the how-to for operators".to_owned()),
    };
    anyhow::Error::new(Hinted::new(what, hint)).context(place)
}

fn default_tenant() -> String {
    "default".to_owned()
}

fn default_title() -> String {
    "Single sign-on".to_owned()
}

fn default_groups() -> String {
    "groups".to_owned()
}
