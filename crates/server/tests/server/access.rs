//! Every route with everybody and with nobody.

use vedette_model::Timestamp;
use vedette_server::access::{self, Access, ROUTES};
use vedette_server::auth::{Role, Scope};
use vedette_server::problem::Kind;

use super::world::{World, sample};

/// A path with ids that do not exist.
fn concrete(path: &str) -> String {
    path.replace("{id}", "nothing")
}

/// Statuses by which the guard refuses.
const REFUSED: [u16; 2] = [401, 403];

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_open_to_those_in_the_table_and_to_nobody_else() {
    let world = World::new().await;
    world.learn(&sample()).await;
    let all = Scope::ALL;
    let mut callers = vec![("nobody".to_owned(), String::new(), Vec::new(), false)];
    for role in Role::ALL {
        let services: &[&str] = if role == Role::Developer { &["shop.example"] } else { &[] };
        let token = world.token("default", role, &all, services).await;
        // A token's scopes are those that its maker has; `ingest` shows nothing and is anybody's.
        let mut scopes = role.scopes().to_vec();
        scopes.push(Scope::Ingest);
        callers.push((role.name().to_owned(), token, scopes, role == Role::Developer));
    }
    for scope in Scope::ALL {
        let token = world.token("default", Role::Admin, &[scope], &[]).await;
        callers.push((format!("only {}", scope.name()), token, vec![scope], false));
    }
    let expired = world.token_until("default", Role::Admin, &all, &[], Some(Timestamp::from_secs(1))).await;
    for (method, path, access) in ROUTES {
        // A feed never ends, and what logs in or out judges for itself.
        let open_ended = ["/v1/feed", "/v1/login", "/v1/logout", "/v1/oidc/start", "/v1/oidc/callback"].contains(path);
        for (name, token, scopes, restricted) in &callers {
            let may = match access {
                Access::Public | Access::Scrape => true,
                Access::Login => !token.is_empty(),
                Access::Scope(scope) => scopes.contains(scope),
                Access::Whole(scope) => scopes.contains(scope) && !restricted,
                Access::Nobody => false,
            };
            if open_ended && may {
                continue;
            }
            let answer = world.ask(method, &concrete(path), token, &[], "").await;
            let status = answer.status.as_u16();
            // Some routes are for people with a session: those refuse tokens by themselves.
            let for_people = path.starts_with("/v1/me") || path.starts_with("/v1/tokens");
            assert!(
                may != REFUSED.contains(&status) || (may && for_people && status == 403),
                "{method} {path} by {name}: {status} {}",
                answer.text
            );
            assert_ne!(status, 500, "{method} {path} by {name}: {}", answer.text);
        }
        let answer = world.ask(method, &concrete(path), &expired, &[], "").await;
        assert_eq!(answer.status, 401, "{method} {path} with an expired token");
        let answer = world.ask(method, &concrete(path), "vdt_unknown", &[], "").await;
        assert_eq!(answer.status, 401, "{method} {path} with an unknown token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_sees_nothing_of_ours() {
    let world = World::new().await;
    world.learn(&sample()).await;
    let stranger = world.token("other", Role::Admin, &Scope::ALL, &[]).await;
    for list in ["services", "endpoints", "findings", "actors", "sources"] {
        let ours = world.get(&format!("/v1/{list}")).await.json();
        let id = ours["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{list}: {ours}"));
        let theirs = world.ask("GET", &format!("/v1/{list}"), &stranger, &[], "").await.json();
        assert_eq!(theirs["total"], 0, "{list}");
        let one = world.ask("GET", &format!("/v1/{list}/{id}"), &stranger, &[], "").await;
        assert_eq!(one.status, 404, "{list}/{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_sees_owned_services_only() {
    let world = World::new().await;
    world.learn(&sample()).await;
    let developer = world.token("default", Role::Developer, &[Scope::Read, Scope::Triage], &["shop.example"]).await;
    let get = async |path: &str| world.ask("GET", path, &developer, &[], "").await;
    for path in [
        "/v1/services",
        "/v1/endpoints",
        "/v1/findings",
        "/v1/detections",
        "/v1/incidents",
        "/v1/abuse-cases",
        "/v1/changes",
        "/v1/overview",
        "/v1/specs",
    ] {
        let answer = get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text.contains("bank.example"), "{path}: {}", answer.text);
    }
    assert_eq!(get("/v1/services").await.json()["total"], 1);
    assert_eq!(get("/v1/overview").await.json()["stats"]["exchanges"], 30);
    let banks = world.get("/v1/endpoints?service=bank.example").await.json();
    let id = banks["items"][0]["id"].as_str().unwrap();
    assert_eq!(get(&format!("/v1/endpoints/{id}")).await.status, 404);
    assert_eq!(get(&format!("/v1/endpoints/{id}/changes")).await.status, 404);
    let findings = world.get("/v1/findings?service=bank.example").await.json();
    let finding = findings["items"][0]["id"].as_str().unwrap_or_else(|| panic!("{findings}"));
    let judged = world
        .ask("PATCH", &format!("/v1/findings/{finding}"), &developer, &[("if-match", "*")], r#"{"state":"open"}"#)
        .await;
    assert_eq!(judged.status, 404);
    for path in ["/v1/sources", "/v1/actors", "/v1/compliance"] {
        assert_eq!(get(path).await.status, 403, "{path} cannot be limited to services");
    }
}

#[test]
fn a_route_that_is_not_in_the_table_is_nobodys() {
    assert_eq!(access::of("GET", "/v1/forgotten"), None);
    assert_eq!(Access::Nobody.allows(None).unwrap_err().kind(), Kind::Forbidden);
}
