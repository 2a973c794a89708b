//! Judgments, comments, hunts, settings, documents, changes, kept answers.

use vedette_model::limits::DOCUMENT_VERSIONS_MAX;

use super::*;

fn judged(state: TriageState) -> Judgment {
    Judgment { state: Some(state), ..Judgment::default() }
}

#[tokio::test]
async fn a_judgment_follows_the_one_it_knew() {
    on_both(async |state| {
        assert_eq!(state.judgment("a", "f1").await.unwrap(), Triage::unjudged("f1"));
        let accept = Judgment {
            state: Some(TriageState::Accepted),
            reason: Some(Some("only in the test network".to_owned())),
            until: Some(Some(at(100))),
            owner: Some(Some("ada".to_owned())),
        };
        let first = state.judge("a", "f1", Some(0), &accept, "ada", at(1)).await.unwrap();
        assert_eq!(state.judgment("a", "f1").await.unwrap(), first);
        assert_eq!((first.version, first.until), (1, Some(at(100))));
        assert_eq!(first.state_at(at(99)), TriageState::Accepted);
        assert_eq!(first.state_at(at(100)), TriageState::Reopened);
        assert!(matches!(state.judge("a", "f1", Some(0), &accept, "eve", at(2)).await, Err(StateError::Conflict)));
        let resolved = state.judge("a", "f1", Some(1), &judged(TriageState::Resolved), "eve", at(3)).await.unwrap();
        assert_eq!((resolved.owner.as_deref(), resolved.until), (Some("ada"), None), "an end without acceptance");
        assert_eq!(state.judgments("a").await.unwrap(), [resolved]);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_judge_at_once_one_wins() {
    on_both(async |state| {
        let judgment = judged(TriageState::Resolved);
        for known in [0, 1] {
            let both = tokio::join!(
                state.judge("a", "f1", Some(known), &judgment, "ada", at(1)),
                state.judge("a", "f1", Some(known), &judgment, "eve", at(1)),
            );
            assert!(both.0.is_ok() ^ both.1.is_ok(), "{both:?}");
        }
        assert_eq!(state.judgment("a", "f1").await.unwrap().version, 2);
    })
    .await;
}

#[tokio::test]
async fn what_was_mended_and_is_seen_again_is_reopened() {
    on_both(async |state| {
        let until = Judgment { until: Some(Some(at(50))), ..judged(TriageState::Accepted) };
        state.judge("a", "mended", None, &judged(TriageState::Resolved), "ada", at(10)).await.unwrap();
        state.judge("a", "quiet", None, &judged(TriageState::Resolved), "ada", at(10)).await.unwrap();
        state.judge("a", "accepted", None, &until, "ada", at(10)).await.unwrap();
        state.judge("a", "open", None, &judged(TriageState::Open), "ada", at(10)).await.unwrap();
        let seen = |secs| ["mended", "accepted", "open", "other"].map(|id| (id.to_owned(), at(secs)));
        assert!(state.reopen_seen("a", &seen(9), at(20)).await.unwrap().is_empty(), "seen before it was mended");
        assert_eq!(state.reopen_seen("a", &seen(11), at(20)).await.unwrap(), ["mended"]);
        assert_eq!(state.reopen_seen("a", &seen(60), at(61)).await.unwrap(), ["accepted"]);
        assert!(state.reopen_seen("a", &seen(70), at(71)).await.unwrap().is_empty(), "once");
        let reopened = state.judgment("a", "mended").await.unwrap();
        assert_eq!((reopened.state, reopened.updated_by.as_str()), (TriageState::Reopened, "vedette"));
        assert_eq!(state.judgment("a", "quiet").await.unwrap().state, TriageState::Resolved);
    })
    .await;
}

#[tokio::test]
async fn comments_come_in_order() {
    on_both(async |state| {
        for text in ["one", "two", "three"] {
            state.comment("a", (Subject::Finding, "f1"), "ada", text, at(1)).await.unwrap();
        }
        let texts: Vec<_> = state
            .comments("a", Subject::Finding, "f1")
            .await
            .unwrap()
            .into_iter()
            .map(|comment| comment.text)
            .collect();
        assert_eq!(texts, ["one", "two", "three"]);
        assert!(state.comments("a", Subject::Finding, "f2").await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn hunts_are_saved_changed_and_forgotten() {
    on_both(async |state| {
        let text = |sql: &str| HuntText { title: "t".to_owned(), sql: sql.to_owned(), ..HuntText::default() };
        let hunt = state.create_hunt("a", text("select 1"), "ada", at(1)).await.unwrap();
        assert_eq!(state.hunt("a", &hunt.id).await.unwrap().unwrap(), hunt);
        let changed = state.update_hunt("a", &hunt.id, Some(1), text("select 2"), at(2)).await.unwrap();
        assert_eq!((changed.text.sql.as_str(), changed.version), ("select 2", 2));
        let late = state.update_hunt("a", &hunt.id, Some(1), text("select 3"), at(3)).await;
        assert!(matches!(late, Err(StateError::Conflict)));
        assert_eq!(state.update_hunt("a", &hunt.id, None, text("select 4"), at(3)).await.unwrap().version, 3);
        assert_eq!(state.hunts("a").await.unwrap().len(), 1);
        state.delete_hunt("a", &hunt.id).await.unwrap();
        assert!(matches!(state.delete_hunt("a", &hunt.id).await, Err(StateError::Missing("hunt"))));
        assert!(matches!(state.update_hunt("a", &hunt.id, None, text("x"), at(3)).await, Err(StateError::Missing(_))));
    })
    .await;
}

#[tokio::test]
async fn settings_are_set_by_version_and_unset() {
    on_both(async |state| {
        let set = state.set_setting("a", "retention", Some(0), "30", "ada", at(1)).await.unwrap();
        assert_eq!(state.setting("a", "retention").await.unwrap().unwrap(), set);
        assert!(matches!(
            state.set_setting("a", "retention", Some(0), "60", "eve", at(2)).await,
            Err(StateError::Conflict)
        ));
        assert_eq!(state.set_setting("a", "retention", Some(1), "60", "eve", at(2)).await.unwrap().version, 2);
        assert_eq!(state.settings("a").await.unwrap()[0].value, "60");
        state.unset_setting("a", "retention").await.unwrap();
        assert_eq!(state.setting("a", "retention").await.unwrap(), None);
        assert!(matches!(state.unset_setting("a", "retention").await, Err(StateError::Missing(_))));
    })
    .await;
}

#[tokio::test]
async fn documents_keep_their_newest_versions() {
    on_both(async |state| {
        let kind = DocumentKind::Spec;
        let new = NewDocument { name: "shop".to_owned(), service: Some("shop".to_owned()), text: "v1".to_owned() };
        let document = state.create_document("a", kind, new, "ada", at(1)).await.unwrap();
        assert_eq!(state.documents("a", kind).await.unwrap(), std::slice::from_ref(&document));
        assert!(state.documents("a", DocumentKind::Classes).await.unwrap().is_empty());
        let id = document.id.as_str();
        assert!(matches!(
            state.update_document("a", kind, id, Some(7), "v2", "eve", at(2)).await,
            Err(StateError::Conflict)
        ));
        let versions = state.document_versions("a", kind, id).await.unwrap();
        assert_eq!(versions.len(), 1, "a refused version leaves nothing");
        for version in 2..=DOCUMENT_VERSIONS_MAX + 3 {
            let text = format!("v{version}");
            state.update_document("a", kind, id, Some(version - 1), &text, "eve", at(version)).await.unwrap();
        }
        let versions = state.document_versions("a", kind, id).await.unwrap();
        assert_eq!(signed(versions.len()), DOCUMENT_VERSIONS_MAX);
        assert_eq!((versions[0].version, versions[0].created_by.as_str()), (DOCUMENT_VERSIONS_MAX + 3, "eve"));
        let text = async |version| state.document_text("a", kind, id, version).await.unwrap();
        assert_eq!(text(None).await, Some(format!("v{}", DOCUMENT_VERSIONS_MAX + 3)));
        assert_eq!(text(Some(10)).await.as_deref(), Some("v10"));
        assert_eq!(text(Some(3)).await, None, "forgotten");
        state.delete_document("a", kind, id).await.unwrap();
        assert_eq!(text(None).await, None);
        assert!(matches!(state.delete_document("a", kind, id).await, Err(StateError::Missing(_))));
    })
    .await;
}

#[tokio::test]
async fn changes_are_numbered_without_gaps() {
    on_both(async |state| {
        let change = |endpoint: &str| NewChange {
            at: at(1),
            kind: "new-endpoint".to_owned(),
            service: "shop".to_owned(),
            endpoint: endpoint.to_owned(),
            detail: r#"{"sentence":"it is new"}"#.to_owned(),
        };
        assert_eq!(state.append_changes("a", &[change("e1"), change("e2")]).await.unwrap(), 2);
        let (third, fourth) = ([change("e3")], [change("e1")]);
        let both = tokio::join!(state.append_changes("a", &third), state.append_changes("a", &fourth));
        let mut both = [both.0.unwrap(), both.1.unwrap()];
        both.sort_unstable();
        assert_eq!(both, [3, 4]);
        let seqs = |changes: Vec<Change>| changes.into_iter().map(|change| change.seq).collect::<Vec<_>>();
        assert_eq!(seqs(state.changes_after("a", 0, 10).await.unwrap()), [1, 2, 3, 4]);
        assert_eq!(seqs(state.changes_after("a", 2, 1).await.unwrap()), [3]);
        assert!(state.changes_after("a", u64::MAX, 1).await.unwrap().is_empty());
        assert_eq!(seqs(state.changes_before("a", None, 2).await.unwrap()), [4, 3]);
        assert_eq!(seqs(state.changes_before("a", Some(3), 10).await.unwrap()), [2, 1]);
        assert_eq!(state.changes_of_endpoint("a", "e1", 10).await.unwrap().len(), 2);
        assert_eq!(state.append_changes("b", &[change("e9")]).await.unwrap(), 1, "another tenant counts for itself");
        assert_eq!(state.append_changes("a", &[]).await.unwrap(), 4);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_key_gets_the_first_answer() {
    on_both(async |state| {
        let take = async |request, secs| state.take_key("a", "user:u1", "k", request, at(secs)).await.unwrap();
        assert_eq!(take("post x", 0).await, Replay::New);
        assert_eq!(take("post x", 1).await, Replay::Pending);
        let answer = Kept { status: 201, headers: "{}".to_owned(), body: "{\"id\":1}".to_owned() };
        state.keep_answer("a", "user:u1", "k", answer.clone()).await.unwrap();
        assert_eq!(take("post x", 2).await, Replay::Done(answer));
        assert_eq!(take("post y", 2).await, Replay::Other);
        assert_eq!(take("post y", 24 * 3600).await, Replay::New, "after a day");
        state.forget_answer("a", "user:u1", "k").await.unwrap();
        assert_eq!(take("post z", 24 * 3600).await, Replay::New);
        assert_eq!(take("post z", 24 * 3600 + 301).await, Replay::New, "its request was left behind");
        let (one, two) = tokio::join!(
            state.take_key("a", "user:u1", "race", "r", at(0)),
            state.take_key("a", "user:u1", "race", "r", at(0)),
        );
        let mut both = [one.unwrap() == Replay::New, two.unwrap() == Replay::New];
        both.sort_unstable();
        assert_eq!(both, [false, true]);
    })
    .await;
}

#[tokio::test]
async fn what_a_database_does_not_store_is_told_and_not_a_fault() {
    on_both(async |state| {
        match (state.database(), state.user("a", "x\0").await) {
            (Database::Sqlite, Ok(None)) | (Database::Postgres, Err(StateError::Unstorable)) => {}
            (_, other) => panic!("{other:?}"),
        }
        state.pool.close().await;
        assert!(matches!(state.ping().await, Err(StateError::Unreachable(_))));
    })
    .await;
}
