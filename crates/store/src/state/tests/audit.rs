//! The audit log shows what was done to it.

use super::*;

fn entry(action: &str) -> AuditEntry {
    AuditEntry {
        at: at(1),
        actor: "user:ada".to_owned(),
        action: action.to_owned(),
        target: "t".to_owned(),
        detail: "d".to_owned(),
        address: "192.0.2.1".to_owned(),
    }
}

async fn write(state: &State, tenant: &str, count: usize) {
    for number in 0..count {
        state.audit(tenant, entry(&format!("action{number}"))).await.unwrap();
    }
}

async fn faults(state: &State) -> String {
    state.verify_audit("a", None).await.unwrap().faults.join("; ")
}

#[tokio::test]
async fn entries_are_chained_per_tenant_and_read_back() {
    on_both(async |state| {
        assert!(state.verify_audit("a", None).await.unwrap().is_whole(), "an empty log is whole");
        write(&state, "a", 3).await;
        write(&state, "b", 1).await;
        let report = state.verify_audit("a", None).await.unwrap();
        assert_eq!((report.entries, report.faults.len()), (3, 0), "{:?}", report.faults);
        let page = state.audit_before("a", None, None, None, 2).await.unwrap();
        assert_eq!(page.iter().map(|record| record.seq).collect::<Vec<_>>(), [3, 2]);
        assert_eq!(page[0].entry, entry("action2"));
        assert_eq!(page[0].hash, report.head.unwrap().hash);
        assert_eq!(state.audit_before("a", Some(2), None, None, 10).await.unwrap().len(), 1);
        assert_eq!(state.audit_before("a", None, Some("user:ada"), Some("action1"), 10).await.unwrap().len(), 1);
        assert!(state.audit_before("a", None, Some("user:eve"), None, 10).await.unwrap().is_empty());
        assert!(matches!(state.audit("nowhere", entry("x")).await, Err(StateError::Audit)));
    })
    .await;
}

#[tokio::test]
async fn many_entries_at_once_are_all_there() {
    on_both(async |state| {
        let writes = (0..300).map(|number| {
            let state = state.clone();
            let tenant = if number % 3 == 0 { "b" } else { "a" };
            tokio::spawn(async move { state.audit(tenant, entry(&number.to_string())).await })
        });
        for write in writes.collect::<Vec<_>>() {
            write.await.unwrap().unwrap();
        }
        let report = state.verify_audit("a", None).await.unwrap();
        assert_eq!((report.entries, report.is_whole()), (200, true));
        assert_eq!(state.verify_audit("b", None).await.unwrap().entries, 100);
    })
    .await;
}

#[tokio::test]
async fn a_changed_entry_shows() {
    on_both(async |state| {
        write(&state, "a", 5).await;
        tamper(&state, "UPDATE audit SET actor = 'user:eve' WHERE tenant = 'a' AND seq = 3").await;
        assert_eq!(faults(&state).await, "entry 3 was changed, or the one before it");
        write(&state, "a", 1).await;
        assert_eq!(faults(&state).await, "entry 3 was changed, or the one before it", "and goes on showing");
    })
    .await;
}

#[tokio::test]
async fn a_removed_entry_and_a_cut_end_show() {
    on_both(async |state| {
        write(&state, "a", 5).await;
        tamper(&state, "DELETE FROM audit WHERE tenant = 'a' AND seq = 2").await;
        assert_eq!(faults(&state).await, "entries 2 to 2 are missing");
        write(&state, "b", 5).await;
        tamper(&state, "DELETE FROM audit WHERE tenant = 'b' AND seq > 3").await;
        let report = state.verify_audit("b", None).await.unwrap();
        assert_eq!(report.faults, ["entries 4 to 5 are missing at the end"]);
    })
    .await;
}

#[tokio::test]
async fn a_head_that_fits_a_cut_log_is_not_signed() {
    on_both(async |state| {
        write(&state, "a", 5).await;
        tamper(&state, "DELETE FROM audit WHERE tenant = 'a' AND seq > 3").await;
        tamper(
            &state,
            "UPDATE audit_heads SET seq = 3, hash = (SELECT hash FROM audit WHERE tenant = 'a' AND seq = 3) \
             WHERE tenant = 'a'",
        )
        .await;
        assert!(faults(&state).await.starts_with("the log's head is not signed with this data key"));
        write(&state, "a", 2).await;
        let report = state.verify_audit("a", None).await.unwrap();
        assert!(!report.is_whole(), "a new entry does not sign what another wrote");
        tamper(&state, "DELETE FROM audit_heads WHERE tenant = 'a'").await;
        assert_eq!(faults(&state).await, "the log's head is missing");
    })
    .await;
}

#[tokio::test]
async fn an_older_copy_put_back_shows_to_the_running_program_and_to_whoever_kept_the_head() {
    on_both(async |state| {
        write(&state, "a", 2).await;
        tamper(
            &state,
            "INSERT INTO settings SELECT tenant, 'head', mac || ' ' || hash, '', 0, 1 FROM audit_heads \
                        WHERE tenant = 'a'",
        )
        .await;
        write(&state, "a", 3).await;
        let kept = state.verify_audit("a", None).await.unwrap().head.unwrap();
        assert!(state.verify_audit("a", Some(&kept)).await.unwrap().is_whole());
        tamper(&state, "DELETE FROM audit WHERE tenant = 'a' AND seq > 2").await;
        tamper(
            &state,
            "UPDATE audit_heads SET seq = 2, \
             mac = (SELECT substr(value, 1, 64) FROM settings WHERE tenant = 'a' AND name = 'head'), \
             hash = (SELECT substr(value, 66) FROM settings WHERE tenant = 'a' AND name = 'head') WHERE tenant = 'a'",
        )
        .await;
        assert!(state.verify_audit("a", None).await.unwrap().is_whole(), "nothing inside can tell");
        let report = state.verify_audit("a", Some(&kept)).await.unwrap();
        assert_eq!(report.faults, ["entry 5 is not the one that was noted: the log was put back or rewritten"]);
        write(&state, "a", 1).await;
        assert!(faults(&state).await.starts_with("the log's head is not signed"), "numbers went back");
    })
    .await;
}

#[tokio::test]
async fn another_key_does_not_verify() {
    let (folder, state) = sqlite().await;
    with_tenants(&state).await;
    write(&state, "a", 1).await;
    state.close().await;
    let other = State::of_folder(folder.path(), None, &DataKey::random().unwrap()).await.unwrap();
    assert!(faults(&other).await.starts_with("the log's head is not signed with this data key"));
}

#[tokio::test]
async fn pruning_keeps_the_rest_verifiable() {
    on_both(async |state| {
        for secs in 1..=6 {
            state.audit("a", AuditEntry { at: at(secs), ..entry("x") }).await.unwrap();
        }
        assert_eq!(state.prune_audit("a", at(1)).await.unwrap(), 0);
        assert_eq!(state.prune_audit("a", at(4)).await.unwrap(), 3);
        let report = state.verify_audit("a", None).await.unwrap();
        assert_eq!((report.entries, report.pruned, report.is_whole()), (3, 3, true), "{:?}", report.faults);
        write(&state, "a", 1).await;
        assert_eq!(state.verify_audit("a", None).await.unwrap().entries, 4);
        assert_eq!(state.prune_audit("a", at(100)).await.unwrap(), 4);
        let report = state.verify_audit("a", None).await.unwrap();
        assert_eq!((report.entries, report.pruned, report.is_whole()), (0, 7, true), "{:?}", report.faults);
        tamper(&state, "UPDATE audit_heads SET base_seq = 5 WHERE tenant = 'a'").await;
        assert!(!state.verify_audit("a", None).await.unwrap().is_whole());
    })
    .await;
}

#[tokio::test]
async fn texts_are_bounded_and_storable() {
    on_both(async |state| {
        let detail = "é\0".repeat(10_000);
        state.audit("a", AuditEntry { detail, ..entry("x") }).await.unwrap();
        let kept = &state.audit_before("a", None, None, None, 1).await.unwrap()[0].entry.detail;
        assert!(kept.len() <= vedette_model::limits::AUDIT_TEXT_BYTES_MAX && !kept.contains('\0'));
        assert!(state.verify_audit("a", None).await.unwrap().is_whole());
    })
    .await;
}
