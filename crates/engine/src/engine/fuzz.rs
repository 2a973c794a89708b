//! The property that the fuzz target and the tests share.

use std::sync::Arc;

use vedette_model::hash::HashKey;
use vedette_model::{Exchange, Timestamp};
use vedette_parse::classes::Classifier;

use super::Engine;

/// Any bytes as the state of an engine, without the checksum in front: an error, or an engine that learns and concludes
/// without panic, and that is stored as it is restored.
pub fn state_of_anything(state: &[u8], classifier: &Arc<Classifier>) {
    let load = |state: &[u8]| Engine::load(state, Arc::clone(classifier), HashKey::default());
    let Ok(mut engine) = load(state) else { return };
    let stored = engine.state();
    let again = load(&stored).map(|engine| engine.state());
    assert_eq!(again.as_ref(), Ok(&stored), "what was read once is read again");
    for (number, path) in (0..).zip(["/", "/v1/orders/7", "/graphql", "/a/b/c"]) {
        let exchange = Exchange {
            at: Some(Timestamp::from_secs(1_790_000_000)),
            host: Some("shop.example".into()),
            method: "GET".into(),
            path: path.into(),
            status: 200,
            ..Exchange::default()
        };
        engine.observe(&exchange, (0, number));
    }
    let _ = engine.conclude(Vec::new());
}
