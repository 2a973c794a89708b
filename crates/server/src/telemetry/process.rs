//! What the process uses, as the system says (Linux; elsewhere these are absent).

use std::sync::atomic::{AtomicU64, Ordering};

/// Pages of `/proc/self/statm`; 4 kB on the machines that we build for.
const PAGE_BYTES: u64 = 4_096;

/// Ticks of `/proc/self/stat` per second: `USER_HZ`, 100 on all of Linux.
const TICKS_PER_SEC: u64 = 100;

/// Writes what the process uses now into the metrics.
pub fn record() {
    if let Some(pages) = read("/proc/self/statm").and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok()) {
        metrics::gauge!("process_resident_memory_bytes").set((pages * PAGE_BYTES) as f64);
    }
    if let Some(ticks) = read("/proc/self/stat").as_deref().and_then(ticks) {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let secs = ticks / TICKS_PER_SEC;
        LAST.fetch_max(secs, Ordering::Relaxed);
        metrics::counter!("process_cpu_seconds_total").absolute(LAST.load(Ordering::Relaxed));
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        metrics::gauge!("process_open_fds").set(files.count() as f64);
    }
    metrics::gauge!("vedette_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// User and system time. The second field, the program's name in parentheses, may hold spaces.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_user_and_system() {
        let stat = "42 (a b) c) S 1 2 3 4 5 6 7 8 9 10 70 30 0 0 20 0 1";
        assert_eq!(ticks(stat), Some(100));
        assert_eq!(ticks(""), None);
    }
}
