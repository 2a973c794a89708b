//! Login at an OpenID Connect provider: authorization code flow with PKCE, state and nonce.
//!
//! What must survive the trip to the provider (state, nonce, PKCE verifier, where to return) travels in the browser's
//! own cookie, sealed with the data key: nothing is kept here, so nothing can be flooded, and any node can finish what
//! another began. The provider is asked over HTTPS only (plain HTTP on loopback, for tests), never redirected, and its
//! answers are bounded. Groups decide the role at every login: the provider is the authority on its users.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenClaims, IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope as OidcScope, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tracing::warn;
use vedette_model::Timestamp;
use vedette_model::limits::{GROUPS_MAX, NAME_BYTES_MAX};
use vedette_store::keys::DataKey;

use super::session::later;
use super::{Role, factor};
use crate::problem::{Kind, Problem};

mod http;
pub(super) mod users;

pub use http::HttpError;

/// How long a login at the provider may take.
pub const TRIP_MAX: Duration = Duration::from_mins(10);

/// How long the provider's description and keys are believed.
const METADATA_AGE_MAX: Duration = Duration::from_hours(1);

/// How often they are fetched anew because a signature did not fit (the provider changed its keys).
const METADATA_AGE_MIN: Duration = Duration::from_mins(1);

/// Label of the key that seals trips.
const LABEL: &str = "oidc trip";

/// How to log in at a provider.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// What the button says.
    pub title: String,
    /// The provider's issuer URL, exactly as its tokens say it.
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// Our secret there; none for a public client.
    pub client_secret: Option<SecretString>,
    /// Scopes to ask for besides `openid`.
    pub scopes: Vec<String>,
    /// Claim that lists the user's groups.
    pub groups_claim: String,
    /// Group and the role that it gives; of several the most trusted holds.
    pub roles: Vec<(String, Role)>,
    /// Role of users in none of these groups; `None` keeps them out.
    pub default_role: Option<Role>,
    /// Group and the services that it owns, for developers.
    pub services: Vec<(String, Vec<String>)>,
    /// Tenant of the users.
    pub tenant: String,
}

/// Why OIDC cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// `public_url` is missing: the provider must know where to return to.
    #[error("the address under which people reach this server is not configured")]
    NoPublicUrl,
    /// The issuer is no URL, or not under HTTPS.
    #[error("the issuer must be an https:// URL")]
    Issuer,
    /// `public_url` is no URL.
    #[error("the address under which people reach this server is not a URL")]
    PublicUrl,
    /// No client for HTTP.
    #[error("the client for the provider could not be made")]
    Http(#[from] HttpError),
}

/// Login at one provider.
#[derive(Debug)]
pub struct Oidc {
    settings: OidcSettings,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    http: http::Http,
    metadata: Mutex<Option<Arc<Metadata>>>,
}

#[derive(Debug)]
struct Metadata {
    provider: CoreProviderMetadata,
    fetched_at: Timestamp,
}

/// A login that begins: where the browser goes, and the sealed trip it takes along.
#[derive(Debug)]
pub struct Departure {
    /// The provider's page.
    pub url: String,
    /// For the cookie.
    pub trip: SecretString,
}

/// A login that the provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Issuer and subject: who this is, for good.
    pub subject: String,
    /// How to call them.
    pub name: String,
    /// Role by their groups; `None`: they may not come in.
    pub role: Option<Role>,
    /// Services by their groups.
    pub services: Vec<String>,
    /// Path to return to.
    pub return_to: String,
}

/// What travels with the browser.
#[derive(Serialize, Deserialize)]
struct Trip {
    state: String,
    nonce: String,
    verifier: String,
    return_to: String,
    ends_at: i64,
}

/// Claims that the standard does not name; groups are among them.
#[derive(Debug, Serialize, Deserialize)]
struct OtherClaims {
    #[serde(flatten)]
    all: serde_json::Map<String, serde_json::Value>,
}

impl AdditionalClaims for OtherClaims {}

type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;

type TokenFields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type TokenAnswer = StandardTokenResponse<TokenFields, CoreTokenType>;

type OidcClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Oidc {
    /// Checks the settings; asks nobody yet.
    pub fn new(settings: OidcSettings, public_url: Option<&str>) -> Result<Self, OidcError> {
        let public_url = public_url.ok_or(OidcError::NoPublicUrl)?.trim_end_matches('/');
        let redirect = RedirectUrl::new(format!("{public_url}/v1/oidc/callback")).map_err(|_| OidcError::PublicUrl)?;
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| OidcError::Issuer)?;
        if !http::is_allowed(issuer.url()) {
            return Err(OidcError::Issuer);
        }
        Ok(Self { settings, issuer, redirect, http: http::Http::new()?, metadata: Mutex::default() })
    }

    /// What the button says.
    pub fn title(&self) -> &str {
        &self.settings.title
    }

    /// Tenant of the users.
    pub fn tenant(&self) -> &str {
        &self.settings.tenant
    }

    /// Begins a login that will return to the path `return_to`.
    pub async fn depart(&self, key: &DataKey, return_to: &str, now: Timestamp) -> Result<Departure, Problem> {
        let metadata = self.metadata(METADATA_AGE_MAX, now).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(&metadata);
        let mut request =
            client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
        for scope in &self.settings.scopes {
            request = request.add_scope(OidcScope::new(scope.clone()));
        }
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        let trip = Trip {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            return_to: safe_path(return_to).to_owned(),
            ends_at: later(now, TRIP_MAX).0,
        };
        let text = serde_json::to_vec(&trip).map_err(|error| Problem::internal(&error))?;
        let sealed = key.seal(LABEL, &self.settings.issuer, &text).map_err(|error| Problem::internal(&error))?;
        Ok(Departure { url: url.into(), trip: sealed.into() })
    }

    /// Ends a login: the provider's `code` and `state`, and the trip from the cookie.
    pub async fn arrive(
        &self,
        key: &DataKey,
        trip: &SecretString,
        state: &str,
        code: String,
        now: Timestamp,
    ) -> Result<Arrival, Problem> {
        let trip = self.unseal(key, trip, now)?;
        if !factor::same(trip.state.as_bytes(), state.as_bytes()) {
            return Err(refused("the answer belongs to another login"));
        }
        let metadata = self.metadata(METADATA_AGE_MAX, now).await?;
        let client = self.client(&metadata);
        let exchange = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| Problem::internal(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(trip.verifier));
        let answer = exchange.request_async(&self.http).await.map_err(|error| {
            warn!(error = &error as &dyn std::error::Error, "the OIDC provider did not take the code");
            refused("the provider did not take the code")
        })?;
        let token = answer.id_token().ok_or_else(|| refused("the provider sent no id token"))?;
        let nonce = Nonce::new(trip.nonce);
        let claims = match token.claims(&client.id_token_verifier(), &nonce) {
            Ok(claims) => ClaimParts::of(claims),
            Err(first) => {
                // The keys may be new; anything else fails again.
                let metadata = self.metadata(METADATA_AGE_MIN, now).await?;
                let client = self.client(&metadata);
                let again = token.claims(&client.id_token_verifier(), &nonce).map(ClaimParts::of);
                again.map_err(|_| {
                    warn!(error = &first as &dyn std::error::Error, "the OIDC provider's token was refused");
                    refused("the provider's token does not verify")
                })?
            }
        };
        Ok(self.arrival(&claims, trip.return_to))
    }

    fn unseal(&self, key: &DataKey, trip: &SecretString, now: Timestamp) -> Result<Trip, Problem> {
        let text = key.unseal(LABEL, &self.settings.issuer, trip.expose_secret());
        let trip = text.and_then(|text| serde_json::from_slice::<Trip>(&text).ok());
        trip.filter(|trip| now.0 < trip.ends_at).ok_or_else(|| refused("the login took too long or began elsewhere"))
    }

    fn arrival(&self, claims: &ClaimParts, return_to: String) -> Arrival {
        let groups = groups_of(&claims.other, &self.settings.groups_claim);
        let in_group = |group: &String| groups.iter().any(|name| name == group);
        let role = self.settings.roles.iter().filter(|(group, _)| in_group(group)).map(|(_, role)| *role).max();
        let owned = self.settings.services.iter().filter(|(group, _)| in_group(group));
        let mut services: Vec<String> = owned.flat_map(|(_, services)| services.iter().cloned()).collect();
        services.sort();
        services.dedup();
        Arrival {
            subject: format!("{} {}", self.settings.issuer, claims.subject),
            name: user_name(claims),
            role: role.or(self.settings.default_role),
            services,
            return_to,
        }
    }

    /// The provider's description and keys, not older than `age`.
    async fn metadata(&self, age: Duration, now: Timestamp) -> Result<Arc<Metadata>, Problem> {
        let kept = self.metadata.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| now < later(kept.fetched_at, age)) {
            return Ok(kept);
        }
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await;
        let provider = found.map_err(|error| {
            warn!(error = &error as &dyn std::error::Error, "the OIDC provider cannot be reached");
            Problem::new(Kind::Unavailable, "the login provider cannot be reached").retry_after_secs(30)
        })?;
        let fresh = Arc::new(Metadata { provider, fetched_at: now });
        *self.metadata.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    fn client(&self, metadata: &Metadata) -> OidcClient {
        let secret = self.settings.client_secret.as_ref();
        Client::from_provider_metadata(
            metadata.provider.clone(),
            ClientId::new(self.settings.client_id.clone()),
            secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned())),
        )
        .set_redirect_uri(self.redirect.clone())
    }
}

/// What is needed of a token's claims.
struct ClaimParts {
    subject: String,
    preferred: Option<String>,
    email: Option<String>,
    other: serde_json::Map<String, serde_json::Value>,
}

impl ClaimParts {
    fn of(claims: &Claims) -> Self {
        Self {
            subject: claims.subject().to_string(),
            preferred: claims.preferred_username().map(|name| name.to_string()),
            email: claims.email().map(|email| email.to_string()),
            other: claims.additional_claims().all.clone(),
        }
    }
}

/// Where to return to: a path of ours, whatever was asked for.
fn safe_path(path: &str) -> &str {
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
    if ours && path.len() <= 2_000 && path.bytes().all(|byte| byte.is_ascii_graphic()) { path } else { "/" }
}

/// The groups in a claim: a list of names, or one name.
fn groups_of(claims: &serde_json::Map<String, serde_json::Value>, claim: &str) -> Vec<String> {
    match claims.get(claim) {
        Some(serde_json::Value::String(group)) => vec![group.clone()],
        Some(serde_json::Value::Array(groups)) => {
            groups.iter().filter_map(serde_json::Value::as_str).take(GROUPS_MAX).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

/// How to call a user: as the provider does, made to fit.
fn user_name(claims: &ClaimParts) -> String {
    let name = claims.preferred.as_deref().or(claims.email.as_deref()).unwrap_or(&claims.subject);
    let mut name: String = name.chars().filter(|char| !char.is_control()).collect::<String>().to_lowercase();
    name.truncate(name.floor_char_boundary(NAME_BYTES_MAX));
    name
}

fn refused(why: &str) -> Problem {
    Problem::new(Kind::Unauthenticated, why).hint("log in again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_returns_to_our_own_pages_only() {
        assert_eq!(safe_path("/findings?state=open#x"), "/findings?state=open#x");
        for foreign in ["https://evil.test", "//evil.test", "/\\evil.test", "evil", "", "/a\r\nset-cookie: a=b"] {
            assert_eq!(safe_path(foreign), "/", "{foreign}");
        }
    }

    #[test]
    fn providers_in_the_clear_are_refused() {
        let settings = |issuer: &str| OidcSettings {
            title: "Example".to_owned(),
            issuer: issuer.to_owned(),
            client_id: "vedette".to_owned(),
            client_secret: Some("hush".into()),
            scopes: Vec::new(),
            groups_claim: "groups".to_owned(),
            roles: Vec::new(),
            default_role: None,
            services: Vec::new(),
            tenant: "default".to_owned(),
        };
        let of = |issuer: &str, url: Option<&str>| Oidc::new(settings(issuer), url);
        let public = Some("https://vedette.test");
        assert!(of("https://id.test", public).is_ok());
        assert!(of("http://127.0.0.1:1", public).is_ok());
        assert!(matches!(of("http://id.test", public), Err(OidcError::Issuer)));
        assert!(matches!(of("id.test", public), Err(OidcError::Issuer)));
        assert!(matches!(of("https://id.test", None), Err(OidcError::NoPublicUrl)));
        assert!(!format!("{:?}", settings("https://id.test")).contains("hush"));
    }
}
