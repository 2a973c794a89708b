//! What an endpoint is for, told from the words of its path.
//!
//! Only words that people use for one thing: what is not told is `None`, not a guess. Used by risk (a payment matters
//! more than a list of colors), by checks (a login may hand out tokens) and by the inventory.

use std::sync::LazyLock;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;

/// The business function of an endpoint, when its path says so: `login`, `logout`, `sign-up`, `password-reset`,
/// `token`, `mfa`, `payment`, `invoice`, `transfer`, `payout`, `refund`, `coupon`, `order`, `reservation`, `cart`,
/// `search`, `export`, `import`, `upload`, `download`, `admin`, `profile`, `message`, `feedback`, `webhook`, `health`,
/// `metrics`, `docs`, `graphql`, `analytics`, `newsletter`, `captcha`.
pub fn function(method: &str, template: &str) -> Option<&'static str> {
    let mut first: Option<u8> = None;
    let mut consider = |word: &str, last: bool| {
        let numbers = BY_WORD.get(word).map_or(&[][..], SmallVec::as_slice);
        let fits = |rule: &Rule| (last || matches!(rule.place, Place::Anywhere)) && method_fits(rule, method);
        let found = numbers.iter().copied().find(|number| RULES.get(usize::from(*number)).is_some_and(fits));
        first = first.into_iter().chain(found).min();
    };
    let (mut word, mut last) = (String::new(), String::new());
    for segment in segments(template) {
        flatten(segment, &mut word);
        if !word.is_empty() {
            consider(&word, false);
            std::mem::swap(&mut word, &mut last);
        }
    }
    consider(&last, true);
    RULES.get(usize::from(first?)).map(|rule| rule.function)
}

/// The business function of a call behind a path, from its own name (`mutation.login`, `tools/call/refund`).
pub fn of_call(method: &str, name: &str) -> Option<&'static str> {
    function(method, &format!("/{}", name.rsplit(['.', '/']).next().unwrap_or(name)))
}

fn method_fits(rule: &Rule, method: &str) -> bool {
    rule.methods.is_empty() || rule.methods.split(' ').any(|m| m == method)
}

/// Rules by word, in their order: asked for every endpoint by many checks.
static BY_WORD: LazyLock<HashMap<&'static str, SmallVec<[u8; 2]>, FixedState>> = LazyLock::new(|| {
    let mut by_word: HashMap<&'static str, SmallVec<[u8; 2]>, FixedState> = HashMap::default();
    for (number, rule) in (0..).zip(RULES) {
        for word in rule.words {
            by_word.entry(word).or_default().push(number);
        }
    }
    by_word
});

enum Place {
    Anywhere,
    Last,
}

struct Rule {
    function: &'static str,
    place: Place,
    methods: &'static str,
    words: &'static [&'static str],
}

const fn any(function: &'static str, words: &'static [&'static str]) -> Rule {
    Rule { function, place: Place::Anywhere, methods: "", words }
}

const fn last(function: &'static str, methods: &'static str, words: &'static [&'static str]) -> Rule {
    Rule { function, place: Place::Last, methods, words }
}

/// The first that fits wins: what is asked of whom (login, MFA) before where it stands (admin), and that before what
/// it handles. Words are segments in lower case without separators (`sign-in`, `signIn` and `sign_in` are `signin`).
const RULES: &[Rule] = &[
    last(
        "health",
        "",
        &[
            "health",
            "healthz",
            "healthcheck",
            "livez",
            "readyz",
            "live",
            "ready",
            "ping",
            "heartbeat",
            "liveness",
            "readiness",
            "statusz",
        ],
    ),
    any("metrics", &["metrics", "prometheus"]),
    last("login", "", &["login", "signin", "logon", "authenticate", "dologin", "userlogin", "sessions", "auth"]),
    last("logout", "", &["logout", "signout", "logoff"]),
    last("token", "", &["token", "oauth2token", "refreshtoken", "tokenrefresh"]),
    any(
        "password-reset",
        &[
            "passwordreset",
            "resetpassword",
            "forgotpassword",
            "forgot",
            "recoverpassword",
            "passwordforgot",
            "recovery",
        ],
    ),
    any("mfa", &["mfa", "2fa", "otp", "totp", "twofactor", "verifyotp", "onetimepassword"]),
    last("sign-up", "POST PUT GET", &["signup", "register", "registration", "createaccount"]),
    any("docs", &["swagger", "swaggerui", "apidocs", "openapi", "redoc", "swaggerjson", "openapijson", "docs"]),
    any("admin", &["admin", "administration", "administrator", "backoffice", "superuser"]),
    any("refund", &["refund", "refunds", "chargeback", "chargebacks"]),
    any("payment", &["payment", "payments", "pay", "charge", "charges", "checkout", "creditcards", "paymentmethods"]),
    any("invoice", &["invoice", "invoices", "creditnote", "creditnotes"]),
    any("payment", &["billing"]),
    last("transfer", "POST PUT", &["transfer"]),
    any("transfer", &["transfers", "remittances", "standingorders"]),
    last("payout", "POST PUT", &["withdraw", "withdrawal"]),
    any("payout", &["payout", "payouts", "withdrawals"]),
    any("coupon", &["coupon", "coupons", "voucher", "vouchers", "giftcard", "giftcards", "promocode"]),
    any("cart", &["cart", "carts", "basket", "baskets", "basketitems"]),
    any(
        "reservation",
        &["booking", "bookings", "reservation", "reservations", "reserve", "appointment", "appointments"],
    ),
    any("order", &["order", "orders"]),
    last("search", "", &["search", "query", "suggest", "autocomplete", "lookup"]),
    any("export", &["export", "exports", "dump", "backup", "backups"]),
    any("import", &["import", "imports", "bulkimport"]),
    last("upload", "", &["upload", "uploads"]),
    last("download", "", &["download", "downloads"]),
    last("profile", "", &["me", "self", "profile", "whoami", "account", "userinfo", "currentuser", "myaccount"]),
    any("captcha", &["captcha", "recaptcha"]),
    any("newsletter", &["newsletter", "unsubscribe"]),
    any("feedback", &["feedback", "feedbacks", "review", "reviews", "rating", "ratings", "contactus"]),
    any("message", &["messages", "message", "chat", "chats", "conversations", "inbox"]),
    any("webhook", &["webhook", "webhooks", "callback", "hooks"]),
    any("analytics", &["analytics", "track", "collect", "beacon", "telemetry", "pageview"]),
    any("graphql", &["graphql", "gql"]),
];

/// The segments of a template; parameters are left out.
fn segments(template: &str) -> impl Iterator<Item = &str> {
    let segments = template.split(['/', ':']).filter(|segment| !segment.is_empty() && !segment.starts_with('{'));
    segments.take(vedette_model::limits::PATH_DEPTH_MAX)
}

/// Writes a segment in lower case without separators.
fn flatten(segment: &str, word: &mut String) {
    let suffixed = segment.contains('.');
    let trimmed = || segment.trim_end_matches(".php").trim_end_matches(".aspx").trim_end_matches(".do");
    let name = if suffixed { trimmed() } else { segment };
    word.clear();
    for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
        word.push(char::from(byte.to_ascii_lowercase()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_say_what_they_are_for() {
        for (name, expected) in [
            ("mutation.login", Some("login")),
            ("tools/call/refund", Some("refund")),
            ("tools/call/search_docs", None),
            ("query.user", None),
        ] {
            assert_eq!(of_call("POST", name), expected, "{name}");
        }
    }

    #[test]
    fn paths_say_what_they_are_for() {
        for (method, template, expected) in [
            ("POST", "/rest/user/login", Some("login")),
            ("POST", "/api/v1/sign-in", Some("login")),
            ("POST", "/oauth/token", Some("token")),
            ("POST", "/v1/users/{id}/password-reset", Some("password-reset")),
            ("POST", "/register", Some("sign-up")),
            ("GET", "/admin/users/{id}", Some("admin")),
            ("POST", "/admin/login", Some("login")),
            ("GET", "/actuator/health", Some("health")),
            ("GET", "/v1/orders/{orderId}", Some("order")),
            ("POST", "/v1/orders/{orderId}:refund", Some("refund")),
            ("GET", "/v1/invoices", Some("invoice")),
            ("GET", "/billing/invoices/{id}", Some("invoice")),
            ("POST", "/v1/invoices/{id}/pay", Some("payment")),
            ("GET", "/billing/plan", Some("payment")),
            ("POST", "/v1/bookings", Some("reservation")),
            ("DELETE", "/appointments/{id}", Some("reservation")),
            ("GET", "/v2/transfers/{transferId}", Some("transfer")),
            ("GET", "/files/transfer", None),
            ("GET", "/v2/payouts", Some("payout")),
            ("POST", "/wallet/withdraw", Some("payout")),
            ("GET", "/users/me", Some("profile")),
            ("GET", "/v1/users/{userId}", None),
            ("GET", "/{anything}", None),
            ("GET", "/", None),
            ("GET", "", None),
        ] {
            assert_eq!(function(method, template), expected, "{method} {template}");
        }
    }
}
