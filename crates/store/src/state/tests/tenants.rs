//! Nothing of one tenant is seen or changed from another.

use vedette_model::results::Identifier;

use super::*;

#[tokio::test]
async fn ids_of_tenants_are_safe_names() {
    for id in ["default", "a", "acme-2", &"x".repeat(64)] {
        assert!(Tenant::valid_id(id), "{id}");
    }
    for id in ["", "-a", "A", "a/b", "..", "a b", "ä", &"x".repeat(65)] {
        assert!(!Tenant::valid_id(id), "{id}");
    }
    on_both(async |state| {
        assert!(matches!(state.create_tenant("a", "again", at(1)).await, Err(StateError::Exists("tenant"))));
        assert!(matches!(state.create_tenant("../x", "x", at(1)).await, Err(StateError::Malformed(_))));
        let ids: Vec<_> = state.tenants().await.unwrap().into_iter().map(|tenant| tenant.id).collect();
        assert_eq!(ids, ["a", "b"]);
        assert_eq!(state.tenant("c").await.unwrap(), None);
    })
    .await;
}

/// Everything that tenant `a` has in the test below.
struct Made {
    user: User,
    token: Token,
    hunt: Hunt,
    document: Document,
}

async fn made(state: &State) -> Made {
    let user = user(state, "a", "ada", "admin").await;
    user_with_factor(state, &user).await;
    state.create_session("a", &user.id, "session", at(1_000), at(1)).await.unwrap();
    let (token, _) = state.create_token("a", &user.id, NewToken::default(), at(1)).await.unwrap();
    state.judge("a", "f1", None, &Judgment::default(), "ada", at(1)).await.unwrap();
    state.comment("a", (Subject::Finding, "f1"), "ada", "secret", at(1)).await.unwrap();
    abuse::close(state, &abuse::seen("i1"), Some(Verdict::True), at(1)).await;
    state.comment("a", (Subject::Incident, "i1"), "ada", "secret", at(1)).await.unwrap();
    state.judge_actor("a", &abuse::actor("u1"), None, &ActorDecision::default(), "ada", at(1)).await.unwrap();
    let hunt = state.create_hunt("a", HuntText::default(), "ada", at(1)).await.unwrap();
    state.set_setting("a", "s", None, "1", "ada", at(1)).await.unwrap();
    let new = NewDocument { name: "n".to_owned(), text: "t".to_owned(), ..NewDocument::default() };
    let document = state.create_document("a", DocumentKind::Spec, new, "ada", at(1)).await.unwrap();
    let change = NewChange {
        at: at(1),
        kind: "k".to_owned(),
        service: "s".to_owned(),
        endpoint: "e".to_owned(),
        detail: "{}".to_owned(),
    };
    state.append_changes("a", &[change]).await.unwrap();
    state.audit("a", AuditEntry { at: at(1), ..AuditEntry::default() }).await.unwrap();
    state.take_key("a", "u", "k", "r", at(1)).await.unwrap();
    state.keep_answer("a", "u", "k", Kept { status: 200, ..Kept::default() }).await.unwrap();
    Made { user, token, hunt, document }
}

async fn user_with_factor(state: &State, user: &User) {
    state.set_totp("a", &user.id, "sealed", at(1)).await.unwrap();
    state.confirm_totp("a", &user.id, 10, &["r1".to_owned()], at(1)).await.unwrap();
}

async fn dump(state: &State) -> Vec<u8> {
    let mut dump = Vec::new();
    state.dump(&mut dump).await.unwrap();
    dump
}

#[tokio::test]
async fn no_method_crosses_tenants() {
    on_both(async |state| {
        let made = made(&state).await;
        let before = dump(&state).await;
        reads_nothing(&state, &made).await;
        changes_nothing(&state, &made).await;
        assert_eq!(dump(&state).await, before, "tenant a is as it was, and b is empty");
        assert!(state.session("session").await.unwrap().is_some());
        let again = state.take_key("a", "u", "k", "r", at(2)).await.unwrap();
        assert!(matches!(again, Replay::Done(_)));
    })
    .await;
}

async fn reads_nothing(state: &State, made: &Made) {
    let (user, spec) = (made.user.id.as_str(), DocumentKind::Spec);
    assert!(state.users("b").await.unwrap().is_empty());
    assert_eq!(state.user("b", user).await.unwrap(), None);
    assert_eq!(state.user_by_name("b", "ada").await.unwrap(), None);
    assert_eq!(state.user_by_subject("b", "").await.unwrap(), None);
    assert_eq!(state.recovery_codes_left("b", user).await.unwrap(), 0);
    assert!(state.tokens("b").await.unwrap().is_empty());
    assert!(state.judgments("b").await.unwrap().is_empty());
    assert_eq!(state.judgment("b", "f1").await.unwrap().version, 0);
    assert!(state.comments("b", Subject::Finding, "f1").await.unwrap().is_empty());
    assert!(state.comments("b", Subject::Incident, "i1").await.unwrap().is_empty());
    assert!(state.incident_judgments("b").await.unwrap().is_empty());
    assert_eq!(state.incident_judgment("b", "i1").await.unwrap().version, 0);
    assert!(state.actor_judgments("b").await.unwrap().is_empty());
    assert_eq!(state.actor_judgment("b", "u1").await.unwrap().version, 0);
    assert!(state.hunts("b").await.unwrap().is_empty());
    assert_eq!(state.hunt("b", &made.hunt.id).await.unwrap(), None);
    assert!(state.settings("b").await.unwrap().is_empty());
    assert_eq!(state.setting("b", "s").await.unwrap(), None);
    assert!(state.documents("b", spec).await.unwrap().is_empty());
    assert_eq!(state.document("b", spec, &made.document.id).await.unwrap(), None);
    assert!(state.document_versions("b", spec, &made.document.id).await.unwrap().is_empty());
    assert_eq!(state.document_text("b", spec, &made.document.id, None).await.unwrap(), None);
    assert!(state.changes_after("b", 0, 10).await.unwrap().is_empty());
    assert!(state.changes_before("b", None, 10).await.unwrap().is_empty());
    assert!(state.changes_of_endpoint("b", "e", 10).await.unwrap().is_empty());
    assert!(state.audit_before("b", None, None, None, 10).await.unwrap().is_empty());
    assert_eq!(state.verify_audit("b", None).await.unwrap().entries, 0);
}

async fn changes_nothing(state: &State, made: &Made) {
    let (user, spec) = (made.user.id.as_str(), DocumentKind::Spec);
    let missing =
        |refused: Result<(), StateError>| assert!(matches!(refused, Err(StateError::Missing(_))), "{refused:?}");
    let demote = UserChange { role: Some("viewer".to_owned()), ..UserChange::default() };
    missing(state.update_user("b", user, None, &demote, at(2)).await.map(|_| ()));
    missing(state.delete_user("b", user).await);
    missing(state.set_totp("b", user, "x", at(2)).await);
    missing(state.confirm_totp("b", user, 99, &[], at(2)).await);
    missing(state.remove_totp("b", user, at(2)).await);
    assert!(!state.use_totp_step("b", user, 99).await.unwrap());
    assert!(!state.use_recovery_code("b", user, "r1").await.unwrap());
    missing(state.create_session("b", user, "other", at(1_000), at(2)).await);
    state.see_session("b", "session", at(2)).await.unwrap();
    state.end_session("b", "session").await.unwrap();
    assert_eq!(state.end_sessions("b", user, None).await.unwrap(), 0);
    missing(state.create_token("b", user, NewToken::default(), at(2)).await.map(|_| ()));
    state.see_token("b", &made.token.id, at(2)).await.unwrap();
    missing(state.delete_token("b", &made.token.id, None).await.map(|_| ()));
    missing(state.recover_admin_token("b", &[], at(2)).await.map(|_| ()));
    assert!(state.reopen_seen("b", &[("f1".to_owned(), at(9))], at(9)).await.unwrap().is_empty());
    assert!(state.reopen_incidents("b", &[abuse::seen("i1")], at(9)).await.unwrap().is_empty());
    assert_eq!(state.erase_subject("b", &["u1".to_owned()], &Identifier::default()).await.unwrap(), 0);
    missing(state.update_hunt("b", &made.hunt.id, None, HuntText::default(), at(2)).await.map(|_| ()));
    missing(state.delete_hunt("b", &made.hunt.id).await);
    missing(state.unset_setting("b", "s").await);
    missing(state.update_document("b", spec, &made.document.id, None, "x", "eve", at(2)).await.map(|_| ()));
    missing(state.delete_document("b", spec, &made.document.id).await);
    assert_eq!(state.prune_audit("b", at(1_000)).await.unwrap(), 0);
    state.keep_answer("b", "u", "k", Kept { status: 500, ..Kept::default() }).await.unwrap();
    state.forget_answer("b", "u", "k").await.unwrap();
    assert_eq!(state.take_key("b", "u", "k", "other", at(1)).await.unwrap(), Replay::New);
}
