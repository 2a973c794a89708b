//! What people said of detections, so that the next ones are better.
//!
//! A false or expected detection is not made again for that actor. A false one also makes its kind more careful with
//! everybody: it has to be twice as sure for each actor about whom it was wrong, and a true one takes one of these back
//! (multiplicative weights: Littlestone and Warmuth 1994). A kind is never less careful than the budget asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vedette_model::results::Detection;

use crate::engine::Engine;
use crate::watch::calibrate;

/// What somebody said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was abuse.
    True,
    /// It was not, and looking at it was a waste.
    False,
    /// It was as seen, and is allowed: a test, a migration, a partner's export.
    Expected,
}

/// A verdict on detections of one kind about one actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Id of the actor ([`vedette_model::results::ActorRef::id`]).
    pub actor: String,
    /// Kind of the detections; `*` for all of them.
    pub kind: String,
    /// What was said.
    pub verdict: Verdict,
}

/// All labels, ready to be asked.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// Kinds that are not told of an actor any more.
    silent: BTreeMap<String, BTreeSet<String>>,
    /// Doublings of surety that a kind needs.
    care: BTreeMap<String, u32>,
}

impl Labels {
    /// Gathers labels in any order; of several on the same actor and kind each counts once.
    pub fn new(labels: Vec<Label>) -> Self {
        let mut said: BTreeMap<String, [BTreeSet<String>; 2]> = BTreeMap::new();
        let mut silent: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for Label { actor, kind, verdict } in labels {
            let [right, wrong] = said.entry(kind.clone()).or_default();
            match verdict {
                Verdict::True => right.insert(actor.clone()),
                Verdict::False => wrong.insert(actor.clone()),
                Verdict::Expected => false,
            };
            if verdict != Verdict::True {
                silent.entry(actor).or_default().insert(kind);
            }
        }
        let care =
            said.into_iter().map(|(kind, [right, wrong])| (kind, wrong.len().saturating_sub(right.len()) as u32));
        Self { silent, care: care.filter(|(_, doublings)| *doublings > 0).collect() }
    }

    /// Is a detection still to be told?
    pub fn allow(&self, detection: &Detection) -> bool {
        let silent = self
            .silent
            .get(&detection.actor.id)
            .is_some_and(|kinds| kinds.contains(&detection.kind) || kinds.contains("*"));
        let doublings = self.care.get(&detection.kind).copied().unwrap_or(0);
        !silent
            && (doublings == 0
                || detection.confidence >= calibrate::confidence(0.5_f64.powi(doublings.cast_signed()), 1.0))
    }
}

impl Engine {
    /// What people said of earlier detections; asked when those of now are concluded. Nothing of it is stored here.
    pub fn set_labels(&mut self, labels: Arc<Labels>) {
        self.watch.labels = labels;
    }
}

#[cfg(test)]
mod tests {
    use vedette_model::results::ActorRef;

    use super::*;

    fn label(actor: &str, verdict: Verdict) -> Label {
        Label { actor: actor.to_owned(), kind: "scraping".to_owned(), verdict }
    }

    fn detection(actor: &str, kind: &str, confidence: f64) -> Detection {
        Detection {
            kind: kind.to_owned(),
            actor: ActorRef { id: actor.to_owned(), ..ActorRef::default() },
            confidence,
            ..Detection::default()
        }
    }

    #[test]
    fn what_is_false_or_expected_is_not_told_again_of_that_actor() {
        let labels = Labels::new(vec![label("a", Verdict::False), label("b", Verdict::Expected)]);
        assert!(!labels.allow(&detection("a", "scraping", 0.99)));
        assert!(!labels.allow(&detection("b", "scraping", 0.99)));
        assert!(labels.allow(&detection("a", "bola", 0.7)));
        assert!(labels.allow(&detection("c", "scraping", 0.99)));
    }

    #[test]
    fn an_allowed_actor_is_silent_in_everything() {
        let allowed = Label { kind: "*".to_owned(), ..label("tester", Verdict::Expected) };
        assert!(!Labels::new(vec![allowed]).allow(&detection("tester", "bola", 0.99)));
    }

    #[test]
    fn false_ones_make_a_kind_careful_and_true_ones_take_that_back() {
        let wrong = [label("a", Verdict::False), label("b", Verdict::False), label("b", Verdict::False)];
        let careful = Labels::new(wrong.to_vec());
        assert!(!careful.allow(&detection("c", "scraping", 0.72)));
        assert!(careful.allow(&detection("c", "scraping", 0.76)));
        let mut labels = wrong.to_vec();
        labels.extend([label("d", Verdict::True), label("e", Verdict::True), label("f", Verdict::True)]);
        assert!(Labels::new(labels).allow(&detection("c", "scraping", 0.70)));
    }

    #[test]
    fn expected_ones_say_nothing_of_others() {
        let expected = (0..50).map(|n| label(&n.to_string(), Verdict::Expected)).collect();
        assert!(Labels::new(expected).allow(&detection("c", "scraping", 0.70)));
    }
}
