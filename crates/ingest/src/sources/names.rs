//! Names of files: their order, and which are no traffic.

use std::cmp::Ordering;

/// Orders names as people do: `access.log.2` before `access.log.10`.
pub(super) fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        let (digits_a, digits_b) = (digits(a), digits(b));
        if digits_a > 0 && digits_b > 0 {
            let (number_a, rest_a) = a.split_at(digits_a);
            let (number_b, rest_b) = b.split_at(digits_b);
            let (number_a, number_b) = (without_zeros(number_a), without_zeros(number_b));
            let order = number_a.len().cmp(&number_b.len()).then_with(|| number_a.cmp(number_b));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (rest_a, rest_b);
            continue;
        }
        match (a.split_first(), b.split_first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some((x, rest_a)), Some((y, rest_b))) => {
                if x != y {
                    return x.cmp(y);
                }
                (a, b) = (rest_a, rest_b);
            }
        }
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|b| **b == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

/// Kinds of files that hold no traffic, by extension. Only files found in folders are left out by name; what the user
/// names is read.
const OTHERS: &[(&str, &[&str])] = &[
    ("images", &["png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "bmp", "tiff"]),
    ("media", &["mp3", "mp4", "mov", "avi", "webm", "wav", "ttf", "woff", "woff2"]),
    ("documents", &["md", "html", "htm", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx"]),
    ("code", &["js", "ts", "css", "map", "py", "rs", "go", "java", "class", "jar", "c", "h", "sh", "php", "rb", "sql"]),
    ("configuration", &["yaml", "yml", "toml", "ini", "conf", "lock", "pem", "crt", "key"]),
    ("programs", &["exe", "dll", "so", "a", "o", "bin", "deb", "rpm", "iso", "img"]),
    ("databases", &["db", "sqlite", "sqlite3", "parquet", "pcap", "pcapng"]),
];

/// Why a file of a folder is left out, or `None`.
pub(crate) fn no_traffic(name: &str) -> Option<&'static str> {
    if name.starts_with('.') || name.ends_with('~') {
        return Some("hidden");
    }
    let lower = name.to_ascii_lowercase();
    // What servers write beside their access logs: messages, not requests.
    if lower.starts_with("error.log") || lower.starts_with("error_log") || lower.contains("-error.log") {
        return Some("error logs");
    }
    // A scenario's labels repeat the requests that its traffic holds.
    if lower == "truth.ndjson" || lower.ends_with(".truth.ndjson") {
        return Some("labels of scenarios");
    }
    let extension = lower.rsplit_once('.')?.1;
    OTHERS.iter().find(|(_, extensions)| extensions.contains(&extension)).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["access.log.10", "access.log", "b", "access.log.2.gz", "access.log.02", "access.log.1"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["access.log", "access.log.1", "access.log.02", "access.log.2.gz", "access.log.10", "b"]);
    }

    #[test]
    fn only_names_that_say_so_are_left_out() {
        for (name, kind) in [
            (".git", Some("hidden")),
            ("logo.PNG", Some("images")),
            ("error.log.1", Some("error logs")),
            ("api-error.log", Some("error logs")),
            ("truth.ndjson", Some("labels of scenarios")),
            ("access.log.2.gz", None),
            ("shop.har", None),
            ("u_ex230101.log", None),
            ("traffic.json", None),
            ("requests", None),
        ] {
            assert_eq!(no_traffic(name), kind, "{name}");
        }
    }
}
