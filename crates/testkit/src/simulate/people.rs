//! Who calls: customers with their habits, staff, partners; and the networks they call from.

use super::device::Device;
use super::session::Login;
use super::table::{Api, Auth};
use crate::json::Json;
use crate::rng::Rng;
use crate::values::{self, ALPHANUMERIC};

/// Somebody with an account, or a partner with a client of its own.
#[derive(Clone, Debug)]
pub(super) struct User {
    /// What a token says: the `sub`.
    pub(super) sub: String,
    /// What is typed at login.
    pub(super) login: String,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) password: String,
    pub(super) role: String,
    /// The role that this person was hired, or signed up, for: what it does in a visit.
    pub(super) habits: String,
    pub(super) group: usize,
    pub(super) networks: Networks,
    pub(super) browser: Device,
    pub(super) app: Option<Device>,
    /// Hours that this person's day is shifted against UTC.
    pub(super) zone: i64,
    pub(super) key: String,
    /// Objects of this user.
    pub(super) owned: Vec<usize>,
    /// The login that the app keeps.
    pub(super) kept: Option<Login>,
    /// What the app remembers of earlier answers.
    pub(super) remembered: Vec<usize>,
    /// Closed by staff or by its owner.
    pub(super) gone: bool,
}

/// Addresses of a person.
#[derive(Clone, Debug, Default)]
pub(super) struct Networks {
    pub(super) home: String,
    /// Carrier-grade NAT: shared with dozens.
    pub(super) mobile: String,
    /// NAT of the employer.
    pub(super) office: Option<String>,
    /// On a journey: another network for some days.
    pub(super) abroad: Option<String>,
}

/// Addresses that offices share.
const OFFICES: usize = 5;
/// Addresses that mobile networks share.
const CGNAT: usize = 24;

impl Networks {
    pub(super) fn new(rng: &mut Rng) -> Self {
        Self {
            home: household(rng),
            mobile: format!("192.0.2.{}", 10 + rng.below(CGNAT)),
            office: rng.chance(0.35).then(|| format!("203.0.113.{}", 10 + rng.skewed(OFFICES) * 8)),
            abroad: rng.chance(0.03).then(|| household(rng)),
        }
    }
}

/// An address of a household. The ranges for documentation have 762 addresses; a thousand households need the range
/// for benchmarks too (RFC 2544), and newer networks have the one for examples of IPv6 (RFC 3849).
pub(super) fn household(rng: &mut Rng) -> String {
    if rng.chance(0.2) {
        format!("2001:db8:{:x}:{:x}::{:x}", rng.between(16, 90), rng.between(1, 65_000), rng.between(1, 65_000))
    } else {
        format!("198.{}.{}.{}", 18 + rng.below(2), rng.below(250), rng.between(1, 254))
    }
}

/// An address of a hosting company.
pub(super) fn hosted(rng: &mut Rng) -> String {
    format!("198.51.100.{}", rng.between(60, 250))
}

/// A person with a name, before there are objects.
pub(super) fn person(rng: &mut Rng, api: &Api, sub: String, role: &str, group: usize) -> User {
    let (first, last) = values::person(rng);
    let email = values::email(rng, first, last);
    let name = format!("{first} {last}");
    let login =
        if api.auth == Auth::Cookie { email.clone() } else { email.split('@').next().unwrap_or_default().into() };
    let mut networks = Networks::new(rng);
    let staff = role != "customer";
    if staff {
        networks.office = Some("203.0.113.200".into());
    }
    let sdk = (api.auth == Auth::Key && !staff).then(|| Device::sdk(rng));
    User {
        sub,
        login,
        email,
        name,
        password: format!("{}{}", values::slug(rng), rng.below(900) + 100),
        role: role.to_owned(),
        habits: role.to_owned(),
        group,
        networks,
        browser: sdk.clone().unwrap_or_else(|| Device::browser(rng)),
        app: (!staff && sdk.is_none() && rng.chance(0.5)).then(|| Device::app(rng, api.name)),
        zone: if staff { 0 } else { rng.between(-2, 3) },
        key: format!("sk_live_{}", rng.text(ALPHANUMERIC, 32)),
        owned: Vec::new(),
        kept: None,
        remembered: Vec::new(),
        gone: false,
    }
}

/// A program with credentials: a partner, or a service of our own.
pub(super) fn program(rng: &mut Rng, api: &Api, name: &str, role: &str) -> User {
    let ip = if role == "job" { format!("10.20.0.{}", rng.between(10, 60)) } else { hosted(rng) };
    let mut user = person(rng, api, name.to_owned(), role, usize::MAX);
    name.clone_into(&mut user.login);
    name.clone_into(&mut user.name);
    user.networks = Networks { home: ip.clone(), mobile: ip.clone(), office: Some(ip), abroad: None };
    user.browser = Device::server(rng);
    user.app = None;
    user
}

impl User {
    /// A customer or member, neither staff nor a program.
    pub(super) fn is_customer(&self) -> bool {
        self.habits == "customer"
    }

    /// The role as the API calls it.
    pub(super) fn role_shown(&self, api: &Api) -> String {
        if self.role == "customer" { api.called.to_owned() } else { self.role.clone() }
    }

    pub(super) fn is_program(&self) -> bool {
        matches!(self.role.as_str(), "partner" | "job")
    }

    /// Claims of a token of this user; times in seconds.
    pub(super) fn claims(&self, api: &Api, issued: i64, lifetime: i64) -> Json {
        let scope = match self.role.as_str() {
            "customer" => "openid read write".to_owned(),
            role => format!("openid read write {role}"),
        };
        let claims = crate::object! {
            "iss" => format!("https://login.{}.example.com", api.name), "sub" => &self.sub,
            "scope" => scope, "iat" => issued, "exp" => issued + lifetime,
        };
        if self.is_program() { claims.with("client_id", &self.sub) } else { claims.with("role", self.role_shown(api)) }
    }
}
