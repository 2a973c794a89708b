//! Login at a provider.

use super::provider::{Lie, Provider};
use super::*;

/// A browser's trip to the provider and back, logging in there as `claims` say. Returns where it ends.
async fn trip(server: &Server, provider: &Provider, browser: &mut Client, claims: Value) -> String {
    let start = browser.get("/v1/oidc/start?return=/findings").await.expect(StatusCode::SEE_OTHER);
    let cookie = start.headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
    let back = provider.log_in(start.headers["location"].to_str().unwrap(), claims);
    let end = browser.get(&back).await.expect(StatusCode::SEE_OTHER);
    assert!(!browser.cookie.clone().unwrap_or_default().contains("trip"), "the trip is over");
    // The same answer once more leads nowhere: the trip is gone, and the code is used.
    let again = server.browser().get(&back).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(again.headers["location"], "/login?problem=oidc-failed");
    end.headers["location"].to_str().unwrap().to_owned()
}

fn ada(groups: &[&str]) -> Value {
    json!({"sub": "248289761001", "preferred_username": "Ada", "groups": groups})
}

#[tokio::test]
async fn a_user_of_the_provider_comes_in_with_the_role_of_their_groups() {
    let provider = Provider::start().await;
    let server = Server::with(provider.settings()).await;
    let options = server.browser().get("/v1/login").await.expect(StatusCode::OK);
    assert_eq!(options.body, json!({"oidc": {"name": "Example"}}));
    let mut browser = server.browser();
    assert_eq!(trip(&server, &provider, &mut browser, ada(&["readers"])).await, "/findings");
    let me = browser.get("/v1/me").await.expect(StatusCode::OK);
    assert_eq!((&me.body["name"], &me.body["role"]), (&json!("ada"), &json!("viewer")));
    // Other groups at the next login: other rights, and the sessions from before are over.
    let mut second = server.browser();
    assert_eq!(trip(&server, &provider, &mut second, ada(&["readers", "makers"])).await, "/findings");
    let me = second.get("/v1/me").await.expect(StatusCode::OK);
    assert_eq!((&me.body["role"], &me.body["services"]), (&json!("developer"), &json!(["shop"])));
    assert_eq!(browser.status().await, StatusCode::UNAUTHORIZED);
    let users = server.root().get("/v1/users").await;
    assert_eq!(users.body["items"].as_array().unwrap().len(), 2, "the same user");
    second.csrf = me.body["csrf"].as_str().map(str::to_owned);
    let password = Some(json!({"new": PASSWORD}));
    second.send("PUT", "/v1/me/password", password).await.expect(StatusCode::CONFLICT);
}

#[tokio::test]
async fn strangers_to_the_groups_and_takers_of_names_stay_out() {
    let provider = Provider::start().await;
    let server = Server::with(provider.settings()).await;
    let mut browser = server.browser();
    assert_eq!(trip(&server, &provider, &mut browser, ada(&["others"])).await, "/login?problem=oidc-denied");
    let claims = json!({"sub": "1", "preferred_username": "admin", "groups": ["readers"]});
    assert_eq!(trip(&server, &provider, &mut browser, claims).await, "/login?problem=oidc-taken");
    assert_eq!(browser.status().await, StatusCode::UNAUTHORIZED);
    let refused = browser.get("/v1/oidc/callback?error=access_denied&state=x").await.expect(StatusCode::SEE_OTHER);
    assert_eq!(refused.headers["location"], "/login?problem=oidc-denied");
    trip(&server, &provider, &mut browser, ada(&["readers"])).await;
    let id = server.root().get("/v1/users").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/users/{id}");
    server.root().send("PATCH", &path, Some(json!({"disabled": true}))).await.expect(StatusCode::OK);
    assert_eq!(trip(&server, &provider, &mut browser, ada(&["readers"])).await, "/login?problem=oidc-denied");
}

#[tokio::test]
async fn tokens_that_do_not_verify_let_nobody_in() {
    let provider = Provider::start().await;
    let server = Server::with(provider.settings()).await;
    for lie in [Lie::Nonce, Lie::Audience, Lie::Issuer, Lie::Expired, Lie::Signature, Lie::Unsigned, Lie::NoToken] {
        provider.lie(lie);
        let mut browser = server.browser();
        let end = trip(&server, &provider, &mut browser, ada(&["readers"])).await;
        assert_eq!(end, "/login?problem=oidc-failed", "{lie:?}");
        assert_eq!(browser.status().await, StatusCode::UNAUTHORIZED, "{lie:?}");
    }
    provider.lie(Lie::Nothing);
    assert_eq!(trip(&server, &provider, &mut server.browser(), ada(&["readers"])).await, "/findings");
}

#[tokio::test]
async fn an_answer_fits_its_own_trip_only() {
    let provider = Provider::start().await;
    let server = Server::with(provider.settings()).await;
    let (mut ours, mut evil) = (server.browser(), server.browser());
    let start = evil.get("/v1/oidc/start").await;
    let theirs = provider.log_in(start.headers["location"].to_str().unwrap(), ada(&["readers"]));
    ours.get("/v1/oidc/start").await.expect(StatusCode::SEE_OTHER);
    let planted = ours.get(&theirs).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(planted.headers["location"], "/login?problem=oidc-failed", "nobody is logged in as somebody else");
    let start = ours.get("/v1/oidc/start").await;
    let back = provider.log_in(start.headers["location"].to_str().unwrap(), ada(&["readers"]));
    advance(601);
    let late = ours.get(&back).await.expect(StatusCode::SEE_OTHER);
    assert_eq!(late.headers["location"], "/login?problem=oidc-failed", "it took too long");
}

#[tokio::test]
async fn a_provider_may_change_its_keys() {
    let provider = Provider::start().await;
    let server = Server::with(provider.settings()).await;
    assert_eq!(trip(&server, &provider, &mut server.browser(), ada(&["readers"])).await, "/findings");
    provider.change_key();
    advance(61);
    assert_eq!(trip(&server, &provider, &mut server.browser(), ada(&["readers"])).await, "/findings");
}

#[tokio::test]
async fn without_a_provider_there_is_no_way_through_one() {
    let server = Server::new().await;
    assert_eq!(server.browser().get("/v1/login").await.body, json!({"oidc": null}));
    server.browser().get("/v1/oidc/start").await.expect(StatusCode::NOT_FOUND);
    server.browser().get("/v1/oidc/callback").await.expect(StatusCode::NOT_FOUND);
}
