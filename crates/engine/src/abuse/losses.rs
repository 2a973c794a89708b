//! What could be lost at a business function, with numbers from the traffic.

use std::collections::BTreeMap;

use vedette_model::limits::ABUSE_CLASSES_LISTED_MAX;
use vedette_model::results::{AbuseLoss, AbuseUsers, Endpoint, Field, LostClass};

use super::catalog::About;
use crate::checks::wording::{count, list, size};

/// What a function can lose beside the data that its endpoints hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// What it moves or tells of.
    Money,
    /// Who somebody is.
    Accounts,
    /// What there is only so much of.
    Goods,
    /// Machines and third parties that cost by the call.
    Capacity,
    /// What is said to people in the company's name.
    Reach,
    /// What decides for others.
    Control,
}

/// Levels, most sensitive first; levels of a customer's own come after them.
const LEVELS: &[&str] = &["secret", "sensitive-personal", "health", "financial", "personal"];

/// Words of fields that hold an amount of money.
const AMOUNTS: &[&str] =
    &["amount", "total", "price", "sum", "fee", "balance", "amountcents", "totalcents", "pricecents", "unitprice"];

/// Everything that could be lost, data first where it is personal.
pub(super) fn of(about: &About, endpoints: &[&Endpoint], users: &AbuseUsers) -> Vec<AbuseLoss> {
    let mut losses: Vec<AbuseLoss> =
        about.losses.iter().map(|loss| loss.in_words(about.deed, endpoints, users)).collect();
    losses.extend(records(endpoints));
    losses.extend(secrets(endpoints));
    losses
}

/// A status that means success.
pub(super) fn is_success(status: &str) -> bool {
    status.starts_with(['2', '3'])
}

/// True when a side of an endpoint holds data of persons.
pub(super) fn holds_persons(endpoint: &Endpoint, side: &str) -> bool {
    let fields = told(endpoint).filter(|field| field.side == side);
    fields.flat_map(|field| &field.classes).any(|class| is_of_persons(&class.level) && class.level != "financial")
}

/// Levels that a customer named are taken as personal.
fn is_of_persons(level: &str) -> bool {
    !matches!(level, "public" | "internal" | "secret")
}

/// Fields that say something: an error that repeats the request discloses nothing.
fn told(endpoint: &Endpoint) -> impl Iterator<Item = &Field> {
    endpoint.fields.iter().filter(|field| field.status.as_deref().is_none_or(is_success))
}

impl Loss {
    fn in_words(self, deed: &str, endpoints: &[&Endpoint], users: &AbuseUsers) -> AbuseLoss {
        let (kind, text) = match self {
            Self::Money => ("money", money(deed, endpoints, users)),
            Self::Accounts => ("accounts", accounts(deed, endpoints, users)),
            Self::Goods => ("goods", changed(deed, users, "each takes what others then cannot have")),
            Self::Capacity => ("capacity", capacity(endpoints, users)),
            Self::Reach => ("reach", changed(deed, users, "whoever is reached believes that it comes from you")),
            Self::Control => ("control", changed(deed, users, "it holds for everybody behind it")),
        };
        AbuseLoss { kind: kind.to_owned(), text, classes: Vec::new() }
    }
}

/// `1 payment call`, `No payment call`.
fn calls(n: u64, deed: &str) -> String {
    if n == 0 { format!("No {deed} call") } else { count(n, &format!("{deed} call")) }
}

/// How often something was changed, and what that means.
fn changed(deed: &str, users: &AbuseUsers, meaning: &str) -> String {
    if users.writes == 0 {
        return format!("No {deed} call changed anything in this traffic.");
    }
    format!("{} changed something; {meaning}.", calls(users.writes, deed))
}

fn money(deed: &str, endpoints: &[&Endpoint], users: &AbuseUsers) -> String {
    let largest = endpoints.iter().flat_map(|endpoint| told(endpoint)).filter_map(amount);
    // Of equal amounts the first name, so that the sentence stays the same.
    let largest = largest.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    let most = largest.map(|(most, name)| format!("; the largest `{name}` seen is {most}")).unwrap_or_default();
    if users.writes > 0 {
        return format!("{} changed something{most}.", calls(users.writes, deed));
    }
    format!("Nothing was changed here; {} told of money{most}.", count(succeeded(users), "answer"))
}

fn succeeded(users: &AbuseUsers) -> u64 {
    users.exchanges.saturating_sub(users.errors)
}

/// The largest value of a field that holds money, with the field's name.
fn amount(field: &Field) -> Option<(f64, &str)> {
    let name = field.name.rsplit(['.', ']', '$']).find(|part| !part.is_empty())?;
    let flat: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let most = field.max.filter(|most| most.is_finite() && *most > 0.0)?;
    AMOUNTS.contains(&flat.as_str()).then_some((most, name))
}

fn accounts(deed: &str, endpoints: &[&Endpoint], users: &AbuseUsers) -> String {
    let names = endpoints.iter().flat_map(|endpoint| told(endpoint)).filter(|field| {
        let names_somebody = |class: &str| matches!(class, "email" | "username" | "phone");
        field.side == "request" && field.classes.iter().any(|class| names_somebody(&class.class))
    });
    let done = if users.writes > 0 { users.writes } else { succeeded(users) };
    let known = names.map(|field| field.distinct).max().filter(|n| *n > 0);
    let named = known.map(|n| format!(", for about {}", count(n, "account name"))).unwrap_or_default();
    let failed = if users.errors == 0 { String::new() } else { format!(", {} failed", users.errors) };
    format!("{} succeeded{failed}{named}; whoever gets an account acts as its owner.", calls(done, deed))
}

fn capacity(endpoints: &[&Endpoint], users: &AbuseUsers) -> String {
    let slowest = endpoints.iter().filter_map(|one| Some(one.latency_ms?.p95)).max_by(f64::total_cmp);
    let largest = endpoints.iter().filter_map(|one| Some(one.response_bytes?.p95)).max_by(f64::total_cmp);
    let mut costs = Vec::new();
    costs.extend(slowest.map(|ms| format!("takes {ms:.0} ms")));
    costs.extend(largest.map(|bytes| format!("answers with {}", size(bytes))));
    let all = count(users.exchanges, "call");
    match costs.as_slice() {
        [] => format!("{all}; the traffic does not say what each costs."),
        costs => format!("{all}; one in twenty {} or more.", costs.join(" and ")),
    }
}

/// Data of persons that answers hold; where answers tell none, that requests hold.
fn records(endpoints: &[&Endpoint]) -> Option<AbuseLoss> {
    let (answered, sent) = (held(endpoints, "response", is_of_persons), held(endpoints, "request", is_of_persons));
    let (side, held) = if answered.is_empty() { ("Requests", sent) } else { ("Answers", answered) };
    let names: Vec<&str> = held.iter().map(|one| one.class).collect();
    let most = held.iter().max_by(|a, b| (a.distinct, b.class).cmp(&(b.distinct, a.class)))?;
    let many = match most.distinct {
        0 => String::new(),
        n => format!("; about {} of `{}` were seen", count(n, "different value"), most.class),
    };
    let holding = |one: &&&Endpoint| held.iter().any(|class| class.endpoints.contains(&one.id.as_str()));
    let places = count(endpoints.iter().filter(holding).count() as u64, "endpoint");
    let text = format!("{side} of {places} hold {}{many}.", list(&names));
    Some(AbuseLoss { kind: "personal-records".to_owned(), text, classes: classes(&held) })
}

/// Secrets that answers hand out.
fn secrets(endpoints: &[&Endpoint]) -> Option<AbuseLoss> {
    let held = held(endpoints, "response", |level| level == "secret");
    let names: Vec<&str> = held.iter().map(|one| one.class).collect();
    let text = format!("Answers hand out {}: whoever reads one can act as its owner.", list(&names));
    (!held.is_empty()).then(|| AbuseLoss { kind: "secrets".to_owned(), text, classes: classes(&held) })
}

fn classes(held: &[Held<'_>]) -> Vec<LostClass> {
    let one = |held: &Held<'_>| LostClass { class: held.class.to_owned(), level: held.level.to_owned() };
    held.iter().take(ABUSE_CLASSES_LISTED_MAX).map(one).collect()
}

/// A data class at some endpoints.
struct Held<'a> {
    class: &'a str,
    level: &'a str,
    /// Most different values of one field.
    distinct: u64,
    endpoints: Vec<&'a str>,
}

/// Classes of a side whose level counts, most sensitive first.
fn held<'a>(endpoints: &[&'a Endpoint], side: &str, counts: impl Fn(&str) -> bool) -> Vec<Held<'a>> {
    let mut held: BTreeMap<&str, Held<'_>> = BTreeMap::new();
    for endpoint in endpoints {
        for field in told(endpoint).filter(|field| field.side == side) {
            for class in field.classes.iter().filter(|class| counts(&class.level)) {
                let (name, level) = (class.class.as_str(), class.level.as_str());
                let one = Held { class: name, level, distinct: 0, endpoints: Vec::new() };
                let one = held.entry(name).or_insert(one);
                one.distinct = one.distinct.max(field.distinct);
                if one.endpoints.last() != Some(&endpoint.id.as_str()) {
                    one.endpoints.push(&endpoint.id);
                }
            }
        }
    }
    let rank = |level: &str| LEVELS.iter().position(|known| *known == level).unwrap_or(LEVELS.len());
    let mut held: Vec<Held<'_>> = held.into_values().collect();
    held.sort_by(|a, b| (rank(a.level), a.class).cmp(&(rank(b.level), b.class)));
    held
}
