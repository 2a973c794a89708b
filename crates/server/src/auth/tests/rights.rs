//! Users, tokens, tenants, audit: who may, and what it leaves behind.

use super::*;

#[tokio::test]
async fn users_are_managed_by_administrators_by_version() {
    let server = Server::new().await;
    let mut root = server.root();
    let (id, mut ada) = server.user("Ada", "developer", &["shop", "shop"]).await;
    let path = format!("/v1/users/{id}");
    let shown = root.get(&path).await.expect(StatusCode::OK);
    assert_eq!((&shown.body["name"], &shown.body["services"]), (&json!("ada"), &json!(["shop"])));
    assert!(!shown.body.to_string().contains("argon2"), "hashes stay here");
    ada.get(&path).await.expect(StatusCode::FORBIDDEN);
    ada.get("/v1/users").await.expect(StatusCode::FORBIDDEN);
    let taken = json!({"name": " ADA", "role": "viewer"});
    root.send("POST", "/v1/users", Some(taken)).await.expect(StatusCode::CONFLICT);
    for wrong in [
        json!({"name": "", "role": "viewer"}),
        json!({"name": "a\nb", "role": "viewer"}),
        json!({"name": "x", "role": "god"}),
        json!({"name": "x", "role": "viewer", "password": "short"}),
        json!({"name": "x", "role": "viewer", "admin": true}),
    ] {
        root.send("POST", "/v1/users", Some(wrong)).await.expect(StatusCode::BAD_REQUEST);
    }
    let etag = shown.headers["etag"].to_str().unwrap().to_owned();
    let change = Some(json!({"role": "analyst"}));
    let changed = root.send_with("PATCH", &path, change.clone(), &[("if-match", &etag)]).await.expect(StatusCode::OK);
    assert_eq!(changed.body["role"], "analyst");
    let late = root.send_with("PATCH", &path, change, &[("if-match", &etag)]).await;
    late.expect(StatusCode::PRECONDITION_FAILED);
    assert_eq!(ada.status().await, StatusCode::UNAUTHORIZED, "the session ended with the rights");
    root.send("DELETE", &path, None).await.expect(StatusCode::NO_CONTENT);
    root.get(&path).await.expect(StatusCode::NOT_FOUND);
    let me = root.get("/v1/users").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/users/{me}");
    root.send("DELETE", &path, None).await.expect(StatusCode::CONFLICT);
    root.send("PATCH", &path, Some(json!({"disabled": true}))).await.expect(StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_disabled_user_is_out_and_so_are_their_tokens() {
    let server = Server::new().await;
    let (id, mut ada) = server.user("ada", "analyst", &[]).await;
    let made = ada.send("POST", "/v1/tokens", Some(json!({"name": "mine", "scopes": ["read"]}))).await;
    let secret = made.expect(StatusCode::CREATED).body["secret"].as_str().unwrap().to_owned();
    let mut program = server.program(&secret);
    assert_eq!(program.status().await, StatusCode::OK);
    let path = format!("/v1/users/{id}");
    server.root().send("PATCH", &path, Some(json!({"disabled": true}))).await.expect(StatusCode::OK);
    assert_eq!((ada.status().await, program.status().await), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    ada.login("ada", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    server.root().send("PATCH", &path, Some(json!({"disabled": false}))).await.expect(StatusCode::OK);
    assert_eq!(program.status().await, StatusCode::OK);
}

#[tokio::test]
async fn a_token_does_not_exceed_its_maker() {
    let server = Server::new().await;
    let (_, mut ada) = server.user("ada", "developer", &["shop"]).await;
    let mut refused = async |body: Value| ada.send("POST", "/v1/tokens", Some(body)).await.status;
    for scope in ["ingest", "hunt", "admin"] {
        assert_eq!(refused(json!({"name": "x", "scopes": [scope]})).await, StatusCode::FORBIDDEN, "{scope}");
    }
    let bank = json!({"name": "x", "scopes": ["read"], "services": ["bank"]});
    assert_eq!(refused(bank).await, StatusCode::FORBIDDEN);
    assert_eq!(refused(json!({"name": "x", "scopes": []})).await, StatusCode::BAD_REQUEST);
    let past = json!({"name": "x", "scopes": ["read"], "expires_at": "2001-01-01T00:00:00Z"});
    assert_eq!(refused(past).await, StatusCode::BAD_REQUEST);
    let made = ada.send("POST", "/v1/tokens", Some(json!({"name": "x", "scopes": ["read", "triage"]}))).await;
    let secret = made.expect(StatusCode::CREATED).body["secret"].as_str().unwrap().to_owned();
    let me = server.program(&secret).get("/v1/me").await.expect(StatusCode::OK);
    assert_eq!((&me.body["role"], &me.body["services"]), (&json!("developer"), &json!(["shop"])));
    assert_eq!(me.body["csrf"], Value::Null);
}

#[tokio::test]
async fn tokens_expire_are_revoked_and_belong_to_somebody() {
    let server = Server::new().await;
    let end = clock().0 / 1_000_000 + 100;
    let expires_at = serde_json::to_value(Timestamp::from_secs(end)).unwrap();
    let mut short = server.token(json!({"name": "short", "scopes": ["read"], "expires_at": expires_at})).await;
    assert_eq!(short.status().await, StatusCode::OK);
    short.get("/v1/tokens").await.expect(StatusCode::FORBIDDEN);
    short
        .send("POST", "/v1/tokens", Some(json!({"name": "x", "scopes": ["read"]})))
        .await
        .expect(StatusCode::FORBIDDEN);
    advance(100);
    assert_eq!(short.status().await, StatusCode::UNAUTHORIZED);
    let (_, mut ada) = server.user("ada", "viewer", &[]).await;
    let all = server.root().get("/v1/tokens").await.expect(StatusCode::OK);
    assert_eq!(all.body["items"].as_array().unwrap().len(), 2);
    assert!(!all.body.to_string().contains("vdt_"), "secrets are shown once");
    assert_eq!(ada.get("/v1/tokens").await.body["items"], json!([]));
    let id = all.body["items"][0]["id"].as_str().unwrap();
    let path = format!("/v1/tokens/{id}");
    ada.send("DELETE", &path, None).await.expect(StatusCode::NOT_FOUND);
    server.root().send("DELETE", &path, None).await.expect(StatusCode::NO_CONTENT);
    server.root().send("DELETE", &path, None).await.expect(StatusCode::NOT_FOUND);
    let mut basic = server.browser();
    basic.send_with("GET", "/v1/me", None, &[("authorization", "Basic eDp5")]).await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tenants_are_apart_and_run_by_the_default_one() {
    let server = Server::new().await;
    let mut root = server.root();
    let acme = json!({"id": "acme", "title": "Acme"});
    let made = root.send("POST", "/v1/tenants", Some(acme.clone())).await.expect(StatusCode::CREATED);
    root.send("POST", "/v1/tenants", Some(acme)).await.expect(StatusCode::CONFLICT);
    root.send("POST", "/v1/tenants", Some(json!({"id": "../x", "title": "x"}))).await.expect(StatusCode::BAD_REQUEST);
    let mut theirs = server.program(made.body["admin_token"].as_str().unwrap());
    assert_eq!(theirs.get("/v1/me").await.body["tenant"], "acme");
    theirs.get("/v1/tenants").await.expect(StatusCode::FORBIDDEN);
    theirs.send("POST", "/v1/tenants", Some(json!({"id": "b", "title": "b"}))).await.expect(StatusCode::FORBIDDEN);
    assert_eq!(theirs.get("/v1/users").await.body["items"].as_array().unwrap().len(), 1);
    let (ada, _) = server.user("ada", "viewer", &[]).await;
    theirs.get(&format!("/v1/users/{ada}")).await.expect(StatusCode::NOT_FOUND);
    theirs.send("DELETE", &format!("/v1/users/{ada}"), None).await.expect(StatusCode::NOT_FOUND);
    assert!(!theirs.get("/v1/audit").await.body.to_string().contains("tenant.create"));
    // A password works in its own tenant only.
    let body = json!({"name": "ada", "password": PASSWORD, "tenant": "acme"});
    server.browser().log_in(body).await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_was_done_is_in_the_audit_log_without_secrets() {
    let server = Server::new().await;
    let (_, mut ada) = server.user("ada", "viewer", &[]).await;
    server.browser().login("ada", "not the password").await.expect(StatusCode::UNAUTHORIZED);
    server.token(json!({"name": "ci", "scopes": ["ingest"]})).await;
    ada.get("/v1/audit").await.expect(StatusCode::FORBIDDEN);
    let log = server.root().get("/v1/audit?limit=3").await.expect(StatusCode::OK);
    let entries = log.body["items"].as_array().unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["token.create", "login.refused", "login"]);
    assert_eq!(entries[1]["actor"], "user:ada");
    assert_eq!(entries[0]["address"], "192.0.2.1");
    let next = log.body["next"].as_u64().unwrap();
    let rest = server.root().get(&format!("/v1/audit?before={next}")).await.expect(StatusCode::OK);
    assert_eq!(rest.body["next"], Value::Null);
    let whole = format!("{}{}", log.body, rest.body);
    assert!(!whole.contains("argon2") && !whole.contains("vdt_") && !whole.contains(PASSWORD), "{whole}");
    let filtered = server.root().get("/v1/audit?action=login.refused").await.expect(StatusCode::OK);
    assert_eq!(filtered.body["items"].as_array().unwrap().len(), 1);
    for wrong in ["limit=0", "limit=1001", "before=x", "actor=%00", "who=ada"] {
        server.root().get(&format!("/v1/audit?{wrong}")).await.expect(StatusCode::BAD_REQUEST);
    }
    let verified = server.root().get("/v1/audit/verify").await.expect(StatusCode::OK);
    assert_eq!((&verified.body["whole"], &verified.body["faults"]), (&json!(true), &json!([])));
    assert!(server.auth.state().verify_audit("default", None).await.unwrap().is_whole());
}

#[tokio::test]
async fn nothing_but_the_ways_in_is_open_to_strangers() {
    let server = Server::new().await;
    let (_, mut viewer) = server.user("ada", "viewer", &[]).await;
    let mut ingest = server.token(json!({"name": "ci", "scopes": ["ingest"]})).await;
    let (_, document) = router().split_for_parts();
    let paths = serde_json::to_value(document).unwrap()["paths"].as_object().unwrap().clone();
    let mut seen = 0;
    for (path, operations) in &paths {
        for method in operations.as_object().unwrap().keys().filter(|method| method.len() <= 6) {
            let (method, path) = (method.to_uppercase(), path.replace("{id}", "x"));
            let open = path == "/v1/login" || path.starts_with("/v1/oidc");
            seen += 1;
            let stranger = server.browser().send(&method, &path, None).await.status;
            assert_eq!(stranger == StatusCode::UNAUTHORIZED, !open, "{method} {path}: {stranger}");
            let own = open || ["/v1/me", "/v1/tokens", "/v1/logout"].iter().any(|own| path.starts_with(own));
            if !own {
                let refused = viewer.send(&method, &path, None).await.status;
                assert_eq!(refused, StatusCode::FORBIDDEN, "{method} {path}");
                let refused = ingest.send(&method, &path, None).await.status;
                assert_eq!(refused, StatusCode::FORBIDDEN, "{method} {path}");
            }
        }
    }
    assert_eq!(seen, 23, "a new route must be thought of here");
}
