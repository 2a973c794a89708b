//! Several files, folders, and what is no file.

use std::path::PathBuf;

use crate::read::{self, Folder};

#[test]
fn files_are_read_in_order_of_time() {
    let folder = Folder::new();
    folder.write("access.log", read::lines(300..302));
    folder.write("access.log.1", read::lines(200..202));
    folder.write("access.log.10.gz", zstd::encode_all(read::lines(0..2).as_bytes(), 1).unwrap());
    folder.write("access.log.2", read::lines(100..102));
    let seen = read::path(&folder.0);
    assert_eq!(seen.paths(), ["/0", "/1", "/100", "/101", "/200", "/201", "/300", "/301"]);
    assert!(seen.sources[0].name.ends_with("access.log.10.gz"));
    assert_eq!(seen.sources[0].compression.as_deref(), Some("zstd"), "the content decides, not the name");
    assert_eq!(seen.exchanges[3], (1, 1, "/101".to_owned()));
    assert!(seen.sources[3].first_seen < seen.sources[3].last_seen);
}

#[test]
fn folders_are_read_below_and_what_is_no_traffic_is_left_out() {
    let folder = Folder::new();
    folder.write("a/b/one.har.ndjson", read::lines(0..1));
    folder.write("a/two.ndjson", read::lines(1..2));
    for other in [".git/config", "logo.png", "README.md", "error.log"] {
        folder.write(other, "x");
    }
    let named = folder.write("a/three.md", read::lines(2..3));
    let seen = read::all(&[folder.0.clone(), folder.0.join("a/two.ndjson"), named]);
    assert_eq!(seen.paths(), ["/0", "/1", "/2"], "nothing twice, and what is named is read");
    assert_eq!(seen.notes, ["5 files or folders left out: 2 documents, 1 error logs, 1 hidden, 1 images"]);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_goes_on() {
    let folder = Folder::new();
    folder.write("good.ndjson", read::lines(0..1));
    folder.write("empty.log", "");
    folder.write("blank.log", "\n\n  \n");
    let mut paths = vec![folder.0.clone(), folder.0.join("missing.log"), PathBuf::from("/dev/null")];
    let mut expected = vec!["it is empty", "it is empty", "no such file", "a device"];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.0.join("nowhere"), folder.0.join("dangling.log")).unwrap();
        std::os::unix::fs::symlink(&folder.0, folder.0.join("loop")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.0.join("device.log")).unwrap();
        let pipe = folder.0.join("pipe.log");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        expected.extend(["the link leads nowhere", "a device", "a pipe or socket"]);
    }
    #[cfg(not(unix))]
    paths.pop();
    paths.dedup();
    let seen = read::all(&paths);
    assert_eq!(seen.paths(), ["/0"]);
    for problem in &expected {
        assert!(seen.sources.iter().any(|s| s.problems.iter().any(|p| p.contains(problem))), "{problem}");
    }
    assert_eq!(seen.sources.len(), 1 + expected.len(), "{:#?}", seen.sources);
}

/// Root reads everything: then there is nothing to see.
#[cfg(unix)]
#[test]
fn a_folder_without_permission_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    folder.write("open/a.ndjson", read::lines(0..1));
    let closed = folder.write("closed/b.ndjson", read::lines(1..2)).parent().unwrap().to_owned();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = std::fs::read_dir(&closed).is_ok();
    let seen = read::path(&folder.0);
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).unwrap();
    if !is_root {
        assert_eq!(seen.paths(), ["/0"]);
        let problem = &seen.sources[1].problems[0];
        assert!(problem.contains("permission denied") && problem.contains("hint:"), "{problem}");
    }
}
