use std::io::Write as _;

use axum::body::Body;
use axum::http::Request;

use super::world::{World, line, sample};

#[tokio::test(flavor = "multi_thread")]
async fn traffic_is_taken_line_by_line_and_repeats_count_once() {
    let world = World::new().await;
    let body = line(1, "shop.example", "/v1/a", 200) + "{ no json\n" + &line(2, "shop.example", "/v1/a", 200);
    let first = world.learn(&body).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let told = first.json();
    assert_eq!((&told["accepted"], &told["repeated"], &told["refused"]), (&2.into(), &0.into(), &1.into()));
    assert_eq!(told["refusals"][0]["line"], 2);
    let again = world.learn(&body).await.json();
    assert_eq!((&again["accepted"], &again["repeated"]), (&0.into(), &2.into()));
    let overview = world.get("/v1/overview").await.json();
    assert_eq!(overview["stats"]["exchanges"], 2);
    let sources = world.get("/v1/sources").await.json();
    assert_eq!((&sources["items"][0]["id"], &sources["items"][0]["accepted"]), (&"push".into(), &2.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_traffic_is_understood_and_bombs_are_not() {
    let world = World::new().await;
    let push = |coding: &'static str, body: Vec<u8>| {
        let request = Request::builder()
            .method("POST")
            .uri("/v1/exchanges?source=gateway")
            .header("host", "localhost")
            .header("authorization", format!("Bearer {}", world.admin))
            .header("content-encoding", coding)
            .body(Body::from(body))
            .unwrap();
        world.send(request)
    };
    let text = sample();
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let first = push("gzip", gzip(text.as_bytes())).await;
    assert_eq!((first.status.as_u16(), first.json()["accepted"].as_u64()), (200, Some(60)), "{}", first.text);
    let second = push("zstd", zstd::encode_all(text.as_bytes(), 1).unwrap()).await;
    assert_eq!((second.status.as_u16(), second.json()["repeated"].as_u64()), (200, Some(60)), "{}", second.text);
    assert_eq!(push("zstd", zstd::encode_all(vec![0; 200 << 20].as_slice(), 1).unwrap()).await.status, 413);
    assert_eq!(push("gzip", b"not gzip".to_vec()).await.status, 400);
    assert_eq!(push("br", Vec::new()).await.status, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_traffic_is_refused_with_what_to_try() {
    let world = World::new().await;
    let ask = async |headers: &[(&str, &str)], body: &str| {
        world.ask("POST", "/v1/exchanges", &world.admin, headers, body).await
    };
    let wrong = ask(&[("content-type", "application/x-ndjson")], "hello\nworld\n").await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.json()["errors"][1]["at"], "/2");
    assert!(wrong.json()["hint"].as_str().unwrap().contains("jq"));
    assert_eq!(ask(&[("content-type", "multipart/form-data; boundary=x")], "x").await.status, 415);
    assert_eq!(ask(&[("content-length", "999999999")], "x").await.status, 413);
    let empty = ask(&[("content-type", "application/x-ndjson")], "").await;
    assert_eq!((empty.status.as_u16(), empty.json()["accepted"].as_u64()), (200, Some(0)));
    let source = world.ask("POST", "/v1/exchanges?source=a%20b", &world.admin, &[], "").await;
    assert_eq!((source.status.as_u16(), &source.json()["errors"][0]["at"]), (400, &"source".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_with_a_key_is_done_once() {
    let world = World::new().await;
    let text = line(1, "shop.example", "/v1/a", 200).replace("\"_id\":\"e1\",", "");
    let push = async |key: &str, body: &str| {
        let headers = [("idempotency-key", key), ("content-type", "application/x-ndjson")];
        world.ask("POST", "/v1/exchanges", &world.admin, &headers, body).await
    };
    let first = push("k1", &text).await;
    let again = push("k1", &text).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (200, ""));
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    assert_eq!((again.text, again.headers.get("content-type")), (first.text, first.headers.get("content-type")));
    assert_eq!(push("k1", "other\n").await.status, 422, "the same key with another body");
    assert_eq!(push("", &text).await.status, 400);
    world.conclude().await;
    let sources = world.get("/v1/sources/push").await.json();
    assert_eq!(sources["accepted"], 1, "{sources}");
}
