//! What one path segment looks like on its own.

use vedette_parse::stored_codes;

/// Shape of a segment. Strong shapes are parameters wherever they stand; the rest need other evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// Decimal digits (`4711`), also signed.
    Integer,
    /// RFC 9562, with or without hyphens.
    Uuid,
    /// Hexadecimal or mixed opaque text: hashes, ULIDs, object ids, tokens.
    Opaque,
    /// `2026-11-22`, `20261122T…`.
    Date,
    /// `someone@host`.
    Email,
    /// IPv4 or IPv6 address.
    Address,
    /// A file of a web page (`logo.png`); its extension is the suffix of the key.
    File,
    /// Anything else: a word, a slug, a version, a verb.
    Word,
}

stored_codes!(Shape {
    Integer = 0,
    Uuid = 1,
    Opaque = 2,
    Date = 3,
    Email = 4,
    Address = 5,
    File = 6,
    Word = 7,
});

impl Shape {
    /// How the shape is named in explanations.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Integer => "integers",
            Self::Uuid => "UUIDs",
            Self::Opaque => "opaque ids",
            Self::Date => "dates",
            Self::Email => "e-mail addresses",
            Self::Address => "network addresses",
            Self::File => "file names",
            Self::Word => "names",
        }
    }
}

/// A segment cut into what may vary and a suffix that stays (`4711.json`, `op-1:cancel`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    /// What may vary.
    pub(crate) core: &'a str,
    /// `.json`, `:cancel` or empty.
    pub(crate) suffix: &'a str,
    /// Shape of the core.
    pub(crate) shape: Shape,
}

/// Extensions by which APIs choose a representation; the name before them is judged on its own.
const FORMAT_EXTENSIONS: &[&str] = &[".json", ".xml", ".csv", ".yaml", ".pdf", ".atom", ".rss", ".ndjson"];

/// Extensions of files that web pages load.
const STATIC_EXTENSIONS: &[&str] = &[
    ".js", ".css", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".avif", ".woff", ".woff2", ".ttf",
    ".eot", ".otf", ".map", ".mp4", ".webm", ".mp3", ".swf",
];

/// Cuts a raw (still percent-encoded) segment and tells its shape.
pub(crate) fn segment(raw: &str) -> Segment<'_> {
    let whole = shape(raw);
    if whole != Shape::Word {
        return Segment { core: raw, suffix: "", shape: whole };
    }
    if let Some(at) = raw.rfind('.').filter(|&at| at > 0 && raw.len() - at <= 7) {
        let (core, suffix) = raw.split_at(at);
        if STATIC_EXTENSIONS.iter().any(|e| e.eq_ignore_ascii_case(suffix)) {
            return Segment { core, suffix, shape: Shape::File };
        }
        if FORMAT_EXTENSIONS.contains(&suffix) {
            return Segment { core, suffix, shape: shape(core) };
        }
    }
    // Custom verbs (Google AIP-136): `operations/17:cancel`. Only behind an id, for `pl:eu:1` is one name.
    if let Some(at) = raw.rfind(':').filter(|&at| at > 0) {
        let (core, suffix) = raw.split_at(at);
        let verb = suffix.len() > 2 && suffix.bytes().skip(1).all(|b| b.is_ascii_alphabetic());
        if verb && shape(core) != Shape::Word {
            return Segment { core, suffix, shape: shape(core) };
        }
    }
    Segment { core: raw, suffix: "", shape: Shape::Word }
}

/// Counts of byte classes of a text.
#[derive(Default)]
struct Profile {
    digits: usize,
    hex_letters: usize,
    lower: usize,
    upper: usize,
    hyphens: usize,
    dots: usize,
    colons: usize,
    ats: usize,
    other: usize,
    /// Changes between letter and digit.
    switches: usize,
    longest_alpha: usize,
}

impl Profile {
    fn of(text: &str) -> Self {
        let mut p = Self::default();
        let mut previous = 0u8; // 1 digit, 2 letter, 0 other
        let mut alpha_run = 0;
        for b in text.bytes() {
            let class = match b {
                b'0'..=b'9' => {
                    p.digits += 1;
                    1
                }
                b'a'..=b'z' => {
                    p.lower += 1;
                    p.hex_letters += usize::from(b <= b'f');
                    2
                }
                b'A'..=b'Z' => {
                    p.upper += 1;
                    p.hex_letters += usize::from(b <= b'F');
                    2
                }
                b'-' | b'_' => {
                    p.hyphens += 1;
                    0
                }
                b'.' => {
                    p.dots += 1;
                    0
                }
                b':' => {
                    p.colons += 1;
                    0
                }
                b'@' => {
                    p.ats += 1;
                    0
                }
                _ => {
                    p.other += 1;
                    0
                }
            };
            p.switches += usize::from(previous + class == 3 && previous != 0 && class != 0);
            alpha_run = if class == 2 { alpha_run + 1 } else { 0 };
            p.longest_alpha = p.longest_alpha.max(alpha_run);
            previous = class;
        }
        p
    }

    fn letters(&self) -> usize {
        self.lower + self.upper
    }
}

/// The shape of a text as a whole.
pub(crate) fn shape(text: &str) -> Shape {
    let len = text.len();
    // Most segments are plain words: leave at once.
    if len < 8 && text.bytes().all(|b| b.is_ascii_lowercase()) {
        return Shape::Word;
    }
    let p = Profile::of(text);
    if p.digits == len && len > 0 {
        return Shape::Integer;
    }
    if p.digits > 0 && p.digits + 1 == len && text.starts_with('-') {
        return Shape::Integer;
    }
    if p.ats == 1 && p.dots > 0 && p.other == 0 && !text.starts_with('@') {
        return Shape::Email;
    }
    if p.digits == 0 {
        // Without a digit only long mixed-case text without word breaks is taken for an id.
        let opaque = p.hyphens + p.dots + p.colons + p.other == 0 && is_case_noise(text);
        return if opaque { Shape::Opaque } else { Shape::Word };
    }
    let plain = p.dots + p.colons + p.ats + p.other == 0;
    if len == 36 && p.hyphens == 4 && p.digits + p.hex_letters == 32 && plain {
        return Shape::Uuid;
    }
    if plain && p.hyphens == 0 && p.digits + p.hex_letters == len && (len == 32 || len == 24 || len == 40 || len == 64)
    {
        return if len == 32 { Shape::Uuid } else { Shape::Opaque };
    }
    if is_date(text) {
        return Shape::Date;
    }
    if p.dots == 3 && p.digits + 3 == len && text.parse::<std::net::Ipv4Addr>().is_ok() {
        return Shape::Address;
    }
    if p.colons >= 2 && text.parse::<std::net::Ipv6Addr>().is_ok() {
        return Shape::Address;
    }
    if is_opaque(text, &p) { Shape::Opaque } else { Shape::Word }
}

/// Opaque ids: text whose digits and letters mix more than names do.
fn is_opaque(text: &str, p: &Profile) -> bool {
    let len = text.len();
    if p.other > 0 || p.ats > 0 || p.dots > 1 {
        return false;
    }
    // Hexadecimal of eight and more with both kinds: commit hashes, short object ids.
    if p.hyphens + p.dots + p.colons == 0 && p.digits + p.hex_letters == len && len >= 8 && p.switches >= 2 {
        return true;
    }
    // One unbroken run of sixteen and more with digits among letters: base62, ULID, KSUID, tokens.
    if p.hyphens + p.dots + p.colons == 0 && len >= 16 && p.switches >= 3 {
        return true;
    }
    if p.hyphens + p.dots + p.colons == 0 && is_case_noise(text) {
        return true;
    }
    // Prefixed ids (`cus_9s6XKzkNRiz8i3`, `pl-142add9a13d5`): the last part alone is opaque.
    if let Some(last) = text.rsplit(['-', '_', ':']).next().filter(|last| last.len() < len) {
        let q = Profile::of(last);
        if last.len() >= 8 && q.digits > 0 && q.letters() > 0 && q.switches >= 2 {
            return true;
        }
        // Groups of digits and letters mixed in most parts (`8er-jb3-ctv`, `u5w-9hp-tch`).
        let parts = || text.split(['-', '_']).filter(|part| !part.is_empty());
        let (mut all, mut mixed, mut longest) = (0, 0, 0);
        for part in parts() {
            let q = Profile::of(part);
            all += 1;
            mixed += usize::from(q.digits > 0 && q.letters() > 0);
            longest = longest.max(q.longest_alpha);
        }
        if all >= 2 && mixed * 2 >= all && longest <= 4 && mixed >= 1 && p.switches >= 2 {
            return true;
        }
        // Three and more groups of one length with digits, as codes are printed (`hwb-332-3xe`).
        let group = text.split(['-', '_']).next().map_or(0, str::len);
        let inner =
            text.as_bytes().windows(2).any(|w| matches!(w, [d, l] if d.is_ascii_digit() && l.is_ascii_alphabetic()));
        if all >= 3 && (3..=6).contains(&group) && parts().all(|part| part.len() == group) && (p.digits >= 2 || inner) {
            return true;
        }
    }
    // Long text with much mixing whatever its punctuation: base64url.
    len >= 20 && p.switches * 5 >= len && p.longest_alpha < 12
}

/// Letters, and a digit here and there, whose case changes at every second of them (`ilE5vGNAbDSpRCSuomo`).
fn is_case_noise(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() >= 14 && (case_flips(text) + 1 + digits) * 2 > text.len()
}

fn case_flips(text: &str) -> usize {
    text.as_bytes()
        .windows(2)
        .filter(|w| matches!(w, [a, b] if a.is_ascii_lowercase() != b.is_ascii_lowercase()))
        .count()
}

/// ISO 8601 calendar dates and date-times, basic or extended, and `YYYY-MM`.
fn is_date(text: &str) -> bool {
    let b = text.as_bytes();
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let part = b.get(range)?;
        part.iter().all(u8::is_ascii_digit).then(|| part.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')))
    };
    let Some(year) = number(0..4).filter(|y| (1900..2100).contains(y)) else { return false };
    let _ = year;
    let month_ok = |m: Option<u32>| m.is_some_and(|m| (1..=12).contains(&m));
    let day_ok = |d: Option<u32>| d.is_some_and(|d| (1..=31).contains(&d));
    match b.len() {
        7 => b.get(4) == Some(&b'-') && month_ok(number(5..7)),
        10 => b.get(4) == Some(&b'-') && month_ok(number(5..7)) && b.get(7) == Some(&b'-') && day_ok(number(8..10)),
        15.. => {
            (b.get(8) == Some(&b'T') && month_ok(number(4..6)) && day_ok(number(6..8)))
                || (b.get(4) == Some(&b'-')
                    && month_ok(number(5..7))
                    && day_ok(number(8..10))
                    && b.get(10) == Some(&b'T'))
        }
        _ => false,
    }
}

/// How much a [`Shape::Word`] looks like a value rather than a name of the API, as log-odds from −6 to 4.
pub(crate) fn word_idness(text: &str) -> f64 {
    if is_version(text) {
        return -6.0;
    }
    let p = Profile::of(text);
    let mut score = 0.0;
    if p.digits > 0 {
        // `oauth2`, `s3`, `ipv6`: one digit at the end of a word is a name; more digits, or digits inside, are not.
        let trailing = text.bytes().rev().take_while(u8::is_ascii_digit).count();
        score += if p.digits == trailing && trailing == 1 && p.letters() >= 1 {
            0.3
        } else if p.letters() == 0 {
            2.0 // `1.29`, `10-12`
        } else {
            1.2 + 0.3 * (p.digits.min(6) as f64)
        };
    }
    if is_custom_method(text) {
        score -= 2.0; // `messages:batchGet`
    } else if p.other > 0 || p.ats > 0 || p.colons > 0 {
        score += 1.5; // spaces, escapes, commas, pipes
    }
    score -= (1.2 * humps(text) as f64).min(3.6);
    if p.dots > 0 && p.digits == 0 {
        score += 0.7; // file or host names
    }
    if p.hyphens >= 2 {
        score += 0.35 * (p.hyphens.min(5) as f64 - 1.0);
    }
    if p.upper > 0 && p.lower == 0 && p.letters() >= 2 {
        score += 1.0; // `EUR`, `US`
    } else if text.bytes().next().is_some_and(|b| b.is_ascii_uppercase()) {
        score += 0.6;
    }
    if text.len() > 24 {
        score += 0.5;
    }
    score
}

/// A verb after a colon, as in Google's API design (AIP-136): `accounts:import`.
fn is_custom_method(text: &str) -> bool {
    text.split_once(':').is_some_and(|(noun, verb)| {
        let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
        letters(noun) && verb.len() >= 3 && letters(verb) && verb.starts_with(|c: char| c.is_ascii_lowercase())
    })
}

/// Humps of a compound of letters (`reportViews` has one): people write such words in code, not in data. Random
/// letters have more runs than words have.
fn humps(text: &str) -> usize {
    if !text.bytes().all(|b| b.is_ascii_alphabetic()) || (case_flips(text) + 1) * 5 > text.len() * 2 {
        return 0;
    }
    text.as_bytes()
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()))
        .count()
}

/// `v1`, `v2.1`, `v1beta2`, `2.0`-like versions keep their place.
pub(crate) fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['v', 'V']) else { return false };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 4 {
        return false;
    }
    let tail = rest.get(digits..).unwrap_or("");
    let word = tail.trim_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '_'));
    word.is_empty() || ["alpha", "beta", "rc", "preview", "p", "alpha1", "beta1"].iter().any(|w| word.starts_with(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told() {
        for (text, expected) in [
            ("users", Shape::Word),
            ("4711", Shape::Integer),
            ("-1", Shape::Integer),
            ("88260ec6-bc34-11ee-aae0-da7ad0900002", Shape::Uuid),
            ("627a3ccd24af50beb8eacbd36c5962f9", Shape::Uuid),
            ("507f1f77bcf86cd799439011", Shape::Opaque),
            ("LZtHcGIxTODkeDfKAap", Shape::Opaque),
            ("ilE5vGNAbDSpRCSuomo", Shape::Opaque),
            ("genderChineseNamePinyin", Shape::Word),
            ("PlayerSeasonRedZoneInsideTenStats", Shape::Word),
            ("NewsByPlayerIDId", Shape::Word),
            ("HTTPServerURLPath", Shape::Word),
            ("8er-jb3-ctv", Shape::Opaque),
            ("sv2-vrq-d82", Shape::Opaque),
            ("hwb-332-3xe", Shape::Opaque),
            ("aws-ec2-api", Shape::Word),
            ("cus_9s6XKzkNRiz8i3", Shape::Opaque),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", Shape::Opaque),
            ("AQAAAYDiB_Ol8PbzFAAAAABBWURpQl9PbEFBQU0yeXhGTG9ZV2JnQUE", Shape::Opaque),
            ("a0de932128a4", Shape::Opaque),
            ("2026-11-22", Shape::Date),
            ("2026-11", Shape::Date),
            ("20261122T101500Z", Shape::Date),
            ("jane.doe@example.com", Shape::Email),
            ("203.0.113.9", Shape::Address),
            ("2001:db8::1", Shape::Address),
            ("oauth2", Shape::Word),
            ("v1beta2", Shape::Word),
            ("security_monitoring", Shape::Word),
            ("getUserAccountDetails", Shape::Word),
            ("us-east-1", Shape::Word),
            ("go-tag-test-foo", Shape::Word),
            ("", Shape::Word),
        ] {
            assert_eq!(shape(text), expected, "{text}");
        }
    }

    #[test]
    fn suffixes_stay() {
        let cut = |text| {
            let s = segment(text);
            (s.core, s.suffix, s.shape)
        };
        assert_eq!(cut("4711.json"), ("4711", ".json", Shape::Integer));
        assert_eq!(cut("17:cancel"), ("17", ":cancel", Shape::Integer));
        assert_eq!(cut("users:batchGet"), ("users:batchGet", "", Shape::Word));
        assert_eq!(cut("logo.png"), ("logo", ".png", Shape::File));
        assert_eq!(cut("feed.xml"), ("feed", ".xml", Shape::Word));
        assert_eq!(cut("pl%3Atest"), ("pl%3Atest", "", Shape::Word));
    }

    #[test]
    fn versions_are_names() {
        for text in ["v1", "v2.1", "v1beta2", "v10", "V3", "v2-preview"] {
            assert!(is_version(text), "{text}");
        }
        for text in ["value", "v", "v12345", "vault", "v1x"] {
            assert!(!is_version(text), "{text}");
        }
    }
}
