use vedette_server::auth::{Role, Scope};

use super::world::{World, sample};

async fn world() -> World {
    let world = World::new().await;
    world.learn(&sample()).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn sql_is_answered_in_the_format_asked_for() {
    let world = world().await;
    let ask = async |accept: &str, body: &str| {
        world.ask("POST", "/v1/hunts/run", &world.admin, &[("accept", accept)], body).await
    };
    let sql = r#"{"sql":"select service, count(*) as n from exchanges group by 1 order by 1"}"#;
    let json = ask("application/json", sql).await;
    assert_eq!(json.status, 200, "{}", json.text);
    assert_eq!(json.json()["rows"], serde_json::json!([["bank.example", 30], ["shop.example", 30]]), "{}", json.text);
    assert!(json.header("x-hunt-id").parse::<u64>().is_ok());
    let csv = ask("text/csv", sql).await;
    assert!(csv.text.contains("shop.example,30"), "{}", csv.text);
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert_eq!(ask("image/png", sql).await.status, 406);
    let named =
        r#"{"sql":"select count(*) from exchanges where service = $name","parameters":{"name":"shop.example"}}"#;
    assert_eq!(ask("*/*", named).await.json()["rows"][0][0], 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_sql_is_told_where_and_writing_is_refused() {
    let world = world().await;
    for (body, status) in [
        (r#"{"sql":"select nothing from exchanges"}"#, 422),
        (r#"{"sql":"drop table exchanges"}"#, 422),
        (r#"{"sql":""}"#, 400),
        (r#"{"sql":"select 1","saved":"x"}"#, 400),
        (r#"{"saved":"no-such-hunt"}"#, 404),
        (r#"{"sql":"select 1","limit":0}"#, 400),
        (r#"{"sql":"select 1","parameters":{"a":[1]}}"#, 400),
    ] {
        let answer = world.ask("POST", "/v1/hunts/run", &world.admin, &[], body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_service_hunts_in_its_rows_only() {
    let world = world().await;
    let token = world.token("default", Role::Admin, &[Scope::Hunt, Scope::Read], &["shop.example"]).await;
    let sql = r#"{"sql":"select distinct service from exchanges"}"#;
    let answer = world.ask("POST", "/v1/hunts/run", &token, &[], sql).await;
    assert_eq!(answer.json()["rows"], serde_json::json!([["shop.example"]]), "{}", answer.text);
    let other = world.token("other", Role::Analyst, &[Scope::Hunt], &[]).await;
    let answer = world.ask("POST", "/v1/hunts/run", &other, &[], sql).await;
    assert_eq!(answer.json()["rows"], serde_json::json!([]), "another tenant has no rows of ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn hunts_are_saved_changed_run_and_deleted() {
    let world = world().await;
    let new = r#"{"title":"By status","sql":"select count(*) from exchanges where status = $status","parameters":[{"name":"status","type":"integer","default":200}]}"#;
    let saved = world.ask("POST", "/v1/hunts", &world.admin, &[], new).await;
    assert_eq!(saved.status, 201, "{}", saved.text);
    let id = saved.json()["id"].as_str().unwrap().to_owned();
    let run = world.ask("POST", "/v1/hunts/run", &world.admin, &[], &format!(r#"{{"saved":"{id}"}}"#)).await;
    assert_eq!(run.json()["rows"][0][0], 60, "{}", run.text);
    let path = format!("/v1/hunts/{id}");
    assert_eq!(world.ask("PUT", &path, &world.admin, &[("if-match", "\"9\"")], new).await.status, 412);
    assert_eq!(world.ask("PUT", &path, &world.admin, &[("if-match", "\"1\"")], new).await.status, 200);
    let listed = world.get("/v1/hunts").await.json();
    let shipped = listed["items"].as_array().unwrap().iter().filter(|hunt| hunt["shipped"] == true).count();
    assert!(shipped >= 12, "{shipped}");
    assert_eq!(world.ask("DELETE", &path, &world.admin, &[], "").await.status, 204);
    assert_eq!(world.get(&path).await.status, 404);
    let first = listed["items"][0]["id"].as_str().unwrap();
    assert_eq!(world.ask("DELETE", &format!("/v1/hunts/{first}"), &world.admin, &[], "").await.status, 403);
    assert_eq!(world.get("/v1/tables").await.json()["items"][0]["name"], "exchanges");
}
