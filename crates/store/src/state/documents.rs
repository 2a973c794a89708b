//! Documents that people upload, with their versions: specifications, data classes, sensitivity levels.

use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};
use vedette_model::Timestamp;
use vedette_model::limits::{DOCUMENT_BYTES_MAX, DOCUMENT_VERSIONS_MAX, DOCUMENTS_MAX};

use super::{State, StateError, is_orphan, new_id, signed};
use crate::keys::fingerprint;

/// What sort of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// An OpenAPI document of a service.
    Spec,
    /// A YAML file of data classes.
    Classes,
    /// A YAML file of sensitivity levels.
    Levels,
}

/// One document, without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Stable id.
    pub id: String,
    /// Name as it was uploaded.
    pub name: String,
    /// The service that it describes, if it was said.
    pub service: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// Newest version's time.
    pub updated_at: Timestamp,
    /// Newest version; versions count from 1.
    pub version: i64,
}

/// One version of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentVersion {
    /// Its number.
    pub version: i64,
    /// SHA-256 of the text, in hexadecimal.
    pub digest: String,
    /// Who uploaded it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// A document to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewDocument {
    /// See [`Document::name`].
    pub name: String,
    /// See [`Document::service`].
    pub service: Option<String>,
    /// The text.
    pub text: String,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Spec, Self::Classes, Self::Levels];

    /// As it is written in the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Classes => "classes",
            Self::Levels => "levels",
        }
    }
}

impl Document {
    fn from_row(row: &AnyRow) -> Result<Self, StateError> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            service: row.try_get("service")?,
            created_at: Timestamp(row.try_get("created_at")?),
            updated_at: Timestamp(row.try_get("updated_at")?),
            version: row.try_get("version")?,
        })
    }
}

impl State {
    /// Every document of the kind, oldest first; at most [`DOCUMENTS_MAX`].
    pub async fn documents(&self, tenant: &str, kind: DocumentKind) -> Result<Vec<Document>, StateError> {
        let rows = sqlx::query(
            "SELECT id, name, service, created_at, updated_at, version FROM documents \
             WHERE tenant = $1 AND kind = $2 ORDER BY id",
        )
        .bind(tenant)
        .bind(kind.name())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Document::from_row).collect()
    }

    /// One document.
    pub async fn document(&self, tenant: &str, kind: DocumentKind, id: &str) -> Result<Option<Document>, StateError> {
        let row = sqlx::query(
            "SELECT id, name, service, created_at, updated_at, version FROM documents \
             WHERE tenant = $1 AND kind = $2 AND id = $3",
        )
        .bind(tenant)
        .bind(kind.name())
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(Document::from_row).transpose()
    }

    /// The versions of a document that are kept, newest first.
    pub async fn document_versions(
        &self,
        tenant: &str,
        kind: DocumentKind,
        id: &str,
    ) -> Result<Vec<DocumentVersion>, StateError> {
        let rows = sqlx::query(
            "SELECT version, digest, created_by, created_at FROM document_versions \
             WHERE tenant = $1 AND kind = $2 AND document_id = $3 ORDER BY version DESC",
        )
        .bind(tenant)
        .bind(kind.name())
        .bind(id)
        .fetch_all(&self.pool)
        .await?;
        let version = |row: &AnyRow| {
            Ok(DocumentVersion {
                version: row.try_get("version")?,
                digest: row.try_get("digest")?,
                created_by: row.try_get("created_by")?,
                created_at: Timestamp(row.try_get("created_at")?),
            })
        };
        rows.iter().map(version).collect()
    }

    /// The text of a version, of the newest when `None`.
    pub async fn document_text(
        &self,
        tenant: &str,
        kind: DocumentKind,
        id: &str,
        version: Option<i64>,
    ) -> Result<Option<String>, StateError> {
        let row = sqlx::query(
            "SELECT body FROM document_versions WHERE tenant = $1 AND kind = $2 AND document_id = $3 \
             AND (version = $4 OR $4 = 0) ORDER BY version DESC LIMIT 1",
        )
        .bind(tenant)
        .bind(kind.name())
        .bind(id)
        .bind(version.unwrap_or(0))
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| row.try_get("body")).transpose()?)
    }

    /// Adds a document with its first version.
    pub async fn create_document(
        &self,
        tenant: &str,
        kind: DocumentKind,
        new: NewDocument,
        who: &str,
        now: Timestamp,
    ) -> Result<Document, StateError> {
        check_size(&new.text)?;
        let mut transaction = self.begin().await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM documents WHERE tenant = $1 AND kind = $2")
            .bind(tenant)
            .bind(kind.name())
            .fetch_one(&mut *transaction)
            .await?;
        if row.try_get::<i64, _>("n")? >= signed(DOCUMENTS_MAX) {
            return Err(StateError::Full { what: "documents", limit: DOCUMENTS_MAX });
        }
        let document = Document {
            id: new_id(),
            name: new.name,
            service: new.service,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        sqlx::query(
            "INSERT INTO documents (tenant, kind, id, name, service, created_at, updated_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, 1)",
        )
        .bind(tenant)
        .bind(kind.name())
        .bind(document.id.as_str())
        .bind(document.name.as_str())
        .bind(document.service.clone())
        .bind(now.0)
        .execute(&mut *transaction)
        .await
        .map_err(|error| if is_orphan(&error) { StateError::Missing("tenant") } else { error.into() })?;
        add_version(&mut transaction, tenant, kind, &document, &new.text, who).await?;
        transaction.commit().await?;
        Ok(document)
    }

    /// Adds a version to a document whose newest version is `version` (any when `None`). The oldest versions beyond
    /// [`DOCUMENT_VERSIONS_MAX`] are forgotten.
    #[expect(clippy::too_many_arguments, reason = "each is a column; a struct for one call would only rename them")]
    pub async fn update_document(
        &self,
        tenant: &str,
        kind: DocumentKind,
        id: &str,
        version: Option<i64>,
        text: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<Document, StateError> {
        check_size(text)?;
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "UPDATE documents SET version = version + 1, updated_at = $4 WHERE tenant = $1 AND kind = $2 AND id = $3 \
             RETURNING id, name, service, created_at, updated_at, version",
        )
        .bind(tenant)
        .bind(kind.name())
        .bind(id)
        .bind(now.0)
        .fetch_optional(&mut *transaction)
        .await?;
        let document = row.as_ref().map(Document::from_row).transpose()?.ok_or(StateError::Missing("document"))?;
        if version.is_some_and(|version| version != document.version - 1) {
            return Err(StateError::Conflict);
        }
        add_version(&mut transaction, tenant, kind, &document, text, who).await?;
        sqlx::query(
            "DELETE FROM document_versions WHERE tenant = $1 AND kind = $2 AND document_id = $3 AND version <= $4",
        )
        .bind(tenant)
        .bind(kind.name())
        .bind(id)
        .bind(document.version - DOCUMENT_VERSIONS_MAX)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(document)
    }

    /// Forgets a document with its versions.
    pub async fn delete_document(&self, tenant: &str, kind: DocumentKind, id: &str) -> Result<(), StateError> {
        let done = sqlx::query("DELETE FROM documents WHERE tenant = $1 AND kind = $2 AND id = $3")
            .bind(tenant)
            .bind(kind.name())
            .bind(id)
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StateError::Missing("document")) }
    }
}

fn check_size(text: &str) -> Result<(), StateError> {
    if text.len() <= DOCUMENT_BYTES_MAX {
        return Ok(());
    }
    Err(StateError::Full { what: "bytes of one document", limit: DOCUMENT_BYTES_MAX })
}

async fn add_version(
    transaction: &mut Transaction<'static, Any>,
    tenant: &str,
    kind: DocumentKind,
    document: &Document,
    text: &str,
    who: &str,
) -> Result<(), StateError> {
    sqlx::query(
        "INSERT INTO document_versions (tenant, kind, document_id, version, body, digest, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tenant)
    .bind(kind.name())
    .bind(document.id.as_str())
    .bind(document.version)
    .bind(text)
    .bind(fingerprint(text))
    .bind(who)
    .bind(document.updated_at.0)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
