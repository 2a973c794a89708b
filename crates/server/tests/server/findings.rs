use super::world::{World, sample};

async fn world() -> (World, String) {
    let world = World::new().await;
    world.learn(&sample()).await;
    let findings = world.get("/v1/findings?kind=credential-in-url").await.json();
    let id = findings["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{findings}")).to_owned();
    (world, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_judged_by_whoever_knows_its_version() {
    let (world, id) = world().await;
    let path = format!("/v1/findings/{id}");
    let shown = world.get(&path).await;
    assert_eq!(shown.json()["triage"]["state"], "open");
    let tag = shown.header("etag").to_owned();
    assert!(tag.starts_with("\"0."), "{tag}");
    let until = world_time_in_days(30);
    let accept = format!(r#"{{"state":"accepted","reason":"internal only","until":"{until}","owner":"ada"}}"#);
    let judge =
        async |headers: &[(&str, &str)], body: &str| world.ask("PATCH", &path, &world.admin, headers, body).await;
    assert_eq!(judge(&[], &accept).await.status, 428);
    let judged = judge(&[("if-match", &tag)], &accept).await;
    assert_eq!(judged.status, 200, "{}", judged.text);
    assert_eq!(judged.json()["triage"]["state"], "accepted");
    assert_eq!(judged.header("etag"), "\"1\"");
    assert_eq!(judge(&[("if-match", &tag)], r#"{"state":"resolved"}"#).await.status, 412, "somebody was faster");
    assert_eq!(
        judge(&[("if-match", "\"1\"")], r#"{"owner":null}"#).await.json()["triage"]["owner"],
        serde_json::Value::Null
    );
    let accepted = world.get("/v1/findings?state=accepted").await.json();
    assert_eq!(accepted["items"][0]["id"], id);
    assert_eq!(world.get("/v1/findings?state=resolved").await.json()["total"], 0);
    let noted = world.app.state().audit_before("default", None, None, Some("finding.judge"), 10).await.unwrap();
    assert_eq!(noted.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_that_make_no_sense_are_refused() {
    let (world, id) = world().await;
    let path = format!("/v1/findings/{id}");
    let far = world_time_in_days(4_000);
    for (body, status) in [
        (r#"{"state":"accepted"}"#.to_owned(), 422),
        (r#"{"state":"accepted","reason":"x"}"#.to_owned(), 422),
        (r#"{"state":"accepted","reason":"x","until":"2020-01-01T00:00:00Z"}"#.to_owned(), 422),
        (format!(r#"{{"state":"accepted","reason":"x","until":"{far}"}}"#), 422),
        (r#"{"state":"resolved","until":"2030-01-01T00:00:00Z"}"#.to_owned(), 422),
        (r#"{"state":"reopened"}"#.to_owned(), 400),
        (r#"{"sate":"open"}"#.to_owned(), 400),
        (r#"{"reason":"  "}"#.to_owned(), 400),
        ("[]".to_owned(), 400),
    ] {
        let answer = world.ask("PATCH", &path, &world.admin, &[("if-match", "*")], &body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text);
    }
    assert_eq!(world.get(&path).await.json()["triage"]["version"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_comment_and_the_feed_tells_it() {
    let (world, id) = world().await;
    let path = format!("/v1/findings/{id}/comments");
    let feed = world.app.feed("default");
    let said = world.ask("POST", &path, &world.admin, &[], r#"{"text":"look at this\nplease"}"#).await;
    assert_eq!(said.status, 201, "{}", said.text);
    let all = world.get(&path).await.json();
    assert_eq!(all["items"][0]["text"], "look at this\nplease");
    assert_eq!(world.ask("POST", &path, &world.admin, &[], r#"{"text":""}"#).await.status, 400);
    assert_eq!(world.get("/v1/findings/nothing/comments").await.status, 404);
    let last = format!("{feed:?}");
    assert!(last.contains("admin") && last.contains(&id), "{last}");
}

fn world_time_in_days(days: i64) -> vedette_model::Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the server reads the clock too")]
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    vedette_model::Timestamp::from_secs(now + days * 86_400)
}
