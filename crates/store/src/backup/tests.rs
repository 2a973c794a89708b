//! A backup puts everything back, and what is wrong with it is found first.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use vedette_model::Timestamp;

use super::*;
use crate::state::tests::{at, postgres};
use crate::state::{AuditEntry, NewUser, State};

/// A data folder with files of every kind, and its state.
async fn installation(data: &Path) -> (DataKey, State) {
    let key = DataKey::of_folder(data, None).unwrap();
    let state = State::of_folder(data, None, &key).await.unwrap();
    state.first_admin_token(&["admin"], at(0)).await.unwrap();
    let new = NewUser { name: "ada".to_owned(), role: "viewer".to_owned(), ..NewUser::default() };
    state.create_user("default", new, at(1)).await.unwrap();
    state.audit("default", AuditEntry { at: at(2), ..AuditEntry::default() }).await.unwrap();
    for (path, content) in files() {
        let path = data.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    (key, state)
}

fn files() -> BTreeMap<String, Vec<u8>> {
    let long = format!("tenants/default/lake/exchanges/ingest_date=2026-11-26/part-{}.parquet", "0".repeat(90));
    let files = [
        ("tenants/default/journal/00000001.seg", b"one".to_vec()),
        ("tenants/default/journal/00000002.seg", vec![7; 100_000]),
        ("tenants/default/learned/a.snap", b"learned".to_vec()),
        ("tenants/default/lake/exchanges/_delta_log/00000000.json", b"{}".to_vec()),
        (long.as_str(), b"PAR1".to_vec()),
        ("tenants/other/journal/00000001.seg", Vec::new()),
    ];
    files.into_iter().map(|(path, content)| (path.to_owned(), content)).collect()
}

fn options(include_key: bool) -> Options {
    Options { include_key, external_lake: None, now: Timestamp(1) }
}

fn target(data: &Path) -> Target<'_> {
    Target { data, state_url: None, key_file: None }
}

async fn backup(folder: &Path, include_key: bool) -> (PathBuf, Manifest) {
    let data = folder.join("data");
    fs::create_dir(&data).unwrap();
    let (key, state) = installation(&data).await;
    let out = folder.join("backup.tar.zst");
    let manifest = create(&data, &state, &key, &out, &options(include_key)).await.unwrap();
    state.close().await;
    (out, manifest)
}

#[tokio::test]
async fn a_backup_puts_everything_back() {
    let folder = tempfile::tempdir().unwrap();
    let (out, made) = backup(folder.path(), true).await;
    assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left over");
    assert_eq!(verify(&out).await.unwrap(), made);
    let data = folder.path().join("restored");
    assert_eq!(restore(&out, target(&data)).await.unwrap(), made);
    for (path, content) in files() {
        assert_eq!(fs::read(data.join(&path)).unwrap(), content, "{path}");
    }
    assert!(!data.join(STATE).exists());
    let key = DataKey::of_folder(&data, None).unwrap();
    let state = State::of_folder(&data, None, &key).await.unwrap();
    assert!(state.user_by_name("default", "ada").await.unwrap().is_some());
    assert!(state.verify_audit("default", None).await.unwrap().is_whole());
    let again = restore(&out, target(&data)).await;
    assert!(matches!(again, Err(BackupError::NotEmpty(_))));
}

#[tokio::test]
async fn the_key_stays_out_unless_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (out, made) = backup(folder.path(), false).await;
    assert!(!made.key_included && made.files.iter().all(|file| file.path != KEY));
    let data = folder.path().join("restored");
    assert!(matches!(restore(&out, target(&data)).await, Err(BackupError::NoKey)));
    assert!(!data.exists(), "a failed restore leaves nothing");
    let wrong = folder.path().join("wrong");
    DataKey::open_or_create(&wrong).unwrap();
    let refused = restore(&out, Target { key_file: Some(&wrong), ..target(&data) }).await;
    assert!(matches!(refused, Err(BackupError::WrongKey)));
    let right = folder.path().join("data/key");
    restore(&out, Target { key_file: Some(&right), ..target(&data) }).await.unwrap();
    assert!(!data.join(KEY).exists(), "the operator keeps it elsewhere");
}

#[tokio::test]
async fn a_backup_of_sqlite_goes_to_postgres() {
    let Some(url) = postgres::database().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let (out, _) = backup(folder.path(), true).await;
    let data = folder.path().join("restored");
    fs::create_dir(&data).unwrap();
    restore(&out, Target { state_url: Some(&url), ..target(&data) }).await.unwrap();
    assert!(!data.join("state.sqlite").exists());
    let key = DataKey::of_folder(&data, None).unwrap();
    let state = State::open(&url, &key).await.unwrap();
    assert_eq!(state.users("default").await.unwrap().len(), 2);
    // And from there into a backup again.
    let second = folder.path().join("second.tar.zst");
    let made = create(&data, &state, &key, &second, &options(false)).await.unwrap();
    assert_eq!(verify(&second).await.unwrap(), made);
    state.close().await;
    let other = folder.path().join("other");
    let taken = restore(&out, Target { state_url: Some(&url), ..target(&other) }).await;
    assert!(matches!(taken, Err(BackupError::Dump(DumpError::NotEmpty))));
    assert!(!other.exists());
}

#[tokio::test]
async fn damage_anywhere_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (out, _) = backup(folder.path(), true).await;
    let whole = fs::read(&out).unwrap();
    let data = folder.path().join("restored");
    let damaged = folder.path().join("damaged.tar.zst");
    for at in (0..whole.len()).step_by(whole.len() / 40) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&damaged, &bytes).unwrap();
        assert!(verify(&damaged).await.is_err(), "a bit at {at}");
        fs::write(&damaged, &whole[..at]).unwrap();
        assert!(verify(&damaged).await.is_err(), "cut at {at}");
    }
    fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
    assert!(restore(&damaged, target(&data)).await.is_err());
    assert!(!data.exists());
    // A file that was exchanged, in an archive that is whole otherwise.
    let mut plain = zstd::decode_all(whole.as_slice()).unwrap();
    let place = plain.windows(7).position(|bytes| bytes == b"learned").unwrap();
    let content = place + plain[place..].windows(7).skip(1).position(|bytes| bytes == b"learned").unwrap() + 1;
    plain[content] = b'L';
    fs::write(&damaged, zstd::encode_all(plain.as_slice(), 1).unwrap()).unwrap();
    let refused = verify(&damaged).await.unwrap_err();
    assert!(matches!(refused, BackupError::Damaged(_)), "{refused}");
}

#[tokio::test]
async fn a_backup_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (out, _) = backup(folder.path(), false).await;
    let before = fs::read(&out).unwrap();
    let data = folder.path().join("data");
    let key = DataKey::of_folder(&data, None).unwrap();
    let state = State::of_folder(&data, None, &key).await.unwrap();
    let refused = create(&data, &state, &key, &out, &options(false)).await.unwrap_err();
    assert!(matches!(refused, BackupError::File { action: "creating", .. }), "{refused}");
    assert_eq!(fs::read(&out).unwrap(), before);
}
