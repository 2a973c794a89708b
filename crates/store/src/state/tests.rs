//! What the state promises, on SQLite and on PostgreSQL.

use vedette_model::Timestamp;

use super::*;

mod abuse;
mod audit;
mod people;
mod portable;
pub(crate) mod postgres;
mod schema;
mod tenants;
mod work;

/// A key that is the same in every test.
pub(crate) fn key() -> DataKey {
    DataKey::from_hex(&"5e".repeat(32)).unwrap()
}

/// Seconds after the beginning of the tests' time.
pub(crate) fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + secs)
}

/// A new SQLite state in a folder of its own.
pub(crate) async fn sqlite() -> (tempfile::TempDir, State) {
    let folder = tempfile::tempdir().unwrap();
    let state = State::of_folder(folder.path(), None, &key()).await.unwrap();
    (folder, state)
}

/// Runs a test against a new database of either kind, with the tenants `a` and `b`.
async fn on_both(test: impl AsyncFn(State)) {
    let (_folder, state) = sqlite().await;
    with_tenants(&state).await;
    test(state).await;
    let Some(url) = postgres::database().await else { return };
    let state = State::open(&url, &key()).await.unwrap();
    with_tenants(&state).await;
    test(state.clone()).await;
    state.close().await;
}

async fn with_tenants(state: &State) {
    for tenant in ["a", "b"] {
        state.create_tenant(tenant, tenant, at(0)).await.unwrap();
    }
}

/// A user of the tenant.
async fn user(state: &State, tenant: &str, name: &str, role: &str) -> User {
    let new = NewUser { name: name.to_owned(), role: role.to_owned(), ..NewUser::default() };
    state.create_user(tenant, new, at(0)).await.unwrap()
}

/// Runs SQL as somebody who has the database but not the program.
async fn tamper(state: &State, sql: &'static str) {
    sqlx::query(sql).execute(&state.pool).await.unwrap();
}
