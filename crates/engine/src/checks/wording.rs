//! Numbers and lists in sentences.

use vedette_model::results::Endpoint;

/// `1 call`, `14 calls`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    if n == 1 {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('s') {
        Some(_) => format!("{n} {noun}es"),
        None => format!("{n} {noun}s"),
    }
}

/// `the only call`, `all 14 calls`.
pub(super) fn all_of(n: u64, noun: &str) -> String {
    if n == 1 { format!("The only {noun}") } else { format!("All {}", count(n, noun)) }
}

/// `was` or `were`.
pub(super) fn was(n: u64) -> &'static str {
    if n == 1 { "was" } else { "were" }
}

/// `METHOD template`.
pub(crate) fn place(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.template)
}

/// `a, b and c`, or `a, b, c and 9 more`.
pub(crate) fn list<S: AsRef<str>>(items: &[S]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<&str> = items.iter().take(SHOWN).map(AsRef::as_ref).collect();
    match (shown.as_slice(), items.len().saturating_sub(SHOWN)) {
        ([], _) => String::new(),
        (all, more) if more > 0 => format!("{} and {more} more", all.join(", ")),
        ([one], _) => (*one).to_owned(),
        ([head @ .., last], _) => format!("{} and {last}", head.join(", ")),
    }
}

/// Bytes in words.
pub(crate) fn size(bytes: f64) -> String {
    match bytes {
        ..1_000.0 => format!("{bytes:.0} bytes"),
        ..1_000_000.0 => format!("{:.0} kB", bytes / 1e3),
        ..1_000_000_000.0 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}

/// `3 days`, `2 hours`, `45 seconds`: the largest unit with at least two of it.
pub(crate) fn duration(secs: u64) -> String {
    for (unit, name) in [(86_400, "day"), (3_600, "hour"), (60, "minute")] {
        if secs >= 2 * unit {
            return count(secs / unit, name);
        }
    }
    count(secs, "second")
}

/// Grows with the number of observations: 1 gives 0.5 of `most`, 9 give 0.9 of it.
pub(super) fn confidence(observations: u64, most: f64) -> f64 {
    let n = observations as f64;
    let share = if observations == 0 { 0.0 } else { n / (n + 1.0) };
    (share * most * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_counts_read_like_sentences() {
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(list(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
        assert_eq!(count(1, "call"), "1 call");
        assert_eq!(count(0, "address"), "0 addresses");
        assert_eq!(duration(90_000), "25 hours");
        assert_eq!(duration(3 * 86_400), "3 days");
    }
}
