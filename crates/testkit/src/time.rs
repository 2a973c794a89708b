//! Times as logs write them.

use vedette_model::Timestamp;

const MONTHS: &[&str] = &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Common log format in UTC: `21/Sep/2026:14:13:20 +0000`. `at` is in microseconds since 1970.
pub fn clf(at: i64) -> String {
    let text = Timestamp(at / 1_000_000 * 1_000_000).to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|m| MONTHS.get(m.saturating_sub(1))).copied();
    format!("{}/{}/{}:{} +0000", part(8, 10), month.unwrap_or_default(), part(0, 4), part(11, 19))
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_look_as_in_an_access_log() {
        assert_eq!(super::clf(1_790_000_000_700_000), "21/Sep/2026:14:13:20 +0000");
    }
}
