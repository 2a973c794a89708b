//! Incidents and actors are judged, and the engine learns from it.

use vedette_server::auth::{Role, Scope};

use super::world::{Answer, World, line, sample};

/// Everyday traffic, and an address that looks for what is not there.
fn scanned() -> String {
    let mut text = sample();
    for id in 60..180 {
        text.push_str(&line(id, "shop.example", "/v1/orders", 200));
    }
    let probes =
        ["/.env", "/.git/config", "/wp-login.php", "/wp-admin/", "/phpmyadmin/", "/actuator/env", "/phpinfo.php"];
    for (id, path) in (200..).zip(probes.iter().cycle().take(40)) {
        let own = format!("203.0.113.{}\"", id % 20);
        text.push_str(&line(id, "shop.example", &format!("{path}?{id}"), 404).replace(&own, "198.51.100.7\""));
    }
    text
}

/// A server that has an incident: its id and its actor's.
async fn world() -> (World, String, String) {
    let world = World::new().await;
    world.learn(&scanned()).await;
    let incidents = world.get("/v1/incidents").await.json();
    let text = |pointer: &str| incidents.pointer(pointer).and_then(|id| id.as_str()).map(str::to_owned);
    let (id, actor) = text("/items/0/id").zip(text("/items/0/actor/id")).unwrap_or_else(|| panic!("{incidents}"));
    (world, id, actor)
}

async fn patch(world: &World, path: &str, version: &str, body: &str) -> Answer {
    world.ask("PATCH", path, &world.admin, &[("if-match", version)], body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_a_false_alarm_is_not_told_again_until_that_is_taken_back() {
    let (world, id, _) = world().await;
    let path = format!("/v1/incidents/{id}");
    let shown = world.get(&path).await;
    assert_eq!(shown.json()["triage"]["state"], "open");
    let tag = shown.header("etag").to_owned();
    assert!(tag.starts_with("\"0."), "{tag}");
    assert_eq!(world.get("/v1/overview").await.json()["open_incidents"], 1);
    let close = r#"{"state":"closed","verdict":"false","reason":"our own scanner","owner":"ada"}"#;
    assert_eq!(world.ask("PATCH", &path, &world.admin, &[], close).await.status, 428);
    let closed = patch(&world, &path, &tag, close).await;
    assert_eq!(closed.status, 200, "{}", closed.text);
    assert_eq!((closed.header("etag"), &closed.json()["triage"]["kinds"][0]), ("\"1\"", &"recon-scan".into()));
    assert_eq!(patch(&world, &path, &tag, close).await.status, 412, "somebody was faster");
    world.conclude().await;
    assert_eq!(world.get("/v1/detections").await.json()["total"], 0);
    let listed = world.get("/v1/incidents?state=closed&owner=ada").await.json();
    assert_eq!(
        (&listed["items"][0]["id"], &listed["items"][0]["detections"][0]),
        (&id.clone().into(), &serde_json::Value::Null)
    );
    assert_eq!(world.get("/v1/incidents?state=open").await.json()["total"], 0);
    let overview = world.get("/v1/overview").await.json();
    assert_eq!((&overview["open_incidents"], &overview["counts"]["incidents"]), (&0.into(), &0.into()));
    assert_eq!(
        patch(&world, &path, "\"1\"", r#"{"state":"open"}"#).await.json()["triage"]["verdict"],
        serde_json::Value::Null
    );
    world.conclude().await;
    let open = world.get("/v1/incidents?state=open").await.json();
    assert_eq!((&open["items"][0]["id"], &open["items"][0]["triage"]["owner"]), (&id.into(), &"ada".into()));
    let noted = world.app.state().audit_before("default", None, None, Some("incident.judge"), 10).await.unwrap();
    assert_eq!(noted.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_on_incidents_that_make_no_sense_are_refused() {
    let (world, id, _) = world().await;
    let path = format!("/v1/incidents/{id}");
    for (body, status) in [
        (r#"{"state":"closed"}"#, 422),
        (r#"{"verdict":"true"}"#, 422),
        (r#"{"state":"open","verdict":"true"}"#, 422),
        (r#"{"state":"reopened"}"#, 400),
        (r#"{"state":"closed","verdict":"maybe","reason":"x"}"#, 400),
        (r#"{"state":"closed","reason":" "}"#, 400),
        (r#"{"sate":"open"}"#, 400),
    ] {
        let answer = patch(&world, &path, "*", body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text);
    }
    assert_eq!(world.get(&path).await.json()["triage"]["version"], 0);
    assert_eq!(patch(&world, "/v1/incidents/nothing", "*", r#"{"owner":"ada"}"#).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_comment_on_incidents_and_the_feed_tells_those_who_see_all() {
    let (world, id, _) = world().await;
    let path = format!("/v1/incidents/{id}/comments");
    let feed = world.app.feed("default");
    let said = world.ask("POST", &path, &world.admin, &[], r#"{"text":"asked the network team"}"#).await;
    assert_eq!(said.status, 201, "{}", said.text);
    assert_eq!(world.get(&path).await.json()["items"][0]["text"], "asked the network team");
    assert_eq!(world.get("/v1/incidents/nothing/comments").await.status, 404);
    let last = format!("{feed:?}");
    assert!(last.contains("Incident") && last.contains(&id), "{last}");
    let bank = world.token("default", Role::Developer, &[Scope::Read, Scope::Triage], &["bank.example"]).await;
    assert_eq!(world.ask("GET", &path, &bank, &[], "").await.status, 404, "it is of another service");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_allowed_actor_nothing_is_told() {
    let (world, _, actor) = world().await;
    let path = format!("/v1/actors/{actor}");
    assert_eq!(world.get(&path).await.json()["triage"]["state"], serde_json::Value::Null);
    for (body, status) in [
        (r#"{"state":"allowed"}"#, 422),
        (r#"{"until":"2030-01-01T00:00:00Z"}"#, 422),
        (r#"{"state":"denied","reason":"x","until":"2020-01-01T00:00:00Z"}"#, 422),
        (r#"{"state":"open"}"#, 400),
    ] {
        let answer = patch(&world, &path, "*", body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text);
    }
    let allowed = patch(&world, &path, "\"0\"", r#"{"state":"allowed","reason":"the yearly test"}"#).await;
    assert_eq!(allowed.status, 200, "{}", allowed.text);
    assert_eq!(allowed.json()["triage"]["state"], "allowed");
    assert_eq!(patch(&world, &path, "\"0\"", r#"{"state":"watched"}"#).await.status, 412);
    world.conclude().await;
    assert_eq!(world.get("/v1/incidents").await.json()["total"], 0);
    let listed = world.get("/v1/actors?state=allowed").await.json();
    assert_eq!((&listed["total"], &listed["items"][0]["id"]), (&1.into(), &actor.into()));
    assert_eq!(
        patch(&world, &path, "\"1\"", r#"{"state":null}"#).await.json()["triage"]["reason"],
        serde_json::Value::Null
    );
    world.conclude().await;
    assert_eq!(world.get("/v1/incidents").await.json()["total"], 1);
    let bank = world.token("default", Role::Developer, &[Scope::Read, Scope::Triage], &["bank.example"]).await;
    let refused = world.ask("PATCH", &path, &bank, &[("if-match", "*")], r#"{"state":"watched"}"#).await;
    assert_eq!(refused.status, 403, "actors are of all services");
}
