//! Opening, migrating, refusing.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;

use super::super::portable::TABLES;
use super::super::schema::newest;
use super::*;

/// Tables that a dump leaves out on purpose.
const NOT_DUMPED: &[&str] = &["sessions", "idempotency", "_sqlx_migrations"];

#[tokio::test]
async fn a_state_is_private_and_opens_again() {
    let (folder, state) = sqlite().await;
    with_tenants(&state).await;
    let path = folder.path().join("state.sqlite");
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "only we may read it");
    }
    assert!(path.is_file());
    state.close().await;
    let again = State::of_folder(folder.path(), None, &key()).await.unwrap();
    assert_eq!(again.tenants().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_folder_of_any_name_holds_a_state() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("50% ?of#späce");
    std::fs::create_dir(&odd).unwrap();
    let state = State::of_folder(&odd, None, &key()).await.unwrap();
    state.ping().await.unwrap();
    assert!(odd.join("state.sqlite").is_file());
}

#[tokio::test]
async fn a_state_of_a_newer_program_is_refused_and_left_alone() {
    on_both(async |state| {
        tamper(
            &state,
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'future', success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
        let refused = super::super::schema::migrate(&state.pool).await.unwrap_err();
        assert!(matches!(refused, StateError::Newer { found: 9999, known } if known == newest()), "{refused}");
        assert!(refused.to_string().contains("newer Vedette"));
    })
    .await;
}

#[tokio::test]
async fn addresses_of_other_databases_are_refused_without_repeating_them() {
    let refused = State::open("mysql://root:hunter2@localhost/x", &key()).await.unwrap_err();
    assert!(matches!(refused, StateError::Address));
    let nobody = State::open("postgres://ada:hunter2@127.0.0.1:1/x", &key()).await.unwrap_err();
    assert!(matches!(nobody, StateError::Connect(_)));
    assert!(!format!("{nobody:?}").contains("hunter2"));
}

#[tokio::test]
async fn the_dump_knows_every_column() {
    on_both(async |state| {
        let sql = match state.database() {
            Database::Sqlite => {
                "SELECT m.name AS t, c.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) c \
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
            }
            Database::Postgres => {
                "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns \
                 WHERE table_schema = 'public'"
            }
        };
        let mut real: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in sqlx::query(sql).fetch_all(&state.pool).await.unwrap() {
            real.entry(row.get("t")).or_default().insert(row.get("c"));
        }
        real.retain(|table, _| !NOT_DUMPED.contains(&table.as_str()));
        let column = |column: &&str| (*column).to_owned();
        let known: BTreeMap<String, BTreeSet<String>> =
            TABLES.iter().map(|table| (table.name.to_owned(), table.columns.iter().map(column).collect())).collect();
        assert_eq!(known, real);
    })
    .await;
}

#[tokio::test]
async fn a_state_of_schema_1_is_brought_up_to_date_and_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/old/state-1.sqlite"), &path).unwrap();
    let state = State::open(&sqlite_url(&path), &key()).await.unwrap();
    let users = state.users("default").await.unwrap();
    assert_eq!(users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["ada", "admin"]);
    assert_eq!(users[0].services, ["shop"]);
    assert_eq!(state.judgment("default", "f1").await.unwrap().state, TriageState::Accepted);
    assert_eq!(state.comments("default", Subject::Finding, "f1").await.unwrap()[0].text, "known since spring");
    assert_eq!(state.hunts("default").await.unwrap()[0].text.sql, "select 1");
    assert_eq!(state.setting("default", "accept_days_max").await.unwrap().unwrap().value, "90");
    let document = &state.documents("default", DocumentKind::Spec).await.unwrap()[0];
    let text = state.document_text("default", DocumentKind::Spec, &document.id, None).await.unwrap();
    assert_eq!(text.as_deref(), Some("openapi: 3.1.0"));
    assert_eq!(state.changes_after("default", 0, 10).await.unwrap().len(), 1);
    assert!(state.verify_audit("default", None).await.unwrap().is_whole());
}

#[tokio::test]
async fn a_state_of_schema_2_keeps_what_was_judged_of_incidents_and_actors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/old/state-2.sqlite"), &path).unwrap();
    let state = State::open(&sqlite_url(&path), &key()).await.unwrap();
    let closed = state.incident_judgment("default", "i1").await.unwrap();
    assert_eq!((closed.state, closed.verdict), (IncidentState::Closed, Some(Verdict::False)));
    assert_eq!(closed.kinds.get("scraping"), Some(&Some(Verdict::False)));
    assert_eq!(state.comments("default", Subject::Incident, "i1").await.unwrap()[0].text, "a price comparison");
    assert_eq!(state.actor_judgment("default", "u1").await.unwrap().state, Some(ActorState::Allowed));
    assert_eq!(state.comments("default", Subject::Finding, "f1").await.unwrap()[0].text, "known since spring");
    assert!(state.verify_audit("default", None).await.unwrap().is_whole());
}

/// Writes the file of the test above. It was run once for each schema, when that was new.
#[tokio::test]
async fn a_state_for_later_tests_can_be_written() {
    let Some(path) = std::env::var_os("VEDETTE_WRITE_OLD_STATE") else { return };
    let state = State::open(&sqlite_url(path.as_ref()), &key()).await.unwrap();
    state.first_admin_token(&["admin"], at(0)).await.unwrap();
    let new = NewUser {
        name: "ada".to_owned(),
        role: "developer".to_owned(),
        services: vec!["shop".to_owned()],
        ..NewUser::default()
    };
    state.create_user("default", new, at(0)).await.unwrap();
    let judgment = Judgment {
        state: Some(TriageState::Accepted),
        reason: Some(Some("a test host".to_owned())),
        ..Judgment::default()
    };
    state.judge("default", "f1", None, &judgment, "ada", at(1)).await.unwrap();
    state.comment("default", (Subject::Finding, "f1"), "ada", "known since spring", at(2)).await.unwrap();
    let close = IncidentDecision {
        state: Some(IncidentState::Closed),
        verdict: Some(Some(Verdict::False)),
        ..IncidentDecision::default()
    };
    state.judge_incident("default", &abuse::seen("i1"), None, &close, "ada", at(2)).await.unwrap();
    state.comment("default", (Subject::Incident, "i1"), "ada", "a price comparison", at(2)).await.unwrap();
    let allow = ActorDecision { state: Some(Some(ActorState::Allowed)), ..ActorDecision::default() };
    state.judge_actor("default", &abuse::actor("u1"), None, &allow, "ada", at(2)).await.unwrap();
    let text = HuntText { title: "one".to_owned(), sql: "select 1".to_owned(), ..HuntText::default() };
    state.create_hunt("default", text, "ada", at(3)).await.unwrap();
    state.set_setting("default", "accept_days_max", None, "90", "ada", at(4)).await.unwrap();
    let document = NewDocument { name: "shop".to_owned(), text: "openapi: 3.1.0".to_owned(), ..NewDocument::default() };
    state.create_document("default", DocumentKind::Spec, document, "ada", at(5)).await.unwrap();
    let change = NewChange {
        at: at(6),
        kind: "new-endpoint".to_owned(),
        service: "shop".to_owned(),
        endpoint: "00000000000000aa".to_owned(),
        detail: "{}".to_owned(),
    };
    state.append_changes("default", &[change]).await.unwrap();
    let entry = AuditEntry {
        at: at(7),
        actor: String::new(),
        action: "login".to_owned(),
        target: String::new(),
        detail: String::new(),
        address: String::new(),
    };
    state.audit("default", entry).await.unwrap();
    // The last connection moves everything into the one file.
    state.close().await;
}
