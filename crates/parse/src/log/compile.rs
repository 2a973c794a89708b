//! From a format string to a program. nginx and Apache are told apart by how they name fields.

mod apache;
mod nginx;

use vedette_model::Diagnostic;
use vedette_model::limits::LOG_FORMAT_BYTES_MAX;

use super::program::{Piece, Program};

/// Name under which format strings appear in diagnostics.
const FILE: &str = "log format";

/// Compiles a format string. Also takes the whole directive as it stands in a configuration file.
pub(crate) fn compile(format: &str) -> Result<Program, Diagnostic> {
    if format.len() > LOG_FORMAT_BYTES_MAX {
        return Err(wrong(1, "the format is longer than 8 kB", None));
    }
    let dollar = variable_at(format);
    let percent = directive_at(format);
    let pieces = match (dollar, percent) {
        // A `$` within an Apache format is text, a `%` within an nginx format too: the first one decides.
        (Some(d), p) if p.is_none_or(|p| d < p) => nginx::pieces(format)?,
        (_, Some(_)) => apache::pieces(format)?,
        _ => {
            let hint = "nginx formats name fields as $remote_addr, Apache formats as %h";
            return Err(wrong(1, "this format names no field", Some(hint)));
        }
    };
    let program = Program::assemble(FILE, pieces)?;
    if !program.has_request() {
        let hint = "add \"$request\" (nginx) or \"%r\" (Apache)";
        return Err(wrong(1, "this format has no request in it, so nothing can be learned from it", Some(hint)));
    }
    Ok(program)
}

/// Where the first nginx variable begins.
fn variable_at(format: &str) -> Option<usize> {
    format.match_indices('$').map(|(at, _)| at).find(|at| {
        let next = format.as_bytes().get(at + 1);
        next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, b'_' | b'{'))
    })
}

/// Where the first Apache directive begins.
fn directive_at(format: &str) -> Option<usize> {
    format.match_indices('%').map(|(at, _)| at).find(|at| {
        let next = format.as_bytes().get(at + 1);
        next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, b'{' | b'>' | b'<' | b'!' | b'^'))
    })
}

/// A diagnostic about the format string.
fn wrong(column: usize, message: impl Into<String>, hint: Option<&str>) -> Diagnostic {
    Diagnostic { file: FILE.to_owned(), line: 1, column, message: message.into(), hint: hint.map(str::to_owned) }
}

/// Adds text to the last literal, or begins one.
fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if let Some(Piece::Literal(last)) = pieces.last_mut() {
        last.push_str(text);
    } else {
        pieces.push(Piece::Literal(text.to_owned()));
    }
}
