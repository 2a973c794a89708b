use vedette_server::settings::Settings;
use vedette_server::upkeep;
use vedette_store::state::AuditEntry;

use super::world::World;

const DAY_US: i64 = 86_400_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn audit_entries_are_kept_as_long_as_was_set_and_the_rest_verifies() {
    let world = World::new().await;
    let state = world.app.state();
    for days_ago in [800, 700, 40] {
        let at = vedette_model::Timestamp(vedette_ingest::wall_clock().0 - days_ago * DAY_US);
        let entry = AuditEntry { at, actor: "ada".to_owned(), action: "test.old".to_owned(), ..AuditEntry::default() };
        state.audit("default", entry).await.unwrap();
    }
    let old = async || state.audit_before("default", None, None, Some("test.old"), 10).await.unwrap().len();
    upkeep::prune_audit(&world.app).await;
    assert_eq!(old().await, 2, "two years when nobody set anything");
    let path = "/v1/settings/audit-days";
    let set = async |days: u32| {
        world.ask("PUT", path, &world.admin, &[("if-match", "*")], &format!(r#"{{"value":{days}}}"#)).await.status
    };
    assert_eq!(set(5).await, 422, "a month at least");
    assert_eq!(set(60).await, 200);
    upkeep::prune_audit(&world.app).await;
    assert_eq!(old().await, 1);
    assert!(state.verify_audit("default", None).await.unwrap().is_whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_configured_retention_is_what_a_tenant_has_that_set_none() {
    let world = World::with(Settings { retention_days: 7, ..Settings::default() }).await;
    let shown = world.get("/v1/settings/retention-days").await.json();
    assert_eq!((shown["value"].as_u64(), shown["default"].as_u64()), (Some(7), Some(7)));
}
