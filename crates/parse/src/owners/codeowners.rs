//! CODEOWNERS: a pattern of files and its owners per line; the last line that fits wins.

use vedette_model::Diagnostic;
use vedette_model::limits::OWNER_PATTERN_BYTES_MAX;

use super::{Entry, OwnerFile};

/// A pattern of files, as `.gitignore` writes them, without negation and classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written.
    pub text: String,
    segments: Vec<String>,
    /// From the root on, not at any depth.
    rooted: bool,
    /// Everything below it, too.
    below: bool,
}

impl Pattern {
    /// Reads a pattern; `None` when it is none that is known here.
    pub fn new(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > OWNER_PATTERN_BYTES_MAX || text.starts_with('!') || text.contains('[') {
            return None;
        }
        let bare = text.trim_start_matches('/');
        let inner = bare.trim_end_matches('/');
        let rooted = text.starts_with('/') || inner.contains('/');
        let segments: Vec<String> = inner.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        // `docs/*` is the files in it, `docs` and `docs/` all that is below.
        let below = !segments.last().is_some_and(|last| last == "*" && segments.len() > 1);
        (!segments.is_empty()).then(|| Self { text: text.to_owned(), segments, rooted, below })
    }

    /// A file by the end of its path, whatever folder it is read from.
    pub(super) fn suffix(path: &str) -> Option<Self> {
        let path = path.trim_start_matches("./");
        let mut pattern = Self::new(path).filter(|_| !path.contains("://"))?;
        pattern.rooted = false;
        pattern.segments.retain(|part| part != "..");
        (!pattern.segments.is_empty()).then_some(pattern)
    }

    /// True when the path of a file fits, or a folder above it. A path that begins outside of the repository is tried
    /// at each of its folders.
    pub fn fits(&self, path: &str) -> bool {
        let path: Vec<&str> =
            path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != "." && *part != "..").collect();
        let starts = if self.rooted { 0..1 } else { 0..path.len() };
        starts.into_iter().any(|start| self.fits_from(path.get(start..).unwrap_or_default()))
    }

    /// Dynamic programming over segments: `**` takes any number of them, and no pattern costs more than its length
    /// times that of the path.
    fn fits_from(&self, path: &[&str]) -> bool {
        let mut reached = vec![false; path.len() + 1];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        for segment in &self.segments {
            let mut next = vec![false; path.len() + 1];
            let mut open = false;
            for at in 0..=path.len() {
                let here = reached.get(at).copied().unwrap_or_default();
                if segment == "**" {
                    open |= here;
                    set(&mut next, at, open);
                } else if here && path.get(at).is_some_and(|part| glob(segment, part)) {
                    set(&mut next, at + 1, true);
                }
            }
            reached = next;
        }
        let whole = reached.last().copied().unwrap_or_default();
        whole || (self.below && reached.iter().skip(1).any(|reached| *reached))
    }

    /// The folder or file that the pattern is about, when it says so in plain letters: `orders` of `/services/orders/**`.
    pub fn subject(&self) -> Option<&str> {
        let plain = |part: &&String| !part.contains(['*', '?']);
        let last = self.segments.iter().rev().find(|part| *part != "**" && *part != "*")?;
        Some(last).filter(plain).map(String::as_str).filter(|last| !last.contains('.'))
    }
}

fn set(reached: &mut [bool], at: usize, value: bool) {
    if let Some(slot) = reached.get_mut(at) {
        *slot |= value;
    }
}

/// `*` is any letters, `?` one of them.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t, mut star) = (0, 0, None);
    while let Some(&byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&wanted) if wanted == byte || wanted == b'?' => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((back, from)) => {
                    p = back + 1;
                    t = from + 1;
                    star = Some((back, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

/// True when every line that says something is a pattern with owners, for files that are called something else.
pub(super) fn looks_like(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).peekable();
    lines.peek().is_some()
        && lines.all(|line| {
            let mut words = line.split_whitespace().skip(1).peekable();
            section(line).is_some() || (words.peek().is_some() && words.all(is_owner))
        })
}

/// `@user`, `@org/team`, an e-mail address, or a role of GitLab.
fn is_owner(word: &str) -> bool {
    let mail = word.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'));
    (word.starts_with('@') && word.len() > 1) || mail
}

/// Owners of a section of GitLab (`[Database][2] @dba`), which lines without owners take.
fn section(line: &str) -> Option<Vec<&str>> {
    let rest = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?;
    let (_, rest) = rest.split_once(']')?;
    let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest);
    let owners: Vec<&str> = rest.split_whitespace().collect();
    owners.iter().all(|word| is_owner(word)).then_some(owners)
}

pub(super) fn read(text: &str, file: &mut OwnerFile) {
    let mut default: Vec<String> = Vec::new();
    for (line, content) in text.lines().enumerate().map(|(at, content)| (at + 1, content.trim())) {
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if let Some(owners) = section(content) {
            default = owners.into_iter().map(str::to_owned).collect();
            continue;
        }
        let content = content.split(" #").next().unwrap_or(content);
        let (pattern, rest) = cut(content);
        let owners: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
        let problem = match (Pattern::new(&pattern), owners.iter().find(|owner| !is_owner(owner))) {
            (None, _) => Some(format!("`{}` is no pattern that is understood", shown(&pattern))),
            (_, Some(owner)) => {
                Some(format!("`{}` is no owner: `@user`, `@org/team` or an e-mail address is one", shown(owner)))
            }
            (Some(files), None) => {
                let owners = if owners.is_empty() { default.clone() } else { owners };
                file.entries.push(Entry {
                    owner: (!owners.is_empty()).then(|| owners.join(", ")),
                    of: pattern,
                    line,
                    files: Some(files),
                    ..Entry::default()
                });
                None
            }
        };
        if let Some(message) = problem {
            file.problems.push(Diagnostic { file: file.file.clone(), line, column: 1, message, hint: None });
        }
    }
}

/// The pattern, in which a space is escaped, and the rest.
fn cut(line: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => pattern.extend(chars.next().map(|(_, c)| c)),
            c if c.is_whitespace() => return (pattern, line.get(at..).unwrap_or_default()),
            c => pattern.push(c),
        }
    }
    (pattern, "")
}

/// A word of a file in a message.
fn shown(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(60).collect()
}
