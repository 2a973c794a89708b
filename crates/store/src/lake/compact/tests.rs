use super::*;

fn file(name: &str, size: u64, day: i32, at: i64) -> Arc<DataFile> {
    let mut file = DataFile::unknown(name.to_owned());
    (file.size, file.day, file.at) = (size, day, Some((at, at)));
    Arc::new(file)
}

fn plan(files: &[Arc<DataFile>], today: i32) -> Option<Vec<Arc<DataFile>>> {
    super::plan(files.iter().cloned(), today)
}

fn names(group: Option<Vec<Arc<DataFile>>>) -> Vec<String> {
    group.unwrap_or_default().iter().map(|file| file.path.clone()).collect()
}

#[test]
fn eight_files_of_a_tier_are_merged_in_order_of_time() {
    let mut files: Vec<_> = (0..7).map(|n| file(&format!("f{n}"), 1_000, 10, -n)).collect();
    assert_eq!(names(plan(&files, 10)), [""; 0]);
    files.push(file("large", 60 << 20, 10, 0));
    assert_eq!(names(plan(&files, 10)), [""; 0], "a file of the final size stays");
    files.push(file("f7", 1_000, 10, -7));
    assert_eq!(names(plan(&files, 10)), ["f7", "f6", "f5", "f4", "f3", "f2", "f1", "f0"]);
}

#[test]
fn a_higher_tier_waits_for_eight_of_its_own() {
    let mut files: Vec<_> = (0..7).map(|n| file(&format!("m{n}"), 1 << 20, 10, n)).collect();
    files.push(file("s", 1, 10, 9));
    assert_eq!(names(plan(&files, 10)), [""; 0], "a small one does not rewrite seven larger ones");
    files.push(file("m7", 1 << 20, 10, 8));
    assert_eq!(names(plan(&files, 10)).len(), 9, "a small one goes along");
}

#[test]
fn what_is_left_of_a_day_that_is_over_is_merged() {
    let files = [file("a", 10, 9, 1), file("b", 20 << 20, 9, 0), file("c", 10, 10, 0)];
    assert_eq!(names(plan(&files, 10)), ["b", "a"]);
    assert_eq!(names(plan(&files[..1], 10)), [""; 0], "one file alone is done");
}

/// Every row is written again as often as there are tiers, not as often as there are files.
#[test]
fn a_day_of_fresh_files_is_rewritten_a_few_times() {
    let (mut files, mut rewritten, fresh) = (Vec::new(), 0_u64, 100_000_u64);
    for n in 0..4_000 {
        files.push(file(&format!("f{n}"), fresh, 10, n));
        while let Some(group) = plan(&files, 10) {
            let size: u64 = group.iter().map(|file| file.size).sum();
            rewritten += size;
            files.retain(|file| group.iter().all(|gone| gone.path != file.path));
            files.push(file(&format!("m{n}"), size, 10, n));
        }
    }
    assert!(rewritten < 5 * 4_000 * fresh, "{rewritten}");
    assert!(files.len() < 40, "{}", files.len());
}
