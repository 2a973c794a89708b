//! What a client looks like on the wire: user agent, order of headers, TLS fingerprint.

use crate::rng::{Rng, hash};
use crate::words::BROWSERS;

/// A client program.
#[derive(Clone, Debug, Default)]
pub(super) struct Device {
    pub(super) look: Look,
    pub(super) agent: String,
    /// Fingerprint of the TLS stack, in the shape of JA4.
    pub(super) ja4: String,
}

/// Families of clients; each has its own order of headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    #[default]
    Browser,
    Android,
    Ios,
    /// A script or a tool.
    Tool,
    /// A service of a partner or our own.
    Service,
}

/// Headers by family: `auth`, `type` and `origin` stand for what depends on the call.
const ORDERS: &[(Look, &[(&str, &str)])] = &[
    (
        Look::Browser,
        &[
            ("Host", ""),
            ("User-Agent", ""),
            ("Accept", "application/json, text/plain, */*"),
            ("Accept-Language", "en-GB,en;q=0.8"),
            ("Accept-Encoding", "gzip, deflate, br"),
            ("type", ""),
            ("auth", ""),
            ("origin", ""),
            ("Sec-Fetch-Mode", "cors"),
        ],
    ),
    (
        Look::Android,
        &[
            ("auth", ""),
            ("X-App-Version", "8.14.1"),
            ("type", ""),
            ("Host", ""),
            ("Accept-Encoding", "gzip"),
            ("User-Agent", ""),
        ],
    ),
    (
        Look::Ios,
        &[
            ("Host", ""),
            ("type", ""),
            ("Accept", "application/json"),
            ("auth", ""),
            ("User-Agent", ""),
            ("X-App-Version", "8.14.0"),
            ("Accept-Language", "en-GB"),
            ("Accept-Encoding", "gzip, br"),
        ],
    ),
    (
        Look::Tool,
        &[
            ("Host", ""),
            ("User-Agent", ""),
            ("Accept-Encoding", "gzip, deflate"),
            ("Accept", "*/*"),
            ("Connection", "keep-alive"),
            ("auth", ""),
            ("type", ""),
        ],
    ),
    (Look::Service, &[("Host", ""), ("User-Agent", ""), ("auth", ""), ("type", ""), ("Accept", "application/json")]),
];

/// Agents of scripts; one stands for one installation.
const TOOLS: &[&str] =
    &["python-requests/2.32.3", "Go-http-client/2.0", "curl/8.9.1", "python-httpx/0.28.1", "axios/1.7.9"];
/// Agents of servers that integrate with the API.
const SERVERS: &[&str] = &["Apache-HttpClient/5.3 (Java/21.0.4)", "node-fetch/3.3", "Faraday v2.12.0", "okhttp/4.12.0"];

impl Device {
    fn new(look: Look, agent: &str) -> Self {
        // The stack decides, not the person: the same program has the same fingerprint everywhere.
        let stack = agent.split('/').next().unwrap_or_default();
        let mut rng = Rng::new(hash(&format!("{look:?} {stack} {}", agent.len())));
        let ja4 = format!(
            "t13d{}{:02}h2_{}_{}",
            rng.between(12, 18),
            rng.between(8, 17),
            rng.text(crate::values::HEX, 12),
            rng.text(crate::values::HEX, 12)
        );
        Self { look, agent: agent.to_owned(), ja4 }
    }

    pub(super) fn browser(rng: &mut Rng) -> Self {
        Self::new(Look::Browser, rng.word(BROWSERS))
    }

    pub(super) fn app(rng: &mut Rng, name: &str) -> Self {
        if rng.chance(0.55) {
            Self::new(Look::Android, "okhttp/4.12.0")
        } else {
            let version = rng.word(&["18.5", "18.6", "26.0"]);
            Self::new(Look::Ios, &format!("{name}/8.14.0 (iPhone; iOS {version}) CFNetwork/1568 Darwin/24.6.0"))
        }
    }

    pub(super) fn tool(rng: &mut Rng) -> Self {
        Self::new(Look::Tool, rng.word(TOOLS))
    }

    pub(super) fn named(look: Look, agent: &str) -> Self {
        Self::new(look, agent)
    }

    /// The library that agents are built with.
    pub(super) fn sdk(rng: &mut Rng) -> Self {
        Self::new(Look::Service, rng.word(&["harborlight-python/0.9.2", "harborlight-js/1.4.0", "langloom/0.3.11"]))
    }

    pub(super) fn server(rng: &mut Rng) -> Self {
        Self::new(Look::Service, rng.word(SERVERS))
    }

    /// A script that says it is a browser: the agent of one, the order of headers and the TLS stack of a tool.
    pub(super) fn disguised(rng: &mut Rng) -> Self {
        Self { agent: rng.word(BROWSERS).to_owned(), ..Self::tool(rng) }
    }

    /// The headers of a call in this client's order.
    pub(super) fn headers(
        &self,
        host: &str,
        auth: Option<&(&str, String)>,
        mime: Option<&str>,
    ) -> Vec<(String, String)> {
        let order = ORDERS.iter().find(|(look, _)| *look == self.look).map_or(&[][..], |(_, order)| order);
        let mut headers = Vec::with_capacity(order.len() + 1);
        for (name, value) in order {
            let (name, value) = match *name {
                "Host" => ("Host", host.to_owned()),
                "User-Agent" => ("User-Agent", self.agent.clone()),
                "type" => match mime {
                    Some(mime) => ("Content-Type", mime.to_owned()),
                    None => continue,
                },
                "auth" => match auth {
                    Some((name, value)) => (*name, value.clone()),
                    None => continue,
                },
                "origin" => ("Origin", format!("https://{}", host.replacen("api.", "app.", 1))),
                other => (other, (*value).to_owned()),
            };
            headers.push((name.to_owned(), value));
        }
        headers
    }
}
