//! `vedette backup` and `vedette audit` at the boundary.

use std::path::Path;

use vedette_model::Timestamp;
use vedette_store::keys::DataKey;
use vedette_store::state::{AuditEntry, State};

use crate::{folder, vedette};

/// A data folder as `serve` leaves it, with `entries` entries in the audit log.
fn installation(folder: &Path, entries: usize) {
    std::fs::create_dir_all(folder).unwrap();
    let key = DataKey::of_folder(folder, None).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let state = State::of_folder(folder, None, &key).await.unwrap();
        state.first_admin_token(&["admin"], Timestamp(1)).await.unwrap();
        for _ in 0..entries {
            state.audit("default", AuditEntry::default()).await.unwrap();
        }
        state.close().await;
    });
    std::fs::create_dir_all(folder.join("tenants/default/journal")).unwrap();
    std::fs::write(folder.join("tenants/default/journal/1.seg"), "entry").unwrap();
}

#[test]
fn a_backup_is_written_checked_and_restored() {
    let folder = folder("backup");
    installation(&folder.join("vedette-data"), 2);
    let made = vedette(&folder, &["backup", "create", "b.tar.zst", "--include-key"], b"");
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(made.stdout.starts_with("b.tar.zst: written, 3 files, "), "{}", made.stdout);
    assert!(!made.stdout.contains("the lake"), "a lake in the data folder is in it");
    let checked = vedette(&folder, &["backup", "verify", "b.tar.zst", "--json"], b"");
    let manifest: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    assert_eq!((checked.code, &manifest["key_included"]), (0, &true.into()), "{}", checked.stderr);
    let taken = vedette(&folder, &["backup", "restore", "b.tar.zst"], b"");
    assert_eq!(taken.code, 2);
    assert_eq!(
        taken.stderr,
        "error: restoring b.tar.zst: the folder vedette-data is not empty\n\
         hint: choose another folder with --data, or move this one away\n"
    );
    let restored = vedette(&folder, &["backup", "restore", "b.tar.zst", "--data", "new"], b"");
    assert_eq!(restored.code, 0, "{}", restored.stderr);
    assert_eq!(std::fs::read(folder.join("new/tenants/default/journal/1.seg")).unwrap(), b"entry");
    let verified = vedette(&folder, &["audit", "verify", "--data", "new"], b"");
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
    std::fs::write(folder.join("b.tar.zst"), "damaged").unwrap();
    assert_eq!(vedette(&folder, &["backup", "verify", "b.tar.zst"], b"").code, 2);
}

#[test]
fn a_backup_without_its_key_says_so_and_wants_it_back() {
    let folder = folder("backup-key");
    installation(&folder.join("vedette-data"), 0);
    let made = vedette(&folder, &["backup", "create", "b.tar.zst"], b"");
    assert!(made.stderr.contains("the data key is not in it"), "{}", made.stderr);
    let refused = vedette(&folder, &["backup", "restore", "b.tar.zst", "--data", "new"], b"");
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.ends_with("hint: name the file of the key with --key-file\n"), "{}", refused.stderr);
    let arguments = ["backup", "restore", "b.tar.zst", "--data", "new", "--key-file", "vedette-data/key"];
    let restored = vedette(&folder, &arguments, b"");
    assert_eq!(restored.code, 0, "{}", restored.stderr);
}

#[test]
fn a_broken_audit_log_fails_the_gate() {
    let folder = folder("audit");
    let data = folder.join("vedette-data");
    installation(&data, 3);
    let whole = vedette(&folder, &["audit", "verify"], b"");
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    assert!(whole.stdout.starts_with("default: whole, 3 entries, end 3:"), "{}", whole.stdout);
    let end = whole.stdout.trim().rsplit_once("end ").unwrap().1;
    let known = ["audit", "verify", "--tenant", "default", "--expect", end];
    assert_eq!(vedette(&folder, &known, b"").code, 0);
    let other = ["audit", "verify", "--tenant", "default", "--expect", "3:00", "--json"];
    let other = vedette(&folder, &other, b"");
    assert_eq!(other.code, 1);
    let reports: serde_json::Value = serde_json::from_str(&other.stdout).unwrap();
    assert_eq!(reports[0]["whole"], false);
    // Another key: whoever has the database alone cannot sign.
    std::fs::write(data.join("key"), "5e".repeat(32)).unwrap();
    let broken = vedette(&folder, &["audit", "verify"], b"");
    assert_eq!(broken.code, 1, "{}", broken.stdout);
    assert!(broken.stdout.starts_with("default: BROKEN, 3 entries"), "{}", broken.stdout);
}

#[test]
fn whoever_holds_the_folder_finds_a_way_back_in() {
    let folder = folder("recover");
    installation(&folder.join("vedette-data"), 0);
    let said = vedette(&folder, &["recover"], b"");
    assert_eq!(said.code, 0, "{}", said.stderr);
    let token = said.stdout.trim().strip_prefix("admin token: ").unwrap().to_owned();
    assert!(token.starts_with("vdt_"), "{token}");
    let audited = vedette(&folder, &["audit", "verify", "--json"], b"");
    let reports: serde_json::Value = serde_json::from_str(&audited.stdout).unwrap();
    assert_eq!((&reports[0]["entries"], &reports[0]["whole"]), (&1.into(), &true.into()), "it leaves a trace");
    assert_eq!(vedette(&folder, &["recover", "--tenant", "nobody"], b"").code, 2);
}

#[test]
fn a_misspelled_folder_is_told_and_not_made() {
    let folder = folder("backup-misspelled");
    for arguments in [&["audit", "verify", "--data", "nowhere"][..], &["backup", "create", "b", "--data", "nowhere"]] {
        let said = vedette(&folder, arguments, b"");
        assert_eq!(said.code, 2, "{}", said.stdout);
        assert!(said.stderr.starts_with("error: there is no nowhere/key\n"), "{}", said.stderr);
    }
    assert!(!folder.join("nowhere").exists());
}
