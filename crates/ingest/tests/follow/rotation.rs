//! Every line once, whatever happens to its file.

use super::{Play, line, lines, paths};

#[test]
fn lines_and_files_are_read_as_they_come() {
    let mut play = Play::folder();
    assert!(play.look().is_empty());
    play.log("a.log", 0..3);
    assert_eq!(play.look(), paths(0..3));
    assert!(play.look().is_empty());
    play.log("a.log", 3..4);
    play.log("sub/b.log", 4..5);
    let mut new = play.look();
    new.sort();
    assert_eq!(new, paths(3..5));
    assert_eq!(play.decoder, "combined");
}

#[test]
fn a_renamed_log_is_read_to_its_end_before_the_new_one() {
    let mut play = Play::folder();
    play.log("access.log", 0..2);
    play.look();
    play.log("access.log", 2..4);
    play.rename("access.log", "access.log.1");
    play.log("access.log", 4..6);
    assert_eq!(play.look(), paths(2..6));
    // The server still holds the old file and ends a request there.
    play.log("access.log.1", 6..7);
    play.log("access.log", 7..8);
    assert_eq!(play.look(), paths(6..8));
    play.rename("access.log.1", "access.log.2");
    play.rename("access.log", "access.log.1");
    assert!(play.look().is_empty());
    assert_eq!(play.positions.len(), 1, "one log, one position");
}

#[test]
fn a_log_that_is_compressed_afterwards_is_not_read_twice() {
    let mut play = Play::folder();
    play.log("access.log", 0..50);
    play.look();
    play.log("access.log", 50..60);
    play.rename("access.log", "access.log.1");
    play.compress("access.log.1", "access.log.1.gz");
    play.log("access.log", 60..61);
    play.look();
    play.look();
    play.look();
    let mut seen = play.seen.clone();
    seen.sort_by_key(|path| path[1..].parse::<u64>().unwrap());
    assert_eq!(seen, paths(0..61), "and what was not read yet is read from what it was compressed to");
    play.rename("access.log.1.gz", "access.log.2.gz");
    play.restart();
    for _ in 0..4 {
        assert!(play.look().is_empty());
    }
}

#[test]
fn the_rest_of_a_copied_and_truncated_log_is_read_from_the_copy() {
    let mut play = Play::folder();
    play.log("access.log", 0..20);
    play.look();
    play.log("access.log", 20..25);
    play.copy_and_truncate("access.log", "access.log.1");
    play.log("access.log", 25..27);
    assert_eq!(play.look(), paths(20..27));
    // A copy that is there before the truncation is no new log.
    std::fs::copy(play.path("access.log"), play.path("access.log.0")).unwrap();
    assert!(play.look().is_empty());
    play.log("access.log", 27..28);
    assert_eq!(play.look(), paths(27..28));
}

#[test]
fn a_truncated_log_begins_anew() {
    let mut play = Play::folder();
    play.log("access.log", 0..5);
    play.look();
    play.truncate("access.log");
    assert!(play.look().is_empty());
    play.log("access.log", 5..6);
    assert_eq!(play.look(), paths(5..6));
    // Between two looks it became longer than it was.
    play.truncate("access.log");
    play.log("access.log", 6..36);
    assert_eq!(play.look(), paths(6..36));
    // Its end was cut off: what is left was read.
    play.write("access.log", lines(6..20));
    assert!(play.look().is_empty());
    play.log("access.log", 36..37);
    assert_eq!(play.look(), paths(36..37));
}

#[test]
fn a_deleted_log_is_read_to_its_end_and_let_go() {
    let mut play = Play::folder();
    play.log("access.log", 0..2);
    play.look();
    play.log("access.log", 2..4);
    play.remove("access.log");
    play.log("access.log", 4..5);
    assert_eq!(play.look(), paths(2..5));
    play.remove("access.log");
    for _ in 0..12 {
        assert!(play.look().is_empty());
    }
    #[cfg(target_os = "linux")]
    {
        let open =
            std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|fd| std::fs::read_link(fd.ok()?.path()).ok());
        let folder = play.folder.0.display().to_string();
        assert_eq!(open.filter(|path| path.to_string_lossy().starts_with(&folder)).count(), 0);
    }
}

#[test]
fn a_restart_goes_on_where_the_log_is_by_then() {
    let mut play = Play::folder();
    play.log("access.log", 0..4);
    play.look();
    play.log("access.log", 4..6);
    play.rename("access.log", "access.log.1");
    play.log("access.log", 6..8);
    play.rename("access.log.1", "access.log.2");
    play.rename("access.log", "access.log.1");
    play.log("access.log", 8..9);
    play.restart();
    assert_eq!(play.look(), paths(4..9));
    play.restart();
    assert!(play.look().is_empty());
}

#[test]
fn a_log_is_known_again_when_its_disk_was_changed() {
    let mut play = Play::folder();
    play.log("access.log", 0..40);
    play.look();
    play.log("access.log", 40..41);
    // Another number for the same text, as a restored backup has.
    std::fs::copy(play.path("access.log"), play.path("elsewhere")).unwrap();
    play.remove("access.log");
    play.rename("elsewhere", "access.log");
    play.restart();
    assert_eq!(play.look(), paths(40..41));
    play.log("access.log", 41..42);
    play.restart();
    assert_eq!(play.look(), paths(41..42));
}

#[test]
fn a_log_is_the_same_under_every_name_of_its_folder() {
    let mut play = Play::of(|folder| folder.join("logs"));
    play.log("logs/access.log", 0..3);
    play.look();
    std::fs::rename(play.path("logs"), play.path("real")).unwrap();
    std::os::unix::fs::symlink(play.path("real"), play.path("logs")).unwrap();
    let before = std::mem::take(&mut play.positions);
    for (key, position) in before {
        play.positions.insert(key.replace("/logs/", "/real/"), position);
    }
    play.log("logs/access.log", 3..4);
    play.restart();
    assert_eq!(play.look(), paths(3..4));
}

#[test]
fn a_link_to_the_current_log_is_followed_from_file_to_file() {
    let mut play = Play::of(|folder| folder.join("current.log"));
    let link = |play: &Play, target: &str| {
        let _ = std::fs::remove_file(play.path("current.log"));
        std::os::unix::fs::symlink(play.path(target), play.path("current.log")).unwrap();
    };
    play.log("days/one", 0..2);
    link(&play, "days/one");
    assert_eq!(play.look(), paths(0..2));
    play.log("days/one", 2..3);
    play.log("days/two", 3..4);
    link(&play, "days/two");
    assert_eq!(play.look(), paths(2..4));
    play.log("days/two", 4..5);
    play.log("days/three", 5..6);
    link(&play, "days/three");
    play.restart();
    assert_eq!(play.look(), paths(4..6));
}

#[test]
fn a_last_line_waits_for_its_end() {
    let mut play = Play::folder();
    let (begin, end) = (&line(1)[..40], &line(1)[40..]);
    play.log("access.log", 0..1);
    play.append("access.log", begin);
    assert_eq!(play.look(), paths(0..1));
    assert!(play.look().is_empty());
    play.append("access.log", end);
    assert_eq!(play.look(), paths(1..2));
    // Rotated in the middle of a line, which the server ends in the old file.
    play.append("access.log", begin.replace("/1", "/2"));
    play.rename("access.log", "access.log.1");
    play.log("access.log", 3..4);
    assert_eq!(play.look(), paths(3..4));
    play.append("access.log.1", end.replace("/1", "/2"));
    assert_eq!(play.look().len(), 1);
    // A file that ends without a line end.
    play.append("access.log", line(5).trim_end());
    let mut looks = 0;
    while play.look().is_empty() {
        looks += 1;
        assert!(looks < 15);
    }
    assert!(looks >= 9, "{looks}");
    assert_eq!(play.seen.last().unwrap(), "/5");
}

#[test]
fn what_was_there_before_is_read_first_and_in_order() {
    let mut play = Play::folder();
    play.log("access.log.2", 0..2);
    play.log("access.log.1", 2..4);
    play.log("access.log", 4..6);
    assert_eq!(play.look(), paths(0..6));
    let mut dated = Play::folder();
    dated.log("api-2026-11-27.log", 1..2);
    dated.log("api-2026-11-26.log", 0..1);
    assert_eq!(dated.look(), paths(0..2));
    dated.log("api-2026-11-27.log", 2..3);
    dated.log("api-2026-11-28.log", 3..4);
    assert_eq!([dated.look(), dated.look(), dated.look()].concat(), paths(2..4));
    assert_eq!(dated.positions.len(), 1, "{:?}", dated.positions.keys());
}

#[test]
fn a_single_file_brings_its_later_generations_and_not_its_earlier_ones() {
    let mut play = Play::of(|folder| folder.join("access.log"));
    play.log("access.log.1", 0..2);
    play.log("other.log", 90..92);
    play.log("access.log", 2..4);
    assert_eq!(play.look(), paths(2..4));
    play.rename("access.log.1", "access.log.2");
    play.log("access.log", 4..5);
    play.rename("access.log", "access.log.1");
    assert_eq!(play.look(), paths(4..5), "between the two steps of a rotation");
    play.log("access.log", 5..6);
    play.rename("access.log.2", "access.log.3");
    play.rename("access.log.1", "access.log.2");
    play.rename("access.log", "access.log.1");
    play.log("access.log", 6..7);
    play.restart();
    assert_eq!(play.look(), paths(5..7), "a whole generation came and went");
}

#[test]
fn more_generations_than_are_told_apart_are_read_once() {
    let mut play = Play::folder();
    for generation in (0..40).rev() {
        play.log(&format!("access.log.{generation}"), 39 - generation..40 - generation);
        // Names that differ by age alone need times that do, as files of different days have.
        let file = std::fs::File::options().append(true).open(play.path(&format!("access.log.{generation}"))).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_790_000_000 - generation)).unwrap();
    }
    assert_eq!(play.look(), paths(0..40));
    for _ in 0..3 {
        assert!(play.look().is_empty());
    }
    play.restart();
    for _ in 0..3 {
        assert!(play.look().is_empty());
    }
    play.log("access.log", 40..41);
    assert_eq!(play.look(), paths(40..41));
    play.restart();
    for _ in 0..3 {
        assert!(play.look().is_empty(), "older generations are known by their age");
    }
    assert!(play.positions.values().all(|position| position.lines().count() < 30));
}

#[test]
fn a_log_renamed_to_a_name_of_its_own_stays_what_it_is() {
    let mut play = Play::folder();
    play.log("access.log", 0..3);
    play.look();
    play.log("access.log", 3..4);
    play.rename("access.log", "server.1.log");
    play.log("access.log", 4..5);
    assert_eq!(play.look(), paths(3..5));
}
