//! Apache `LogFormat` strings (mod_log_config, mod_logio, mod_ssl's `%{…}x`).

use std::borrow::Cow;

use vedette_model::Diagnostic;

use super::{push_text, wrong};
use crate::log::field::{Field, TimeKind, Unit};
use crate::log::program::Piece;
use crate::log::strftime::Pattern;

/// Splits a format into literals and fields.
pub(super) fn pieces(format: &str) -> Result<Vec<Piece>, Diagnostic> {
    let (format, offset) = string_of_directive(format);
    let mut pieces = Vec::new();
    let mut chars = format.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('t') => push_text(&mut pieces, "\t"),
                Some('n') => push_text(&mut pieces, "\n"),
                Some(c) => push_text(&mut pieces, c.encode_utf8(&mut [0; 4])),
                None => push_text(&mut pieces, "\\"),
            },
            '%' => {
                let rest = format.get(at + 1..).unwrap_or_default();
                let len = directive(rest, offset + at + 1, &mut pieces)?;
                while chars.peek().is_some_and(|(next, _)| *next < at + 1 + len) {
                    chars.next();
                }
            }
            c => push_text(&mut pieces, c.encode_utf8(&mut [0; 4])),
        }
    }
    Ok(pieces)
}

/// From `LogFormat "…" name` the string itself, with the column where it begins.
fn string_of_directive(format: &str) -> (Cow<'_, str>, usize) {
    let trimmed = format.trim_start();
    let directive = trimmed.strip_prefix("LogFormat").or_else(|| trimmed.strip_prefix("CustomLog"));
    let Some(quoted) = directive.and_then(|d| d.split_once('"')).map(|(_, quoted)| quoted) else {
        return (Cow::Borrowed(format), 0);
    };
    let mut escaped = false;
    let end = quoted.find(|c| match c {
        '\\' if !escaped => {
            escaped = true;
            false
        }
        '"' if !escaped => true,
        _ => {
            escaped = false;
            false
        }
    });
    (Cow::Borrowed(quoted.get(..end.unwrap_or(quoted.len())).unwrap_or_default()), format.len() - quoted.len())
}

/// Reads what follows a `%`: modifiers, an argument in braces, the letter. Returns its length.
fn directive(text: &str, column: usize, pieces: &mut Vec<Piece>) -> Result<usize, Diagnostic> {
    let modifiers = text.bytes().take_while(|c| matches!(c, b'<' | b'>' | b'!' | b',' | b'0'..=b'9')).count();
    let after = text.get(modifiers..).unwrap_or_default();
    let (argument, after) = match after.strip_prefix('{') {
        Some(braced) => {
            let closed = braced.split_once('}');
            closed.ok_or_else(|| wrong(column, "the brace is not closed", Some("write %{Name}i")))?
        }
        None => ("", after),
    };
    let Some(letter) = after.chars().next() else {
        return Err(wrong(column, "a letter is missing after %", Some("a percent sign itself is written %%")));
    };
    match letter {
        '%' => push_text(pieces, "%"),
        't' => time(argument, column, pieces)?,
        '^' => {
            // %^FU, %^FB: times until first bytes.
            pieces.push(Piece::Field(Field::Skip, column));
            return Ok((text.len() - after.len() + 3).min(text.len()));
        }
        _ => pieces.push(Piece::Field(field(letter, argument, column)?, column)),
    }
    Ok(text.len() - after.len() + letter.len_utf8())
}

fn time(argument: &str, column: usize, pieces: &mut Vec<Piece>) -> Result<(), Diagnostic> {
    if argument.is_empty() {
        push_text(pieces, "[");
        pieces.push(Piece::Field(Field::Time(TimeKind::Clf), column));
        push_text(pieces, "]");
        return Ok(());
    }
    let hint = "strftime(3) specifiers such as %d/%b/%Y:%T, or sec, msec, usec, msec_frac, usec_frac are read";
    let pattern = Pattern::compile(argument)
        .ok_or_else(|| wrong(column, format!("the time pattern {argument:?} is not read"), Some(hint)))?;
    pieces.push(Piece::Civil(pattern));
    Ok(())
}

/// What a letter with its argument holds.
fn field(letter: char, argument: &str, column: usize) -> Result<Field, Diagnostic> {
    Ok(match letter {
        'a' | 'h' => Field::Peer,
        'u' => Field::User,
        'r' => Field::Request,
        'm' => Field::Method,
        'U' => Field::Path,
        'q' => Field::Query,
        'H' => Field::Protocol,
        's' => Field::Status,
        'b' | 'B' => Field::BodyBytes,
        'O' => Field::ResponseBytes,
        'I' => Field::RequestBytes,
        'D' => Field::Duration(Unit::Us),
        'T' => Field::Duration(match argument {
            "us" => Unit::Us,
            "ms" => Unit::Ms,
            _ => Unit::S,
        }),
        'v' | 'V' => Field::ServerName,
        'p' if argument.is_empty() || argument == "canonical" || argument == "local" => Field::ServerPort,
        'i' => request_header(&argument.to_ascii_lowercase()),
        'o' => Field::ResponseHeader(argument.to_ascii_lowercase().into()),
        'C' => Field::Cookie(argument.into()),
        'x' | 'e' | 'n' => match argument {
            "SSL_PROTOCOL" => Field::TlsVersion,
            "HTTPS" => Field::TlsOn,
            _ => Field::Skip,
        },
        'A' | 'f' | 'k' | 'l' | 'L' | 'p' | 'P' | 'R' | 'S' | 'X' | 'c' => Field::Skip,
        letter => {
            let hint = "see the custom log formats of mod_log_config; a percent sign itself is written %%";
            return Err(wrong(column, format!("%{letter} is no directive of Apache"), Some(hint)));
        }
    })
}

fn request_header(name: &str) -> Field {
    match name {
        "user-agent" => Field::UserAgent,
        "referer" => Field::Referer,
        "host" => Field::Host,
        "x-forwarded-for" | "x-real-ip" | "true-client-ip" | "cf-connecting-ip" | "forwarded" => Field::Forwarded,
        "x-forwarded-proto" => Field::Scheme,
        _ => Field::RequestHeader(name.into()),
    }
}
