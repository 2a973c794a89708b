//! In, out, and what ends a session.

use totp_rs::Totp;
use vedette_model::limits::{SESSION_IDLE_MAX, SESSION_LIFE_MAX};

use super::*;

#[tokio::test]
async fn the_first_token_opens_a_session_that_sets_a_password() {
    let server = Server::new().await;
    let mut browser = server.browser();
    assert_eq!(browser.status().await, StatusCode::UNAUTHORIZED);
    let admin = server.admin.clone();
    let answer = browser.log_in(json!({"token": admin})).await.expect(StatusCode::OK);
    assert_eq!(answer.body["user"]["role"], "admin");
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("vedette=") && cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    let me = browser.get("/v1/me").await.expect(StatusCode::OK);
    assert_eq!(me.body["csrf"].as_str(), browser.csrf.as_deref());
    let before = browser.clone();
    let set = browser.send("PUT", "/v1/me/password", Some(json!({"new": PASSWORD}))).await.expect(StatusCode::OK);
    browser.csrf = Some(set.body["csrf"].as_str().unwrap().to_owned());
    assert_eq!(browser.status().await, StatusCode::OK);
    assert_eq!(before.clone().status().await, StatusCode::UNAUTHORIZED, "the session from before is over");
    let wrong = json!({"old": "not the old password", "new": PASSWORD});
    browser.send("PUT", "/v1/me/password", Some(wrong)).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let none = json!({"new": PASSWORD});
    browser.send("PUT", "/v1/me/password", Some(none)).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let short = json!({"old": PASSWORD, "new": "short"});
    browser.send("PUT", "/v1/me/password", Some(short)).await.expect(StatusCode::BAD_REQUEST);
    server.browser().login("admin", PASSWORD).await.expect(StatusCode::OK);
    server.browser().login(" ADMIN ", PASSWORD).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_may_less_opens_no_session() {
    let server = Server::new().await;
    let limited = server.token(json!({"name": "ci", "scopes": ["read", "admin"]})).await.token.unwrap();
    let mut browser = server.browser();
    browser.log_in(json!({"token": limited})).await.expect(StatusCode::UNAUTHORIZED);
    browser.log_in(json!({"token": "vdt_00"})).await.expect(StatusCode::UNAUTHORIZED);
    browser.log_in(json!({})).await.expect(StatusCode::BAD_REQUEST);
    assert_eq!(browser.cookie, None);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_the_same_and_are_slowed_down() {
    let server = Server::new().await;
    server.user("ada", "viewer", &[]).await;
    let mut browser = server.browser();
    let wrong = browser.login("ada", "not the password").await.expect(StatusCode::UNAUTHORIZED);
    let unknown = browser.login("eve", "not the password").await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.body, unknown.body);
    browser.login("ada\u{0}", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    browser.login(&"a".repeat(10_000), PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    for guess in 1..5 {
        let guess = format!("another guess {guess}");
        browser.login("ada", &guess).await.expect(StatusCode::UNAUTHORIZED);
    }
    let mut elsewhere = Client { from: "198.51.100.7", ..server.browser() };
    let slowed = elsewhere.login("ada", PASSWORD).await.expect(StatusCode::TOO_MANY_REQUESTS);
    assert!(slowed.headers.contains_key("retry-after"));
    advance(61);
    elsewhere.login("ada", PASSWORD).await.expect(StatusCode::OK);
    elsewhere.login("ada", "wrong once more").await.expect(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn forged_requests_of_a_session_are_refused() {
    let server = Server::new().await;
    let (_, mut ada) = server.user("ada", "viewer", &[]).await;
    let body = Some(json!({"name": "x", "scopes": ["read"]}));
    let csrf = ada.csrf.take().unwrap();
    ada.send("POST", "/v1/tokens", body.clone()).await.expect(StatusCode::FORBIDDEN);
    let evil = [(session::CSRF_HEADER, csrf.as_str()), ("origin", "https://evil.test")];
    ada.send_with("POST", "/v1/tokens", body.clone(), &evil).await.expect(StatusCode::FORBIDDEN);
    let ours = [(session::CSRF_HEADER, csrf.as_str()), ("origin", "http://vedette.test")];
    ada.send_with("POST", "/v1/tokens", body, &ours).await.expect(StatusCode::CREATED);
    let login = Some(json!({"name": "ada", "password": PASSWORD}));
    let mut other = server.browser();
    let evil = [("origin", "https://evil.test")];
    other.send_with("POST", "/v1/login", login, &evil).await.expect(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_login_ends_the_session_from_before() {
    let server = Server::new().await;
    let (_, mut ada) = server.user("ada", "viewer", &[]).await;
    let mut before = ada.clone();
    ada.login("ada", PASSWORD).await.expect(StatusCode::OK);
    assert_ne!(before.cookie, ada.cookie);
    assert_eq!((before.status().await, ada.status().await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
}

#[tokio::test]
async fn sessions_end_when_idle_and_at_the_latest() {
    let server = Server::new().await;
    let (_, mut ada) = server.user("ada", "viewer", &[]).await;
    let idle = i64::try_from(SESSION_IDLE_MAX.as_secs()).unwrap();
    let life = i64::try_from(SESSION_LIFE_MAX.as_secs()).unwrap();
    let mut past = 0;
    while past + idle - 1 < life {
        advance(idle - 1);
        past += idle - 1;
        assert_eq!(ada.status().await, StatusCode::OK, "after {past} s");
    }
    advance(life - past);
    assert_eq!(ada.status().await, StatusCode::UNAUTHORIZED, "however busy");
    ada.login("ada", PASSWORD).await.expect(StatusCode::OK);
    advance(idle);
    assert_eq!(ada.status().await, StatusCode::UNAUTHORIZED, "idle");
}

#[tokio::test]
async fn logout_ends_one_session_or_all() {
    let server = Server::new().await;
    let (_, mut here) = server.user("ada", "viewer", &[]).await;
    let mut there = server.browser();
    there.login("ada", PASSWORD).await.expect(StatusCode::OK);
    let mut shown = here.clone();
    here.send("POST", "/v1/logout", None).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(here.cookie, None);
    assert_eq!((shown.status().await, there.status().await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    here.login("ada", PASSWORD).await.expect(StatusCode::OK);
    here.send("POST", "/v1/logout?everywhere=true", None).await.expect(StatusCode::NO_CONTENT);
    assert_eq!(there.status().await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_no_code_works_twice() {
    let server = Server::new().await;
    let (_, mut ada) = server.user("ada", "viewer", &[]).await;
    let enrolment = ada.send("POST", "/v1/me/totp", None).await.expect(StatusCode::CREATED);
    let totp = Totp::from_url(enrolment.body["url"].as_str().unwrap()).unwrap();
    let code = || totp.generate(CLOCK.get() as u64).to_string();
    server.browser().login("ada", PASSWORD).await.expect(StatusCode::OK);
    let wrong = json!({"code": "000000"});
    ada.send("POST", "/v1/me/totp/confirm", Some(wrong)).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
    let confirmed = ada.send("POST", "/v1/me/totp/confirm", Some(json!({"code": code()}))).await;
    let recovery = confirmed.expect(StatusCode::OK).body["recovery_codes"].clone();
    ada.send("POST", "/v1/me/totp", None).await.expect(StatusCode::CONFLICT);

    let mut browser = server.browser();
    let needed = browser.login("ada", PASSWORD).await.expect(StatusCode::UNAUTHORIZED);
    assert_eq!(needed.body["errors"][0]["at"], "/code");
    let with = |code: &str| json!({"name": "ada", "password": PASSWORD, "code": code});
    browser.log_in(with(&code())).await.expect(StatusCode::UNAUTHORIZED);
    advance(30);
    let next = code();
    browser.log_in(with(&next)).await.expect(StatusCode::OK);
    server.browser().log_in(with(&next)).await.expect(StatusCode::UNAUTHORIZED);
    let one = recovery[0].as_str().unwrap();
    server.browser().log_in(with(one)).await.expect(StatusCode::OK);
    server.browser().log_in(with(one)).await.expect(StatusCode::UNAUTHORIZED);
    let no_password = json!({"name": "ada", "password": "not the password", "code": recovery[1]});
    server.browser().log_in(no_password).await.expect(StatusCode::UNAUTHORIZED);
    server.browser().log_in(with(recovery[1].as_str().unwrap())).await.expect(StatusCode::OK);

    advance(30);
    let code = json!({"code": code()});
    browser
        .send("POST", "/v1/me/totp/remove", Some(json!({"code": "1"})))
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY);
    browser.send("POST", "/v1/me/totp/remove", Some(code)).await.expect(StatusCode::NO_CONTENT);
    server.browser().login("ada", PASSWORD).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn cookies_are_bound_to_the_host_under_tls() {
    let server = Server::with(AuthSettings { secure: true, ..AuthSettings::default() }).await;
    let mut browser = server.browser();
    let answer = browser.log_in(json!({"token": server.admin})).await.expect(StatusCode::OK);
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-vedette=") && cookie.contains("; Secure"), "{cookie}");
    assert_eq!(browser.status().await, StatusCode::OK);
}
