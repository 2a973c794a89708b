//! Migrations: numbered SQL files, embedded, applied in order, each in a transaction, never edited once released.

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyPool, SqlSafeStr};

use super::StateError;

/// Every migration in order. A new file takes the next number and a line here.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "state", include_str!("../../migrations/0001_state.sql")),
    (2, "judgments", include_str!("../../migrations/0002_judgments.sql")),
];

/// Brings the database up to date. Several programs that start at once do not disturb one another.
pub(super) async fn migrate(pool: &AnyPool) -> Result<(), StateError> {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, (*sql).into_sql_str(), false)
    });
    let migrator = Migrator::with_migrations(migrations.collect());
    match migrator.run(pool).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => Err(StateError::Newer { found, known: newest() }),
        Err(error) => Err(StateError::Migrate(Box::new(error))),
    }
}

/// The newest schema that this program knows.
pub(super) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}
