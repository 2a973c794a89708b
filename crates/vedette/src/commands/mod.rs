//! The commands, one file each.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};

pub(crate) mod actors;
pub(crate) mod analyze;
pub(crate) mod audit;
pub(crate) mod backup;
mod baseline;
pub(crate) mod classes;
pub(crate) mod classify;
pub(crate) mod completions;
pub(crate) mod erase;
pub(crate) mod evaluate;
pub(crate) mod findings;
mod gate;
pub(crate) mod gateway;
mod gateways;
pub(crate) mod hunt;
pub(crate) mod identity;
pub(crate) mod incidents;
mod installation;
pub(crate) mod inventory;
mod items;
mod listing;
pub(crate) mod logs;
pub(crate) mod openapi;
mod owners;
mod place;
pub(crate) mod recover;
pub(crate) mod reference;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod sources;
pub(crate) mod specs;
pub(crate) mod traffic;

/// An error that knows what to try: `bail!(Hinted::new("no exchanges in x.log", "name the format with --format"))`.
#[derive(Debug)]
pub(crate) struct Hinted {
    message: String,
    hint: String,
}

impl Hinted {
    /// Both are lowercase fragments without a period.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Hinted {}

/// Prints an error with its chain, and what to try, to standard error.
pub(crate) fn report_error(error: &anyhow::Error) {
    if reader_left(error) {
        return;
    }
    let _ = io::stderr().lock().write_all(describe(error).as_bytes());
}

/// True when the reader of our output left (`| head`): nobody is there to be told.
fn reader_left(error: &anyhow::Error) -> bool {
    let left = |cause: &(dyn Error + 'static)| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        kind.or(json) == Some(io::ErrorKind::BrokenPipe)
    };
    error.chain().any(left)
}

/// `error:` with the whole chain on one line, then `hint:` when something can be said.
fn describe(error: &anyhow::Error) -> String {
    let mut text = format!("error: {error:#}\n");
    if let Some(hint) = error.chain().find_map(hint) {
        text.push_str("hint: ");
        text.push_str(&hint);
        text.push('\n');
    }
    text
}

fn hint(cause: &(dyn Error + 'static)) -> Option<String> {
    if let Some(hinted) = cause.downcast_ref::<Hinted>() {
        return Some(hinted.hint.clone());
    }
    let hint = match cause.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::NotFound => "check the path; a pattern that matches nothing is passed on as it is",
        io::ErrorKind::PermissionDenied => "run as a user who may read it, or pipe it in: sudo cat FILE | vedette …",
        io::ErrorKind::StorageFull => "free some space, or choose another folder with --out",
        _ => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn errors_say_what_where_and_what_to_try() {
        let missing: anyhow::Result<()> = Err(io::Error::from(io::ErrorKind::NotFound)).context("reading access.log");
        let hinted: anyhow::Result<()> = Err(Hinted::new("no exchanges", "name the format")).context("x.log");
        let plain: anyhow::Result<()> = Err(anyhow::anyhow!("no luck"));
        let text: String = [missing, hinted, plain].iter().map(|error| describe(error.as_ref().unwrap_err())).collect();
        insta::assert_snapshot!(text, @r##"
    error: reading access.log: entity not found
    hint: check the path; a pattern that matches nothing is passed on as it is
    error: x.log: no exchanges
    hint: name the format
    error: no luck
    "##);
    }
}
