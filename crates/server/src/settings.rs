//! How a server is configured, as plain data; the binary reads it from files, the environment and the command line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

use crate::auth::oidc::OidcSettings;
use crate::rate::Rates;

/// Settings of the API.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens. Loopback unless configured.
    pub listen: SocketAddr,
    /// Address under which people reach it (`https://vedette.example.org`), when a proxy stands before it.
    pub public_url: Option<String>,
    /// The connection to the browser is under TLS, ours or a proxy's: cookies are `Secure`.
    pub secure: bool,
    /// Proxies whose `Forwarded` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `/metrics` answers without a token to clients on loopback.
    pub open_metrics: bool,
    /// Host names under which it may be asked, beside `localhost` and addresses. A page of a stranger whose name was
    /// pointed here is refused.
    pub hosts: Vec<String>,
    /// How often one may ask.
    pub rates: Rates,
    /// Days for which exchanges are kept in tenants whose administrators set nothing else.
    pub retention_days: u32,
    /// Login by an OIDC provider.
    pub oidc: Option<OidcSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7700),
            public_url: None,
            secure: false,
            trusted_proxies: Vec::new(),
            open_metrics: true,
            hosts: Vec::new(),
            rates: Rates::default(),
            retention_days: 30,
            oidc: None,
        }
    }
}
