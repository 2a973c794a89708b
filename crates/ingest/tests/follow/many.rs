//! Many files, and files that cannot be read just now.

use std::os::unix::fs::PermissionsExt;

use super::{Play, line, lines, paths};

#[test]
fn ten_thousand_files_are_read_once_each() {
    let mut play = Play::folder();
    let name = |n: u64| format!("part-{n:05}-a.log");
    for n in 0..10_000 {
        std::fs::write(play.path(&name(n)), line(n)).unwrap();
    }
    let mut seen = play.look();
    seen.sort_by_key(|path| path[1..].parse::<u64>().unwrap());
    assert_eq!(seen, paths(0..10_000));
    play.log(&name(4_711), 10_000..10_001);
    assert_eq!(play.look(), ["/10000"]);
    assert_eq!(play.positions.len(), 10_000);
    let sources = play.follower_health().len();
    assert_eq!(sources, 65, "the first logs are sources of their own, the rest count for the folder");
    play.restart();
    assert!(play.look().is_empty());
}

#[test]
fn a_large_file_does_not_keep_the_others_waiting() {
    let mut play = Play::folder();
    play.write("large.log", lines(0..30_000));
    play.log("small.log", 30_000..30_001);
    play.poll();
    assert!(play.take() && play.take());
    assert!(play.seen.contains(&"/30000".to_owned()));
    assert!(play.seen.len() < 10_000);
    while play.take() {}
    assert_eq!(play.seen.len(), 30_001);
    assert!(play.deliveries > 8);
}

#[test]
fn a_permission_that_was_lost_comes_back() {
    let mut play = Play::folder();
    play.log("a.log", 0..2);
    assert_eq!(play.look(), paths(0..2));
    play.restart();
    let mode = |mode| std::fs::set_permissions(play.path("a.log"), std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o000);
    // Root reads everything: then there is nothing to see.
    let is_root = std::fs::File::open(play.path("a.log")).is_ok();
    play.log_as_writer("a.log", 2..3);
    let new = play.look();
    if !is_root {
        assert!(new.is_empty());
        let problem = play.health().problem.unwrap();
        assert!(problem.contains("permission denied") && problem.contains("hint:"), "{problem}");
    }
    std::fs::set_permissions(play.path("a.log"), std::fs::Permissions::from_mode(0o644)).unwrap();
    play.look();
    assert_eq!(play.seen, paths(0..3));
    assert_eq!(play.health().problem, None);
}

#[test]
fn a_file_that_is_not_there_yet_is_told_and_read_when_it_comes() {
    let mut play = Play::of(|folder| folder.join("later.log"));
    assert!(play.look().is_empty());
    assert!(play.health().problem.unwrap().contains("no such file"));
    play.log("later.log", 0..1);
    assert_eq!(play.look(), paths(0..1));
    assert_eq!(play.health().problem, None);
}

#[test]
fn a_pattern_names_files_of_one_folder() {
    let mut play = Play::of(|folder| folder.join("*.log"));
    play.log("b.log", 1..2);
    play.log("a.log", 0..1);
    play.log("a.txt", 9..10);
    play.log("sub/c.log", 9..10);
    let mut seen = play.look();
    seen.sort();
    assert_eq!(seen, paths(0..2));
    play.log("a.log", 2..3);
    play.rename("a.log", "a.log.1");
    play.log("a.log", 3..4);
    assert_eq!(play.look(), paths(2..4), "a generation beyond the pattern is read to its end");
}

#[test]
fn a_link_that_leads_nowhere_and_a_pipe_stop_nothing() {
    let mut play = Play::folder();
    std::os::unix::fs::symlink("/nowhere", play.path("dangling.log")).unwrap();
    std::os::unix::fs::symlink(&play.folder.0, play.path("loop")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(play.path("pipe.log")).status().unwrap().success());
    play.log("a.log", 0..1);
    std::os::unix::fs::symlink(play.path("a.log"), play.path("again.log")).unwrap();
    std::fs::hard_link(play.path("a.log"), play.path("twice.log")).unwrap();
    assert_eq!(play.look(), paths(0..1), "a file with several names is read once");
}
