//! Asks the provider: no redirects, bounded time and size.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::url::Url;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use vedette_model::limits::OIDC_ANSWER_BYTES_MAX;

/// Longest wait for an answer: a person is waiting too.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why the provider was not understood. Holds no part of its answer: that may be a token.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// It does not answer.
    #[error("the provider does not answer")]
    Request(#[from] reqwest::Error),
    /// It answers without end.
    #[error("the provider's answer is larger than {OIDC_ANSWER_BYTES_MAX} bytes")]
    TooLarge,
    /// It (or its description) points to a place that is not under HTTPS.
    #[error("the provider is not reached in the clear")]
    Insecure,
    /// The answer cannot be represented.
    #[error("the provider's answer is malformed")]
    Malformed(#[from] axum::http::Error),
}

/// The client.
#[derive(Clone, Debug)]
pub(super) struct Http(reqwest::Client);

impl Http {
    pub(super) fn new() -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .user_agent(concat!("vedette/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self(client))
    }

    /// One request and its whole answer.
    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        if !is_allowed(request.url()) {
            return Err(HttpError::Insecure);
        }
        let mut answer = self.0.execute(request).await?;
        let mut response = axum::http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > OIDC_ANSWER_BYTES_MAX {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(response.body(body)?)
    }
}

/// A type of its own rather than a closure: only so can the compiler see that the futures of logins may move between
/// threads.
impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// Whether a URL may be asked: HTTPS, or a literal loopback address.
pub(super) fn is_allowed(url: &Url) -> bool {
    let loopback = url.host_str().is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    });
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}
