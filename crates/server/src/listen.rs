//! The socket: which address, under TLS or not, how many connections, how long a client may take.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tower::Service;
use vedette_model::limits::{
    CONNECTIONS_ADDRESS_MAX, CONNECTIONS_MAX, HEADER_BYTES_MAX, HEADER_FIELDS_MAX, HEADERS_SECS_MAX,
};

use crate::address::{self, Peer};

mod reload;

/// How long requests may finish when the server is asked to stop.
const STOP_SECS: u64 = 20;

/// Streams of one HTTP/2 connection: what a browser opens at most.
const STREAMS_MAX: u32 = 128;

/// Why the server does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Tokens and sessions would travel readable.
    #[error("{0} can be reached from other machines, and the configuration has no TLS")]
    ClearText(SocketAddr),
    /// The address is in use, or not ours.
    #[error("listening on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("reading the certificate {} and its key", certificate.display())]
    Certificate {
        /// File of the chain.
        certificate: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The listener failed while it ran.
    #[error("serving")]
    Serve(#[source] io::Error),
}

impl ListenError {
    /// What to try.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::ClearText(_) => {
                "set tls.certificate and tls.key; or server.insecure = true when a proxy in front of it has TLS"
            }
            Self::Bind { .. } => "choose another address with --listen; port 0 takes a free one",
            Self::Certificate { .. } => "both are PEM files; the certificate comes first in its chain",
            Self::Serve(_) => "see the log above",
        }
    }
}

/// PEM files of a certificate chain and its private key. They are read again when they change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// Its private key (PKCS #8, PKCS #1 or SEC 1).
    pub key: PathBuf,
}

/// Where and how to listen.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// TLS, or none.
    pub tls: Option<TlsFiles>,
    /// Listen on an address that others can reach without TLS: something in front has it.
    pub insecure: bool,
}

/// A socket that is open and not served yet.
#[derive(Debug)]
pub struct Socket {
    listener: TcpListener,
    tls: Option<(RustlsConfig, reload::Pair, TlsFiles)>,
    /// The address with its real port.
    pub address: SocketAddr,
}

impl Listen {
    /// Refuses a public address without TLS, opens the socket and reads the certificate.
    pub async fn open(&self) -> Result<Socket, ListenError> {
        if !self.address.ip().is_loopback() && self.tls.is_none() && !self.insecure {
            return Err(ListenError::ClearText(self.address));
        }
        let tls = match &self.tls {
            Some(files) => {
                let (config, pair) = reload::read(files).await?;
                Some((config, pair, files.clone()))
            }
            None => None,
        };
        let bind = || {
            let listener = TcpListener::bind(self.address)?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = bind().map_err(|source| ListenError::Bind { address: self.address, source })?;
        Ok(Socket { listener, tls, address })
    }
}

/// Bounds what a client may do before a request is there. A macro, because the builder's type is of a crate that only
/// `axum-server` depends on.
macro_rules! limit {
    ($builder:expr) => {{
        let builder = $builder;
        builder
            .http1()
            .header_read_timeout(Duration::from_secs(HEADERS_SECS_MAX))
            .max_headers(HEADER_FIELDS_MAX)
            .max_buf_size(HEADER_BYTES_MAX);
        builder
            .http2()
            .max_concurrent_streams(STREAMS_MAX)
            .max_header_list_size(HEADER_BYTES_MAX as u32)
            .keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(20));
    }};
}

impl Socket {
    /// Scheme, host and port, as a person opens it.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.tls.is_some() { "https" } else { "http" }, self.address)
    }

    /// Serves until `stop` ends, then lets requests finish for some seconds.
    pub async fn serve(
        self,
        router: Router,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ListenError> {
        let handle = Handle::new();
        let stopping = handle.clone();
        let stopped = tokio::spawn(async move {
            stop.await;
            stopping.graceful_shutdown(Some(Duration::from_secs(STOP_SECS)));
        });
        let connections = Connections::new(router);
        let served = match self.tls {
            None => {
                let mut server = axum_server::from_tcp(self.listener).map_err(ListenError::Serve)?.handle(handle);
                limit!(server.http_builder());
                server.first_request_timeout(Duration::from_secs(HEADERS_SECS_MAX)).serve(connections).await
            }
            Some((config, pair, files)) => {
                let watching = tokio::spawn(reload::watch(config.clone(), files, pair));
                let mut server =
                    axum_server::from_tcp_rustls(self.listener, config).map_err(ListenError::Serve)?.handle(handle);
                limit!(server.http_builder());
                let served =
                    server.first_request_timeout(Duration::from_secs(HEADERS_SECS_MAX)).serve(connections).await;
                watching.abort();
                served
            }
        };
        stopped.abort();
        served.map_err(ListenError::Serve)
    }
}

/// Makes the service of each connection, and counts them: too many are closed at once, so that one address cannot take
/// all of them.
#[derive(Clone)]
struct Connections {
    router: Router,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The service of one connection; when it goes, the connection is no longer counted.
#[derive(Clone)]
struct Connection {
    router: Router,
    peer: SocketAddr,
    _counted: Arc<Counted>,
}

struct Counted {
    address: IpAddr,
    open: Arc<Mutex<Open>>,
}

impl Connections {
    fn new(router: Router) -> Self {
        Self { router, open: Arc::default() }
    }

    fn count(&self, address: IpAddr) -> io::Result<Counted> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = open.by_address.get(&address).copied().unwrap_or_default();
        if open.all >= CONNECTIONS_MAX || mine >= CONNECTIONS_ADDRESS_MAX {
            return Err(io::Error::other("too many connections"));
        }
        open.all += 1;
        open.by_address.insert(address, mine + 1);
        Ok(Counted { address, open: Arc::clone(&self.open) })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        if let Some(mine) = open.by_address.get_mut(&self.address) {
            *mine = mine.saturating_sub(1);
            if *mine == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

impl Service<SocketAddr> for Connections {
    type Response = Connection;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<Connection>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, peer: SocketAddr) -> Self::Future {
        let counted = self.count(address::client(peer.ip().to_canonical()));
        std::future::ready(counted.map(|counted| Connection {
            router: self.router.clone(),
            peer,
            _counted: Arc::new(counted),
        }))
    }
}

impl<B> Service<Request<B>> for Connection
where
    B: axum::body::HttpBody<Data = axum::body::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(self.peer));
        let mut router = self.router.clone();
        Box::pin(async move { Service::call(&mut router, request).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_connections() {
        let connections = Connections::new(Router::new());
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        let mine: Vec<_> = (0..CONNECTIONS_ADDRESS_MAX).map(|_| connections.count(address).unwrap()).collect();
        assert!(connections.count(address).is_err());
        assert!(connections.count("192.0.2.2".parse().unwrap()).is_ok());
        drop(mine);
        assert!(connections.count(address).is_ok(), "closed connections are not counted");
        assert!(connections.open.lock().unwrap().by_address.is_empty());
    }

    #[tokio::test]
    async fn a_public_address_needs_tls_or_an_explicit_word() {
        let open = |address: &str, insecure: bool| {
            let listen = Listen { address: address.parse().unwrap(), tls: None, insecure };
            async move { listen.open().await }
        };
        assert!(open("127.0.0.1:0", false).await.is_ok());
        assert!(open("[::1]:0", false).await.is_ok_and(|socket| socket.url().starts_with("http://[::1]:")));
        let refused = open("0.0.0.0:0", false).await.unwrap_err();
        assert!(matches!(refused, ListenError::ClearText(_)));
        assert!(refused.hint().contains("tls.certificate"));
        assert!(open("0.0.0.0:0", true).await.is_ok());
    }
}
