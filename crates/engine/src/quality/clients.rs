//! Whether the addresses of a source are those of callers or of a proxy in front.

use vedette_model::results::Clients;

use super::share;
use super::tally::SourceTally;

/// Exchanges from which addresses say something: one person testing is no proxy.
const EXCHANGES_MIN: u64 = 100;

/// Addresses at most that a layer of proxies has; large ones run some dozens of instances.
const PROXIES_MAX: u64 = 64;

/// Callers or forwarded addresses for each address, from which the addresses are shared.
const BEHIND_EACH_MIN: u64 = 4;

/// Share of private clients from which nobody from outside seems to call.
const PRIVATE_MIN: f64 = 0.9;

/// Share of exchanges that a forwarded header must name another client of.
const UNBELIEVED_MIN: f64 = 0.2;

/// What the addresses look like, and points of `of` with the reason of those that are missing.
pub(super) fn judge(tally: &SourceTally, told: u64, of: u8) -> (Clients, u8, String) {
    let mut clients = Clients {
        distinct: tally.clients.estimate(),
        private_share: share(tally.private, told),
        forwarded_share: share(tally.forwarding, tally.exchanges),
        forwarded_distinct: tally.forwarded.estimate(),
        proxy: false,
    };
    if told == 0 {
        return (clients, 0, "there are none".to_owned());
    }
    let suspicion = suspicion(tally, &clients);
    clients.proxy = suspicion.is_some();
    match suspicion {
        Some((points, reason)) => (clients, points * of / 10, reason),
        None => (clients, of, String::new()),
    }
}

/// Points of ten, and why.
fn suspicion(tally: &SourceTally, clients: &Clients) -> Option<(u8, String)> {
    let distinct = clients.distinct.max(1);
    let few = distinct <= PROXIES_MAX;
    let unbelieved = share(tally.unbelieved, tally.exchanges);
    if few && unbelieved >= UNBELIEVED_MIN && clients.forwarded_distinct >= distinct * BEHIND_EACH_MIN {
        return Some((
            2,
            format!(
                "{} forward for {} others: these are proxies with public addresses; let the gateway write the \
                 forwarded address where the client's belongs",
                addresses(distinct),
                clients.forwarded_distinct
            ),
        ));
    }
    if tally.exchanges < EXCHANGES_MIN {
        return None;
    }
    let callers = tally.callers.estimate();
    if few && callers >= 10 && callers >= distinct * BEHIND_EACH_MIN {
        return Some((
            2,
            format!(
                "{} carry {callers} callers: these are proxies; log the forwarded address too",
                addresses(distinct)
            ),
        ));
    }
    let inside = share(tally.inside, tally.exchanges) > 0.5;
    if clients.private_share < PRIVATE_MIN || inside {
        return None;
    }
    let forwarded = if clients.forwarded_share > 0.0 {
        "forwarded headers are there but name no others"
    } else {
        "no forwarded address is logged"
    };
    let (points, who) = if few { (0, "a proxy of yours") } else { (5, "proxies, or callers inside only") };
    Some((points, format!("nearly all of {} are private: {who}; {forwarded}", addresses(distinct))))
}

fn addresses(count: u64) -> String {
    if count == 1 { "1 address".to_owned() } else { format!("{count} addresses") }
}
