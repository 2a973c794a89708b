//! What people said about findings and incidents.

use sqlx::Row;
use sqlx::any::AnyRow;
use vedette_model::Timestamp;
use vedette_model::limits::COMMENTS_PER_SUBJECT_MAX;

use super::{State, StateError, is_orphan, new_id, signed};

/// What a comment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A finding.
    Finding,
    /// An incident.
    Incident,
}

/// What somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Stable id, in order of time.
    pub id: String,
    /// Who.
    pub author: String,
    /// What.
    pub text: String,
    /// When.
    pub created_at: Timestamp,
}

impl Subject {
    /// As it is written in the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Incident => "incident",
        }
    }
}

impl State {
    /// What was said about a finding or incident, in order of time.
    pub async fn comments(&self, tenant: &str, subject: Subject, about: &str) -> Result<Vec<Comment>, StateError> {
        let rows = sqlx::query(
            "SELECT id, author, body, created_at FROM comments WHERE tenant = $1 AND subject = $2 AND finding = $3 \
             ORDER BY id",
        )
        .bind(tenant)
        .bind(subject.name())
        .bind(about)
        .fetch_all(&self.pool)
        .await?;
        let comment = |row: &AnyRow| {
            Ok(Comment {
                id: row.try_get("id")?,
                author: row.try_get("author")?,
                text: row.try_get("body")?,
                created_at: Timestamp(row.try_get("created_at")?),
            })
        };
        rows.iter().map(comment).collect()
    }

    /// Says something about a finding or incident.
    pub async fn comment(
        &self,
        tenant: &str,
        (subject, about): (Subject, &str),
        author: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Comment, StateError> {
        let mut transaction = self.begin().await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM comments WHERE tenant = $1 AND subject = $2 AND finding = $3")
            .bind(tenant)
            .bind(subject.name())
            .bind(about)
            .fetch_one(&mut *transaction)
            .await?;
        if row.try_get::<i64, _>("n")? >= signed(COMMENTS_PER_SUBJECT_MAX) {
            return Err(StateError::Full { what: "comments on one thing", limit: COMMENTS_PER_SUBJECT_MAX });
        }
        let comment = Comment { id: new_id(), author: author.to_owned(), text: text.to_owned(), created_at: now };
        sqlx::query(
            "INSERT INTO comments (tenant, subject, finding, id, author, body, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(tenant)
        .bind(subject.name())
        .bind(about)
        .bind(comment.id.as_str())
        .bind(author)
        .bind(text)
        .bind(now.0)
        .execute(&mut *transaction)
        .await
        .map_err(|error| if is_orphan(&error) { StateError::Missing("tenant") } else { error.into() })?;
        transaction.commit().await?;
        Ok(comment)
    }
}
