//! Over a real socket: plain, slow and greedy clients.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use vedette_server::listen::{Listen, ListenError, TlsFiles};

use super::world::World;

async fn serve(world: &World) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<Result<(), ListenError>>) {
    serve_with(world, None).await
}

async fn serve_with(
    world: &World,
    tls: Option<TlsFiles>,
) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<Result<(), ListenError>>) {
    let listen = Listen { address: "127.0.0.1:0".parse().unwrap(), tls, insecure: false };
    let socket = listen.open().await.unwrap();
    let address = socket.address;
    let (stop, stopped) = oneshot::channel::<()>();
    let router = vedette_server::router(world.app.clone());
    let serving = tokio::spawn(socket.serve(router, async move {
        let _ = stopped.await;
    }));
    (address, stop, serving)
}

async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await.expect("an end");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_client_is_answered_and_a_stop_is_orderly() {
    let world = World::new().await;
    let (address, stop, serving) = serve(&world).await;
    let answer = exchange(address, "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let strange = exchange(address, "GET /health HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n").await;
    assert!(strange.starts_with("HTTP/1.1 421"), "{strange}");
    let fields = "x: y\r\n".repeat(200);
    let greedy = exchange(address, &format!("GET /health HTTP/1.1\r\nhost: localhost\r\n{fields}\r\n")).await;
    assert!(greedy.starts_with("HTTP/1.1 431"), "{greedy}");
    let endless = exchange(address, &format!("GET /{} HTTP/1.1\r\n", "a".repeat(100_000))).await;
    assert!(endless.starts_with("HTTP/1.1 4") || endless.is_empty(), "{endless}");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_comes_over_the_wire_and_resumes() {
    let world = World::new().await;
    let (address, stop, serving) = serve(&world).await;
    let feed = world.app.feed("default");
    feed.publish(vedette_server::feed::Kind::Change, None, &"first");
    feed.publish(vedette_server::feed::Kind::Change, None, &"second");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /v1/feed HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\nlast-event-id: 0-0\r\n\r\n",
        world.admin
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    let mut piece = [0; 4_096];
    while !text.contains("event: reset") {
        let count = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut piece)).await.unwrap().unwrap();
        assert!(count > 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
    assert!(text.contains("content-type: text/event-stream"), "{text}");
    drop(stream);
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_spoken_and_clear_text_is_not() {
    let world = World::new().await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls");
    let files = TlsFiles { certificate: folder.join("first.pem"), key: folder.join("first.key") };
    let (address, stop, serving) = serve_with(&world, Some(files)).await;
    let certificate = reqwest::Certificate::from_pem(&std::fs::read(folder.join("first.pem")).unwrap()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([certificate]).build().unwrap();
    let answer = client.get(format!("https://localhost:{}/health", address.port())).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2));
    let clear = exchange(address, "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(!clear.contains("200 OK"), "{clear}");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
