//! An OpenID Connect provider on loopback, which can be told to lie.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::extract::State as Extract;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;

/// What the provider does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    Nothing,
    Nonce,
    Audience,
    Issuer,
    Expired,
    Signature,
    Unsigned,
    NoToken,
}

/// The provider; cheap to clone.
#[derive(Clone)]
pub(super) struct Provider(Arc<Inner>);

struct Inner {
    issuer: String,
    key: Mutex<EcdsaKeyPair>,
    lie: Mutex<Lie>,
    /// What was asked for and who says it is they, by code.
    logins: Mutex<BTreeMap<String, (BTreeMap<String, String>, Value)>>,
}

fn new_key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

impl Provider {
    /// Listens on a free port until the test's runtime ends.
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self(Arc::new(Inner {
            issuer,
            key: Mutex::new(new_key()),
            lie: Mutex::new(Lie::Nothing),
            logins: Mutex::default(),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub(super) fn settings(&self) -> AuthSettings {
        let oidc = oidc::OidcSettings {
            title: "Example".to_owned(),
            issuer: self.0.issuer.clone(),
            client_id: "vedette".to_owned(),
            client_secret: Some("hush".into()),
            scopes: vec!["profile".to_owned()],
            groups_claim: "groups".to_owned(),
            roles: vec![("readers".to_owned(), Role::Viewer), ("makers".to_owned(), Role::Developer)],
            default_role: None,
            services: vec![("makers".to_owned(), vec!["shop".to_owned()])],
            tenant: "default".to_owned(),
        };
        AuthSettings { secure: false, public_url: Some("http://vedette.test/".to_owned()), oidc: Some(oidc) }
    }

    pub(super) fn lie(&self, lie: Lie) {
        *self.0.lie.lock().unwrap() = lie;
    }

    pub(super) fn change_key(&self) {
        *self.0.key.lock().unwrap() = new_key();
    }

    /// Somebody logs in at the page that `url` asks for; returns the path that the provider sends the browser to.
    pub(super) fn log_in(&self, url: &str, claims: Value) -> String {
        let (page, query) = url.split_once('?').unwrap();
        assert_eq!(page, format!("{}/authorize", self.0.issuer));
        let asked: BTreeMap<String, String> =
            openidconnect::url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(asked["redirect_uri"], "http://vedette.test/v1/oidc/callback");
        assert_eq!((asked["code_challenge_method"].as_str(), asked["scope"].as_str()), ("S256", "openid profile"));
        let mut logins = self.0.logins.lock().unwrap();
        let code = format!("code{}", logins.len());
        let path = format!("/v1/oidc/callback?code={code}&state={}&session_state=x", asked["state"]);
        logins.insert(code, (asked, claims));
        path
    }

    fn sign(&self, mut claims: Value, nonce: &str) -> String {
        let lie = *self.0.lie.lock().unwrap();
        #[expect(clippy::disallowed_methods, reason = "the library compares with the real clock")]
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let issuer = if lie == Lie::Issuer { "http://127.0.0.1:1" } else { self.0.issuer.as_str() };
        claims["iss"] = json!(issuer);
        claims["aud"] = json!(if lie == Lie::Audience { "another" } else { "vedette" });
        claims["nonce"] = json!(if lie == Lie::Nonce { "another" } else { nonce });
        claims["iat"] = json!(now - 10);
        claims["exp"] = json!(if lie == Lie::Expired { now - 5 } else { now + 300 });
        let header = match lie {
            Lie::Unsigned => json!({"alg": "none"}),
            _ => json!({"alg": "ES256", "kid": "k"}),
        };
        let text = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let signed_by_another = new_key();
        let signature = match lie {
            Lie::Unsigned => Vec::new(),
            Lie::Signature => signature(&signed_by_another, &text),
            _ => signature(&self.0.key.lock().unwrap(), &text),
        };
        format!("{text}.{}", BASE64.encode(signature))
    }
}

fn signature(key: &EcdsaKeyPair, text: &str) -> Vec<u8> {
    key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec()
}

async fn describe(Extract(provider): Extract<Provider>) -> Json<Value> {
    let issuer = &provider.0.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn keys(Extract(provider): Extract<Provider>) -> Json<Value> {
    let key = provider.0.key.lock().unwrap();
    // Uncompressed: a byte 4, then x and y of 32 bytes each.
    let point = key.public_key().as_ref();
    let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..65]));
    Json(json!({"keys": [{"kty": "EC", "use": "sig", "crv": "P-256", "kid": "k", "alg": "ES256", "x": x, "y": y}]}))
}

async fn token(
    Extract(provider): Extract<Provider>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    // A code works once.
    let login = provider.0.logins.lock().unwrap().remove(&form["code"]);
    let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode("vedette:hush"));
    let known = headers.get("authorization").is_some_and(|value| value.to_str().unwrap() == basic);
    let verified = login.as_ref().is_some_and(|(asked, _)| {
        BASE64.encode(Sha256::digest(form["code_verifier"].as_bytes())) == asked["code_challenge"]
            && form["redirect_uri"] == asked["redirect_uri"]
    });
    let (true, true, Some((asked, claims))) = (known, verified, login) else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"})));
    };
    let mut answer = json!({"access_token": "secret-access", "token_type": "Bearer"});
    if *provider.0.lie.lock().unwrap() != Lie::NoToken {
        answer["id_token"] = json!(provider.sign(claims, &asked["nonce"]));
    }
    (StatusCode::OK, Json(answer))
}
