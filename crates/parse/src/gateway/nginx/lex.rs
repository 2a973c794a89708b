//! The configuration language of nginx: directives, arguments, blocks.

use std::sync::Arc;

use vedette_model::Diagnostic;
use vedette_model::limits::{CONFIGURATION_BYTES_MAX, DOCUMENT_DEPTH_MAX, INCLUDE_DEPTH_MAX, INCLUDES_MAX};

use super::super::{At, Fetch};

/// One directive with what it holds.
#[derive(Clone, Debug)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) args: Vec<String>,
    pub(super) at: At,
    /// What stands in its braces.
    pub(super) block: Option<Vec<Directive>>,
}

impl Directive {
    /// The argument at a place, empty when it is not there.
    pub(super) fn arg(&self, place: usize) -> &str {
        self.args.get(place).map_or("", String::as_str)
    }

    /// What stands in its braces; nothing of a simple directive.
    pub(super) fn inner(&self) -> &[Self] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// Reads one file.
pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<Vec<Directive>, Diagnostic> {
    let mut lexer = Lexer { rest: text, line: 1 };
    // Blocks that are open: their directive, and what was read of the level around it.
    let mut open: Vec<(Directive, Vec<Directive>)> = Vec::new();
    let mut level: Vec<Directive> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut line = 1;
    let error = |line: usize, message: &str| Diagnostic {
        file: file.to_string(),
        line,
        column: 1,
        message: message.to_owned(),
        hint: None,
    };
    while let Some(token) = lexer.next().map_err(|message| error(lexer.line, message))? {
        match token {
            Token::Word(word) => {
                if words.is_empty() {
                    line = lexer.line;
                }
                words.push(word);
            }
            Token::End | Token::Open if words.is_empty() => {
                return Err(error(lexer.line, "a directive without a name"));
            }
            Token::End => level.push(directive(&mut words, At::new(file, line))),
            Token::Open => {
                if open.len() >= DOCUMENT_DEPTH_MAX {
                    return Err(error(lexer.line, "blocks nested too deep"));
                }
                let directive = directive(&mut words, At::new(file, line));
                if directive.name.ends_with("_by_lua_block") || directive.name == "js_block" {
                    lexer.skip_script();
                    level.push(directive);
                } else {
                    open.push((directive, std::mem::take(&mut level)));
                }
            }
            Token::Close => {
                let Some((mut directive, around)) = open.pop() else {
                    return Err(error(lexer.line, "a `}` without its `{`"));
                };
                if !words.is_empty() {
                    return Err(error(line, "a directive without `;` at its end"));
                }
                directive.block = Some(std::mem::replace(&mut level, around));
                level.push(directive);
            }
        }
    }
    match (words.is_empty(), open.last()) {
        (false, _) => Err(error(line, "a directive without `;` at its end")),
        (true, Some((directive, _))) => Err(error(directive.at.line, "a block that is not closed")),
        (true, None) => Ok(level),
    }
}

fn directive(words: &mut Vec<String>, at: At) -> Directive {
    let mut words = std::mem::take(words).into_iter();
    Directive { name: words.next().unwrap_or_default(), args: words.collect(), at, block: None }
}

enum Token {
    Word(String),
    /// `;`
    End,
    /// `{`
    Open,
    /// `}`
    Close,
}

struct Lexer<'t> {
    rest: &'t str,
    line: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<Option<Token>, &'static str> {
        loop {
            let Some(first) = self.rest.chars().next() else { return Ok(None) };
            match first {
                '\n' => {
                    self.line += 1;
                    self.take(1);
                }
                c if c.is_whitespace() => self.take(c.len_utf8()),
                '#' => self.take(self.rest.find('\n').unwrap_or(self.rest.len())),
                ';' => return Ok(Some(self.symbol(Token::End))),
                '{' => return Ok(Some(self.symbol(Token::Open))),
                '}' => return Ok(Some(self.symbol(Token::Close))),
                '"' | '\'' => return self.quoted(first).map(Some),
                _ => return Ok(Some(self.word())),
            }
        }
    }

    fn take(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn symbol(&mut self, token: Token) -> Token {
        self.take(1);
        token
    }

    fn quoted(&mut self, quote: char) -> Result<Token, &'static str> {
        let mut word = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        let mut lines = 0;
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.take(at + 1);
                    // Counted at the end: a directive stands where it begins.
                    self.line += lines;
                    return Ok(Token::Word(word));
                }
                '\\' => match chars.next() {
                    Some((_, escaped)) if escaped == quote || escaped == '\\' => word.push(escaped),
                    Some((_, escaped)) => word.extend(['\\', escaped]),
                    None => {}
                },
                c => {
                    lines += usize::from(c == '\n');
                    word.push(c);
                }
            }
        }
        Err("a quote that is not closed")
    }

    /// A word ends at white space, `;` or `{`; `${name}` belongs to it.
    fn word(&mut self) -> Token {
        let mut end = self.rest.len();
        let mut before = ' ';
        let mut variable = false;
        for (at, c) in self.rest.char_indices() {
            let ends = c.is_whitespace() || c == ';' || (c == '{' && before != '$' && before != '\\');
            if ends && before != '\\' && !variable {
                end = at;
                break;
            }
            variable = (variable || (c == '{' && before == '$')) && !matches!(c, '}' | '\n');
            before = if before == '\\' && c == '\\' { ' ' } else { c };
        }
        let word = self.rest.get(..end).unwrap_or_default();
        let word = word.replace("\\;", ";").replace("\\ ", " ");
        self.line += self.rest.get(..end).unwrap_or_default().matches('\n').count();
        self.take(end);
        Token::Word(word)
    }

    /// Skips a script to its closing brace; braces in its quotes and comments do not count.
    fn skip_script(&mut self) {
        let (mut depth, mut quote, mut comment) = (1_usize, None, false);
        let mut before = ' ';
        for (at, c) in self.rest.char_indices() {
            self.line += usize::from(c == '\n');
            match (quote, c) {
                (_, '\n') => (quote, comment) = (None, false),
                (Some(open), c) if c == open && before != '\\' && !comment => quote = None,
                (None, _) if comment => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '-') if before == '-' => comment = true,
                (None, '{') => depth += 1,
                (None, '}') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return self.take(at + 1);
            }
            before = if before == '\\' { ' ' } else { c };
        }
        self.take(self.rest.len());
    }
}

/// What bringing in includes gave beside the directives.
#[derive(Default)]
pub(super) struct Included {
    pub(super) files: Vec<Arc<str>>,
    /// Their sizes together; a file may include itself.
    bytes: u64,
    pub(super) problems: Vec<Diagnostic>,
}

/// Replaces `include` by what it brings in. What cannot be read becomes a directive [`UNREADABLE`] and a problem.
pub(super) fn include(
    directives: Vec<Directive>,
    fetch: &mut Fetch<'_>,
    depth: usize,
    included: &mut Included,
) -> Vec<Directive> {
    let mut out = Vec::with_capacity(directives.len());
    for mut directive in directives {
        if let Some(block) = directive.block.take() {
            directive.block = Some(include(block, fetch, depth, included));
        }
        if directive.name != "include" {
            out.push(directive);
            continue;
        }
        let pattern = directive.arg(0).to_owned();
        let read = if depth >= INCLUDE_DEPTH_MAX {
            Err(format!("more than {INCLUDE_DEPTH_MAX} levels of `include`"))
        } else {
            fetch(&directive.at.file, &pattern)
        };
        match read {
            // Tables that protect nothing and are often not copied along.
            Err(_) if HARMLESS.iter().any(|name| pattern.ends_with(name)) => {}
            Err(reason) => {
                let message = format!("cannot include `{pattern}`: {reason}");
                out.push(unreadable(&directive, message, included));
            }
            Ok(files) => {
                for (name, text) in files {
                    let file: Arc<str> = name.into();
                    if included.files.len() >= INCLUDES_MAX {
                        let message = format!("more than {INCLUDES_MAX} files are included");
                        out.push(unreadable(&directive, message, included));
                        break;
                    }
                    included.bytes += text.len() as u64;
                    if included.bytes > CONFIGURATION_BYTES_MAX {
                        let message = format!("included files have more than {CONFIGURATION_BYTES_MAX} bytes together");
                        out.push(unreadable(&directive, message, included));
                        break;
                    }
                    included.files.push(Arc::clone(&file));
                    match parse(&file, &text) {
                        Ok(inner) => out.extend(include(inner, fetch, depth + 1, included)),
                        Err(problem) => included.problems.push(problem),
                    }
                }
            }
        }
    }
    out
}

fn unreadable(directive: &Directive, message: String, included: &mut Included) -> Directive {
    included.problems.push(Diagnostic {
        file: directive.at.file.to_string(),
        line: directive.at.line,
        column: 1,
        message,
        hint: Some("give the folder that holds all of the configuration".to_owned()),
    });
    Directive {
        name: UNREADABLE.to_owned(),
        args: directive.args.clone(),
        at: directive.at.clone(),
        block: Some(Vec::new()),
    }
}

/// Name of the directive that stands for an include that could not be read.
pub(super) const UNREADABLE: &str = "\u{0}unreadable";

const HARMLESS: &[&str] = &[
    "mime.types",
    "fastcgi_params",
    "fastcgi.conf",
    "uwsgi_params",
    "scgi_params",
    "koi-win",
    "koi-utf",
    "win-utf",
    "modules-enabled/*.conf",
];
