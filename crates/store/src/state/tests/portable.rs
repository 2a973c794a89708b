//! The dump goes from either database to either.

use super::*;

/// A state with something in every table.
async fn filled(state: &State) {
    let new = NewUser {
        name: "ada".to_owned(),
        role: "developer".to_owned(),
        services: vec!["shop".to_owned()],
        ..NewUser::default()
    };
    let ada = state.create_user("a", new, at(1)).await.unwrap();
    state.set_totp("a", &ada.id, "sealed", at(1)).await.unwrap();
    state.confirm_totp("a", &ada.id, 10, &["r1".to_owned()], at(1)).await.unwrap();
    state.create_session("a", &ada.id, "session", at(100), at(1)).await.unwrap();
    for expires_at in [None, Some(at(50))] {
        let new = NewToken { expires_at, ..NewToken::default() };
        state.create_token("a", &ada.id, new, at(1)).await.unwrap();
    }
    let until = Judgment { until: Some(Some(at(9))), state: Some(TriageState::Accepted), ..Judgment::default() };
    state.judge("a", "f1", None, &until, "ada", at(1)).await.unwrap();
    state.judge("b", "f1", None, &Judgment::default(), "bob", at(1)).await.unwrap();
    state.comment("a", (Subject::Finding, "f1"), "ada", "line\n\"quoted\" 'single' \u{1f980}", at(1)).await.unwrap();
    for verdict in [None, Some(Verdict::False)] {
        abuse::close(state, &abuse::seen(verdict.map_or("i1", Verdict::name)), verdict, at(1)).await;
    }
    let decision = ActorDecision { state: Some(Some(ActorState::Watched)), ..ActorDecision::default() };
    state.judge_actor("a", &abuse::actor("u1"), None, &decision, "ada", at(1)).await.unwrap();
    state.judge_actor("a", &abuse::actor("u2"), None, &ActorDecision::default(), "ada", at(1)).await.unwrap();
    state.comment("a", (Subject::Incident, "i1"), "ada", "look", at(1)).await.unwrap();
    state.create_hunt("a", HuntText::default(), "ada", at(1)).await.unwrap();
    state.set_setting("a", "s", None, "{}", "ada", at(1)).await.unwrap();
    let document = NewDocument { name: "n".to_owned(), text: "t".to_owned(), ..NewDocument::default() };
    state.create_document("a", DocumentKind::Classes, document, "ada", at(1)).await.unwrap();
    let change = NewChange {
        at: at(1),
        kind: "k".to_owned(),
        service: "s".to_owned(),
        endpoint: String::new(),
        detail: "{}".to_owned(),
    };
    state.append_changes("a", &[change]).await.unwrap();
    state.audit("a", AuditEntry { at: at(1), ..AuditEntry::default() }).await.unwrap();
}

async fn dump(state: &State) -> String {
    let mut dump = Vec::new();
    state.dump(&mut dump).await.unwrap();
    String::from_utf8(dump).unwrap()
}

#[tokio::test]
async fn a_dump_moves_from_sqlite_to_postgres_and_back() {
    let (_folder, first) = sqlite().await;
    with_tenants(&first).await;
    filled(&first).await;
    let text = dump(&first).await;
    assert!(!text.contains("\"session\""), "a backup is no way to be logged in");
    let checked = check_dump(&mut text.as_bytes()).await.unwrap();
    let Some(url) = postgres::database().await else { return };
    let second = State::open(&url, &key()).await.unwrap();
    assert_eq!(second.load(&mut text.as_bytes()).await.unwrap(), checked);
    assert_eq!(dump(&second).await, text);
    assert!(second.verify_audit("a", None).await.unwrap().is_whole());
    second.audit("a", AuditEntry::default()).await.unwrap();
    let text = dump(&second).await;
    let (_folder, third) = sqlite().await;
    third.load(&mut text.as_bytes()).await.unwrap();
    assert_eq!(dump(&third).await, text);
    assert!(third.verify_audit("a", None).await.unwrap().is_whole());
    second.close().await;
}

#[tokio::test]
async fn a_damaged_dump_changes_nothing() {
    on_both(async |state| {
        filled(&state).await;
        let text = dump(&state).await;
        assert!(matches!(state.load(&mut text.as_bytes()).await, Err(DumpError::NotEmpty)));
        let (_folder, empty) = sqlite().await;
        let lines: Vec<&str> = text.lines().collect();
        let cut = lines[..lines.len() - 1].join("\n");
        let short = [&lines[..5], &lines[6..]].concat().join("\n");
        let swapped = text.replacen("\"tenants\"", "\"sqlite_master\"", 1);
        let column = text.replacen("\"title\"", "\"title) VALUES (1); DROP TABLE users; --\"", 1);
        for damaged in [cut, short, swapped, column, "{}".to_owned(), String::new(), text.replacen('[', "", 2)] {
            assert!(empty.load(&mut damaged.as_bytes()).await.is_err());
            let refused = check_dump(&mut damaged.as_bytes()).await;
            assert!(matches!(refused, Err(DumpError::Malformed { .. })), "{refused:?}");
        }
        let newer = text.replacen("\"schema\":2", "\"schema\":9999", 1);
        assert!(matches!(empty.load(&mut newer.as_bytes()).await, Err(DumpError::Newer { found: 9999, .. })));
        assert!(empty.tenants().await.unwrap().is_empty());
        empty.load(&mut text.as_bytes()).await.unwrap();
    })
    .await;
}
