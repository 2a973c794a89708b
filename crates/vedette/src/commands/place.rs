//! Where the answers of `hunt`, `inventory`, `findings`, `actors`, `incidents` and `sources` come from: a server by its
//! API, or a data folder by what its node wrote down last.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Hinted;

/// Bytes of one answer of a server.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Items of a list that are asked for at once.
const PAGE_ITEMS: u32 = 1_000;

/// Items of a list that are fetched at most.
const ITEMS_MAX: usize = 100_000;

/// What to try when a data folder holds nothing.
pub(crate) const NOT_THERE: &str =
    "start `vedette serve` first, or name its folder with --data or its URL with --server";

/// Arguments that say where to look.
#[derive(clap::Args)]
pub(crate) struct Place {
    /// Data folder of `vedette serve`.
    #[arg(long, value_name = "DIR", default_value = "vedette-data", conflicts_with = "server", global = true)]
    data: PathBuf,
    /// Tenant within the data folder.
    #[arg(long, value_name = "NAME", default_value = "default", conflicts_with = "server", global = true)]
    tenant: String,
    /// Ask a server instead of a data folder.
    #[arg(long, value_name = "URL", global = true)]
    server: Option<String>,
    /// File that holds an API token of the server; without it the environment variable VEDETTE_TOKEN counts.
    #[arg(long, value_name = "FILE", requires = "server", global = true)]
    token_file: Option<PathBuf>,
}

impl Place {
    /// All items of a list: `kind` is the resource of the API and the member of the results alike.
    pub(crate) fn list(&self, kind: &str) -> Result<Vec<Value>> {
        match &self.server {
            None => self.stored(kind),
            Some(server) => {
                let mut items = Vec::new();
                let mut cursor = String::new();
                loop {
                    let page =
                        self.get(&format!("{}/v1/{kind}?limit={PAGE_ITEMS}{cursor}", server.trim_end_matches('/')))?;
                    items.extend(page.get("items").and_then(Value::as_array).into_iter().flatten().cloned());
                    match page.get("next_cursor").and_then(Value::as_str) {
                        Some(next) if items.len() < ITEMS_MAX => cursor = format!("&cursor={next}"),
                        _ => return Ok(items),
                    }
                }
            }
        }
    }

    /// One item, by its id.
    pub(crate) fn show(&self, kind: &str, id: &str) -> Result<Value> {
        if let Some(server) = &self.server {
            let id: String = id.bytes().map(escaped).collect();
            return self.get(&format!("{}/v1/{kind}/{id}", server.trim_end_matches('/')));
        }
        let found = self.stored(kind)?.into_iter().find(|item| {
            [item.get("id"), item.get("name")].into_iter().flatten().any(|value| value.as_str() == Some(id))
        });
        found
            .ok_or_else(|| Hinted::new(format!("nothing in {kind} has the id {id}"), "list them without `show`").into())
    }

    /// A list of what the node wrote down last.
    fn stored(&self, kind: &str) -> Result<Vec<Value>> {
        let Some(mut results) = self.results::<Value>()? else {
            bail!(Hinted::new(format!("nothing was learned yet in {}", self.data.display()), NOT_THERE));
        };
        match results.get_mut(kind).map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// The server to ask, when one is named.
    pub(crate) fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// The tenant's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        vedette_server::node::folder_of(&self.data, &self.tenant)
    }

    /// The results that the node wrote down last; none when it did not yet.
    pub(crate) fn results<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let path = self.folder().join("learned/results.json.zst");
        let read = || format!("reading {}", path.display());
        let packed = match std::fs::read(&path) {
            Ok(packed) => packed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(read),
        };
        let json = vedette_store::unpack(&packed).with_context(read)?;
        serde_json::from_slice(&json).map(Some).with_context(read)
    }

    fn get(&self, url: &str) -> Result<Value> {
        let token = self.token()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let request = reqwest::Client::new().get(url).bearer_auth(token);
            let mut response = request.send().await.with_context(|| format!("asking {url}"))?;
            let status = response.status();
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                bytes.extend_from_slice(&chunk);
                if bytes.len() > ANSWER_BYTES_MAX {
                    bail!("the answer of {url} is too large");
                }
            }
            let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            if status.is_success() {
                return Ok(body);
            }
            let text = |key: &str| body.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
            let message =
                text("detail").or_else(|| text("title")).unwrap_or_else(|| format!("the server answered {status}"));
            let hint = text("hint").unwrap_or_else(|| match status.as_u16() {
                401 | 403 => "give a token with the scope read".to_owned(),
                404 => "list them without `show`".to_owned(),
                _ => "look into the log of the server".to_owned(),
            });
            bail!(Hinted::new(message, hint))
        })
    }

    /// An API token, from a file or the environment: on the command line every user of the machine would see it.
    pub(crate) fn token(&self) -> Result<String> {
        let text = match &self.token_file {
            Some(path) => {
                let file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
                io::read_to_string(io::Read::take(file, 4_096))
                    .with_context(|| format!("reading {}", path.display()))?
            }
            None => std::env::var("VEDETTE_TOKEN").unwrap_or_default(),
        };
        if text.trim().is_empty() {
            bail!(Hinted::new("no API token for the server", "set VEDETTE_TOKEN, or name a file with --token-file"));
        }
        Ok(text.trim().to_owned())
    }
}

/// A byte of an id in a path.
fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
