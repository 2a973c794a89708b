//! Judgments of incidents and actors, and what is left of them when somebody is erased.

use vedette_model::results::{ActorRef, Identifier, Severity};

use super::*;

/// An actor with a name and an address.
pub(super) fn actor(id: &str) -> ActorRef {
    let identifier = |kind: &str, value: &str| Identifier { kind: kind.to_owned(), value: value.to_owned() };
    ActorRef { id: id.to_owned(), identifiers: vec![identifier("user", id), identifier("ip", "203.0.113.9")] }
}

/// A scraping of the actor `u1`, last recognized at second 5.
pub(super) fn seen(incident: &str) -> IncidentSeen {
    IncidentSeen {
        incident: incident.to_owned(),
        actor: actor("u1"),
        title: "Scraping: u1".to_owned(),
        severity: Severity::Medium,
        kinds: vec!["scraping".to_owned()],
        last_at: Some(at(5)),
    }
}

/// Closes an incident of the tenant `a`.
pub(super) async fn close(
    state: &State,
    seen: &IncidentSeen,
    verdict: Option<Verdict>,
    now: Timestamp,
) -> IncidentJudgment {
    let decision = IncidentDecision {
        state: Some(IncidentState::Closed),
        verdict: Some(verdict),
        reason: Some(Some("looked at".to_owned())),
        owner: None,
    };
    state.judge_incident("a", seen, None, &decision, "ada", now).await.unwrap()
}

#[tokio::test]
async fn an_incident_is_assigned_closed_and_opened_again() {
    on_both(async |state| {
        assert_eq!(state.incident_judgment("a", "i1").await.unwrap(), IncidentJudgment::unjudged("i1"));
        let assign = IncidentDecision { owner: Some(Some("ada".to_owned())), ..IncidentDecision::default() };
        let first = state.judge_incident("a", &seen("i1"), Some(0), &assign, "eve", at(1)).await.unwrap();
        assert_eq!((first.state, first.owner.as_deref()), (IncidentState::Open, Some("ada")));
        let late = state.judge_incident("a", &seen("i1"), Some(0), &assign, "eve", at(1)).await;
        assert!(matches!(late, Err(StateError::Conflict)));
        let closed = close(&state, &seen("i1"), Some(Verdict::False), at(10)).await;
        assert_eq!((closed.state, closed.verdict, closed.version), (IncidentState::Closed, Some(Verdict::False), 2));
        assert_eq!((closed.closed_at, closed.owner.as_deref()), (Some(at(10)), Some("ada")));
        assert_eq!(closed.kinds.get("scraping"), Some(&Some(Verdict::False)));
        assert_eq!(state.incident_judgments("a").await.unwrap(), std::slice::from_ref(&closed));
        let open = IncidentDecision { state: Some(IncidentState::Open), ..IncidentDecision::default() };
        let opened = state.judge_incident("a", &closed.seen(), Some(2), &open, "ada", at(11)).await.unwrap();
        assert_eq!((opened.verdict, opened.reason, opened.kinds.len()), (None, None, 0), "it is taken back");
        assert_eq!((opened.title.as_str(), opened.owner.as_deref()), ("Scraping: u1", Some("ada")));
    })
    .await;
}

#[tokio::test]
async fn of_two_who_judge_an_incident_at_once_one_wins() {
    on_both(async |state| {
        let (decision, seen) = (IncidentDecision::default(), seen("i1"));
        for known in [0, 1] {
            let both = tokio::join!(
                state.judge_incident("a", &seen, Some(known), &decision, "ada", at(1)),
                state.judge_incident("a", &seen, Some(known), &decision, "eve", at(1)),
            );
            assert!(both.0.is_ok() ^ both.1.is_ok(), "{both:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_of_mind_is_about_all_that_was_judged() {
    on_both(async |state| {
        let closed = close(&state, &seen("i1"), Some(Verdict::False), at(10)).await;
        // Nothing of it is told any more, so nothing is seen of it.
        let change = IncidentDecision { verdict: Some(Some(Verdict::Expected)), ..IncidentDecision::default() };
        let changed = state.judge_incident("a", &closed.seen(), None, &change, "ada", at(11)).await.unwrap();
        assert_eq!(changed.kinds.get("scraping"), Some(&Some(Verdict::Expected)));
        assert_eq!(changed.closed_at, Some(at(10)));
    })
    .await;
}

#[tokio::test]
async fn what_was_said_of_other_kinds_stays() {
    on_both(async |state| {
        close(&state, &seen("i1"), Some(Verdict::False), at(10)).await;
        let bola = IncidentSeen { kinds: vec!["bola".to_owned()], ..seen("i1") };
        assert_eq!(state.reopen_incidents("a", std::slice::from_ref(&bola), at(20)).await.unwrap(), ["i1"]);
        let reopened = state.incident_judgment("a", "i1").await.unwrap();
        assert_eq!((reopened.state, reopened.updated_by.as_str()), (IncidentState::Reopened, "vedette"));
        let closed = close(&state, &bola, Some(Verdict::True), at(30)).await;
        let said = [("bola", Verdict::True), ("scraping", Verdict::False)];
        assert_eq!(closed.kinds, said.map(|(kind, verdict)| (kind.to_owned(), Some(verdict))).into());
    })
    .await;
}

#[tokio::test]
async fn abuse_that_goes_on_is_reopened_and_what_was_none_is_not() {
    on_both(async |state| {
        let verdicts = [None, Some(Verdict::True), Some(Verdict::False), Some(Verdict::Expected)];
        let name = |verdict: Option<Verdict>| verdict.map_or("unsaid", Verdict::name);
        for verdict in verdicts {
            close(&state, &seen(name(verdict)), verdict, at(10)).await;
        }
        let again = async |change: fn(&mut IncidentSeen)| {
            let mut all = verdicts.map(|verdict| seen(name(verdict)));
            all.iter_mut().for_each(change);
            state.reopen_incidents("a", &all, at(50)).await.unwrap()
        };
        assert!(again(|_| {}).await.is_empty(), "nothing came after the closing");
        assert_eq!(again(|one| one.last_at = Some(at(20))).await, ["true", "unsaid"]);
        assert!(again(|one| one.last_at = Some(at(30))).await.is_empty(), "once");
        assert_eq!(again(|one| one.severity = Severity::High).await, ["expected", "false"]);
    })
    .await;
}

#[tokio::test]
async fn an_actor_is_judged_for_a_time() {
    on_both(async |state| {
        let allow = ActorDecision {
            state: Some(Some(ActorState::Allowed)),
            reason: Some(Some("our load test".to_owned())),
            until: Some(Some(at(100))),
        };
        let allowed = state.judge_actor("a", &actor("u1"), Some(0), &allow, "ada", at(1)).await.unwrap();
        assert_eq!(state.actor_judgment("a", "u1").await.unwrap(), allowed);
        assert_eq!(allowed.state_at(at(99)), Some(ActorState::Allowed));
        assert_eq!(allowed.state_at(at(100)), None);
        let late = state.judge_actor("a", &actor("u1"), Some(0), &allow, "ada", at(1)).await;
        assert!(matches!(late, Err(StateError::Conflict)));
        let nothing = ActorDecision { state: Some(None), ..ActorDecision::default() };
        let taken_back = state.judge_actor("a", &actor("u1"), Some(1), &nothing, "ada", at(2)).await.unwrap();
        assert_eq!((taken_back.state, taken_back.reason, taken_back.until, taken_back.version), (None, None, None, 2));
        assert_eq!(state.actor_judgments("a").await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_is_erased_leaves_no_judgment() {
    on_both(async |state| {
        let watch = ActorDecision { state: Some(Some(ActorState::Watched)), ..ActorDecision::default() };
        let identifier = |kind: &str, value: &str| Identifier { kind: kind.to_owned(), value: value.to_owned() };
        for (named, actors) in [
            (identifier("user", "u1"), vec![]),
            (identifier("actor", "u1"), vec![]),
            (identifier("user", "somebody"), vec!["u1".to_owned()]),
        ] {
            close(&state, &seen("i1"), Some(Verdict::True), at(10)).await;
            let other = IncidentSeen { actor: actor("u2"), ..seen("i2") };
            close(&state, &other, Some(Verdict::True), at(10)).await;
            for incident in ["i1", "i2"] {
                state.comment("a", (Subject::Incident, incident), "ada", "it is u1", at(11)).await.unwrap();
            }
            for id in ["u1", "u2"] {
                state.judge_actor("a", &actor(id), None, &watch, "ada", at(12)).await.unwrap();
            }
            assert_eq!(state.erase_subject("a", &actors, &named).await.unwrap(), 2, "{named:?}");
            let left: Vec<_> =
                state.incident_judgments("a").await.unwrap().into_iter().map(|one| one.incident).collect();
            assert_eq!(left, ["i2"]);
            assert_eq!(state.actor_judgments("a").await.unwrap()[0].actor.id, "u2");
            assert!(state.comments("a", Subject::Incident, "i1").await.unwrap().is_empty());
            assert!(!state.comments("a", Subject::Incident, "i2").await.unwrap().is_empty());
        }
        let address = identifier("ip", "203.0.113.9");
        assert_eq!(state.erase_subject("a", &[], &address).await.unwrap(), 2, "whoever had the address");
    })
    .await;
}
