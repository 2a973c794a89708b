//! Where a lake is: a folder of this machine, or a prefix of an S3-compatible bucket.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use url::Url;

use super::durable::DurableDisk;
use super::error::LakeError;

/// How to reach an S3-compatible store. What is missing comes from the environment (`AWS_…`) or the machine's role.
#[derive(Clone, Default)]
pub struct S3Access {
    /// Address of the store when it is not AWS (`https://minio.example.org:9000`).
    pub endpoint: Option<String>,
    /// Region; `us-east-1` when nothing says otherwise.
    pub region: Option<String>,
    /// Id of the access key.
    pub access_key_id: Option<String>,
    /// Secret of the access key.
    pub secret_access_key: Option<String>,
}

impl std::fmt::Debug for S3Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Access")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// An opened place.
#[derive(Clone)]
pub(super) struct Place {
    /// As messages say it; holds no secret.
    pub(super) name: Arc<str>,
    /// The folder, when it is one of this machine.
    pub(super) folder: Option<PathBuf>,
    /// The place's files, relative to it.
    pub(super) files: Arc<dyn ObjectStore>,
    /// The place as `deltalake` wants it.
    pub(super) log: LogStoreRef,
}

impl Place {
    /// Opens `s3://bucket/prefix`, `file:///folder` or a folder, which is made when missing.
    pub(super) fn open(place: &str, s3: &S3Access) -> Result<Self, LakeError> {
        let refuse = |reason: String| LakeError::Place { place: place.to_owned(), reason };
        let mut local = None;
        let (root, url, prefix): (Arc<dyn ObjectStore>, Url, Path) = if place.starts_with("s3://") {
            let url = Url::parse(place.trim_end_matches('/')).map_err(|error| refuse(error.to_string()))?;
            let prefix = Path::from_url_path(url.path()).map_err(|error| refuse(error.to_string()))?;
            if prefix.as_ref().is_empty() {
                return Err(refuse("it needs a prefix below the bucket".to_owned()));
            }
            (Arc::new(bucket(&url, s3).map_err(|error| refuse(error.to_string()))?), url, prefix)
        } else {
            let folder = place.strip_prefix("file://").unwrap_or(place);
            if folder.contains("://") || folder.is_empty() {
                return Err(refuse("only folders and s3:// are supported".to_owned()));
            }
            let folder = make_folder(FilePath::new(folder)).map_err(|error| refuse(error.to_string()))?;
            let url = Url::from_directory_path(&folder).map_err(|()| refuse("it is no absolute path".to_owned()))?;
            let prefix = Path::from_absolute_path(&folder).map_err(|error| refuse(error.to_string()))?;
            local = Some(folder);
            (Arc::new(DurableDisk::new()), url, prefix)
        };
        let files: Arc<dyn ObjectStore> = Arc::new(PrefixStore::new(Arc::clone(&root), prefix));
        let log = default_logstore(Arc::clone(&files), root, &url, &StorageConfig::default());
        Ok(Self { name: place.into(), folder: local, files, log })
    }
}

/// Commits need "write if absent", which S3 and its kin offer by a condition on the request.
fn bucket(url: &Url, access: &S3Access) -> Result<object_store::aws::AmazonS3, object_store::Error> {
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(url.host_str().unwrap_or_default())
        .with_conditional_put(S3ConditionalPut::ETagMatch);
    if let Some(endpoint) = &access.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    if let Some(region) = &access.region {
        builder = builder.with_region(region);
    }
    if let (Some(id), Some(secret)) = (&access.access_key_id, &access.secret_access_key) {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret);
    }
    builder.build()
}

fn make_folder(folder: &FilePath) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    folder.canonicalize()
}
