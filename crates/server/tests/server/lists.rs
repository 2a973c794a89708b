use super::world::{World, sample};

async fn world() -> World {
    let world = World::new().await;
    let pushed = world.learn(&sample()).await;
    assert_eq!(pushed.json()["accepted"], 60, "{}", pushed.text);
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inventory_is_paged_filtered_and_shown_whole() {
    let world = world().await;
    let services = world.get("/v1/services?sort=name").await.json();
    let names: Vec<_> = services["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["bank.example", "shop.example"]);
    let all = world.get("/v1/endpoints?sort=template").await.json();
    let total = all["total"].as_u64().unwrap() as usize;
    assert!(total >= 3, "{all}");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/v1/endpoints?sort=template&limit=1{cursor}")).await.json();
        seen.push(page["items"][0]["id"].clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let ids: Vec<_> = all["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(seen, ids);
    let mine = world.get("/v1/endpoints?service=shop.example&q=USERS").await.json();
    assert_eq!(mine["items"][0]["template"], "/v1/users/{userId}", "{mine}");
    let id = mine["items"][0]["id"].as_str().unwrap();
    let whole = world.get(&format!("/v1/endpoints/{id}")).await.json();
    assert!(!whole["fields"].as_array().unwrap().is_empty());
    assert_eq!(world.get(&format!("/v1/endpoints/{id}/changes")).await.status, 200);
    let service = services["items"][1]["id"].as_str().unwrap();
    let learned = world.get(&format!("/v1/services/{service}/openapi")).await.json();
    assert!(learned["paths"]["/v1/users/{userId}"]["get"].is_object(), "{learned}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_questions_are_refused_and_name_the_parameter() {
    let world = world().await;
    for (path, status) in [
        ("/v1/endpoints?limit=0", 400),
        ("/v1/endpoints?limit=1001", 400),
        ("/v1/endpoints?limit=-1", 400),
        ("/v1/endpoints?limit=many", 400),
        ("/v1/endpoints?sort=beauty", 400),
        ("/v1/endpoints?colour=blue", 400),
        ("/v1/endpoints?cursor=AAAA", 400),
        ("/v1/endpoints/nothing", 404),
        ("/v1/endpoints/%ff", 400),
        ("/v1/services/nothing/openapi", 404),
        ("/v1/nothing", 404),
    ] {
        let answer = world.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{path}");
    }
    let other = world.get("/v1/endpoints?limit=1").await.json();
    let cursor = other["next_cursor"].as_str().unwrap();
    assert_eq!(world.get(&format!("/v1/endpoints?sort=template&cursor={cursor}")).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_change_is_not_sent_again() {
    let world = world().await;
    let first = world.get("/v1/endpoints").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"'), "{tag}");
    let again = world.ask("GET", "/v1/endpoints", &world.admin, &[("if-none-match", &tag)], "").await;
    assert_eq!((again.status.as_u16(), again.text.as_str(), again.header("etag")), (304, "", tag.as_str()));
    world.learn(&super::world::line(100, "shop.example", "/v1/new", 200)).await;
    let changed = world.ask("GET", "/v1/endpoints", &world.admin, &[("if-none-match", &tag)], "").await;
    assert_eq!(changed.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_protects_and_names_itself() {
    let world = world().await;
    for path in ["/v1/endpoints", "/v1/nothing", "/", "/docs", "/health", "/assets/none.js"] {
        let answer = world.get(path).await;
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
    assert_eq!(world.get("/v1/endpoints").await.header("cache-control"), "no-store");
    let problem = world.get("/v1/endpoints/nothing").await;
    assert_eq!(problem.json()["instance"], format!("urn:uuid:{}", problem.header("x-request-id")));
    let forged = world.ask("GET", "/health", "", &[("x-request-id", "evil\tid")], "").await;
    assert_ne!(forged.header("x-request-id"), "evil\tid");
    let strange = axum::http::Request::builder().uri("/health").header("host", "evil.example");
    assert_eq!(world.send(strange.body(axum::body::Body::empty()).unwrap()).await.status, 421);
}

#[tokio::test(flavor = "multi_thread")]
async fn actors_are_shown_and_the_reading_is_noted() {
    let world = world().await;
    let actors = world.get("/v1/actors?sort=exchanges&limit=2").await.json();
    let id = actors["items"][0]["id"].as_str().unwrap();
    assert_eq!(world.get(&format!("/v1/actors/{id}")).await.status, 200);
    let noted = world.app.state().audit_before("default", None, None, None, 10).await.unwrap();
    let actions: Vec<_> = noted.iter().map(|record| record.entry.action.as_str()).collect();
    assert!(actions.contains(&"actor.list") && actions.contains(&"actor.read"), "{actions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_closed_labels() {
    let world = world().await;
    world.get("/v1/endpoints/some-secret-path").await;
    let metrics = world.ask("GET", "/metrics", "", &[], "").await;
    assert_eq!(metrics.status, 200);
    for name in [
        "vedette_http_requests_total",
        "vedette_push_exchanges_total",
        "vedette_endpoints",
        "process_resident_memory_bytes",
    ] {
        assert!(metrics.text.contains(name), "{name}");
    }
    assert!(metrics.text.contains("route=\"/v1/endpoints/{id}\""));
    assert!(!metrics.text.contains("some-secret-path") && !metrics.text.contains("shop.example"));
}
