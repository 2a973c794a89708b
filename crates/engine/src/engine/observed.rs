//! What the engine read of one exchange while it learned, so that who keeps the exchange reads nothing twice.

use smallvec::SmallVec;
use vedette_model::Exchange;
use vedette_parse::credentials::Credential;
use vedette_parse::protocol::{Call, Kind};

use crate::actors::ActorKey;

/// One exchange as the engine took it. Holds no credential: only what may be stored and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The actor's hash; [`actor_id`] is how the results write it.
    pub actor: u64,
    /// Number of the service, for [`crate::Engine::service_name`]. Stable for the life of one engine.
    pub service: u16,
    /// Scheme of the strongest credential (`jwt`, `session-cookie`); `none` without one, and `unknown` when the source
    /// records no headers, so that absence says nothing.
    pub authentication: &'static str,
    /// Calls inside the exchange; none for an ordinary one.
    pub calls: SmallVec<[ObservedCall; 1]>,
}

/// One call inside an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedCall {
    /// Name below the HTTP endpoint (`query.user`, `tools/call/search_docs`); `None`: it is the HTTP endpoint's own.
    pub name: Option<String>,
    /// Kind of its endpoint, when the protocol says.
    pub kind: Option<Kind>,
    /// The HTTP status that says what the protocol reported inside a success (401 for `UNAUTHENTICATED`).
    pub failure: Option<u16>,
}

/// The id of an actor in the results, from [`Observed::actor`].
pub fn actor_id(actor: u64) -> String {
    ActorKey(actor).id()
}

impl Observed {
    pub(super) fn of(exchange: &Exchange<'_>, credentials: &[Credential], actor: ActorKey, service: u16) -> Self {
        let absent = if exchange.has_headers { "none" } else { "unknown" };
        let authentication = credentials.first().map_or(absent, |credential| credential.scheme.id());
        Self { actor: actor.0, service, authentication, calls: SmallVec::new() }
    }
}

impl From<Call<'_>> for ObservedCall {
    fn from(call: Call<'_>) -> Self {
        Self { name: call.name, kind: call.kind, failure: call.failure.map(|failure| failure.status) }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::sync::Arc;

    use vedette_model::Headers;
    use vedette_model::hash::HashKey;
    use vedette_parse::classes::Classifier;

    use super::*;
    use crate::Engine;

    fn engine() -> Engine {
        Engine::new(Arc::new(Classifier::builtin()), HashKey::default())
    }

    fn exchange(headers: &[(&'static str, &'static str)]) -> Exchange<'static> {
        Exchange {
            host: Some("API.example.com".into()),
            method: "POST".into(),
            path: "/rpc".into(),
            status: 200,
            has_headers: true,
            request_headers: Headers(headers.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect()),
            ..Exchange::default()
        }
    }

    #[test]
    fn who_called_and_where_read_as_in_the_results() {
        let mut engine = engine();
        let observed = engine.observe(&exchange(&[("authorization", "Basic cm9zYTpzM2NyM3Q=")]), (0, 0));
        assert_eq!(observed.authentication, "basic");
        assert_eq!(engine.service_name(observed.service), "api.example.com");
        assert_eq!(engine.service_name(7), "");
        let results = engine.conclude(Vec::new());
        assert_eq!(results.actors[0].id, actor_id(observed.actor));
        assert_eq!(actor_id(observed.actor), format!("a-{:012x}", observed.actor >> 16));
        assert_eq!(results.services[0].name, "api.example.com");
    }

    #[test]
    fn a_source_without_headers_does_not_say_that_nobody_authenticated() {
        assert_eq!(engine().observe(&exchange(&[]), (0, 0)).authentication, "none");
        let log = Exchange { has_headers: false, ..exchange(&[]) };
        assert_eq!(engine().observe(&log, (0, 0)).authentication, "unknown");
    }

    #[test]
    fn calls_inside_an_exchange_are_told_with_their_failure() {
        let sent = br#"{"jsonrpc":"2.0","id":1,"method":"orders.get","params":{"id":7}}"#;
        let answered = br#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}"#;
        let call = Exchange {
            request_body: Some(Cow::Borrowed(sent)),
            response_body: Some(Cow::Borrowed(answered)),
            response_headers: Headers(vec![("content-type".into(), "application/json".into())]),
            ..exchange(&[("content-type", "application/json")])
        };
        let [told] = &engine().observe(&call, (0, 0)).calls[..] else { panic!("one call") };
        assert_eq!(told.name.as_deref(), Some("orders.get"));
        assert_eq!(told.kind, Some(Kind::JsonRpc));
        assert_eq!(told.failure, Some(404));
        let plain = Exchange { method: "GET".into(), path: "/orders".into(), ..exchange(&[]) };
        assert_eq!(engine().observe(&plain, (0, 0)).calls.len(), 0);
    }
}
