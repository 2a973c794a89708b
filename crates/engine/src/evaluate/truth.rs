//! Reads the truth of a scenario: a row of JSON per attack.

use serde::Deserialize;
use serde_json::Value;
use vedette_model::Diagnostic;
use vedette_model::results::Identifier;

/// Problems that are told; a file of another kind would give one per line.
const PROBLEMS_MAX: usize = 20;

/// What a row must look like, for those who wrote it otherwise.
const HINT: &str = r#"a row is {"kind":"bola","actor":[{"user":"u17"},{"ip":"203.0.113.9"}],"endpoint":"GET /v1/invoices/{}","exchanges":[1042,1043]}"#;

/// One attack of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attack {
    /// Kind (`bola`).
    pub kind: String,
    /// How it was done (`patient`), when the truth says.
    pub variant: Option<String>,
    /// What identifies those who did it.
    pub actors: Vec<Identifier>,
    /// `METHOD template` that it aimed at; empty when the truth does not say.
    pub endpoint: String,
    /// Record numbers of its exchanges, ascending, each once.
    pub exchanges: Vec<u64>,
}

/// A row as it is written. Members that are not known are ignored: a later generator may say more.
#[derive(Deserialize)]
struct Row {
    kind: String,
    actor: Vec<serde_json::Map<String, Value>>,
    #[serde(default)]
    endpoint: String,
    exchanges: Vec<u64>,
    #[serde(default)]
    variant: Option<String>,
}

/// Reads the rows of a file; blank lines count as lines and say nothing.
///
/// # Errors
/// Every row that is no attack, with its line.
pub fn read(file: &str, text: &str) -> Result<Vec<Attack>, Vec<Diagnostic>> {
    let mut attacks = Vec::new();
    let mut problems = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match row(line) {
            Ok(attack) => attacks.push(attack),
            Err((column, message)) if problems.len() < PROBLEMS_MAX => {
                let hint = problems.is_empty().then(|| HINT.to_owned());
                problems.push(Diagnostic { file: file.to_owned(), line: index + 1, column, message, hint });
            }
            Err(_) => {}
        }
    }
    if problems.is_empty() { Ok(attacks) } else { Err(problems) }
}

/// One attack, or the column and what is wrong there.
fn row(line: &str) -> Result<Attack, (usize, String)> {
    let row: Row = serde_json::from_str(line).map_err(|error| {
        // The reader counts lines itself, and ours is always its first.
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
        (error.column(), format!("this row is no attack: {message}"))
    })?;
    let wrong = |message: &str| Err((1, message.to_owned()));
    if row.kind.is_empty() {
        return wrong("the kind is empty");
    }
    let mut actors = Vec::new();
    for member in row.actor {
        for (kind, value) in member {
            let Value::String(value) = value else {
                return Err((1, format!("the identifier `{kind}` is no text")));
            };
            let identifier = Identifier { kind, value };
            if !actors.contains(&identifier) {
                actors.push(identifier);
            }
        }
    }
    if actors.is_empty() {
        return wrong("nobody does it: `actor` names no identifier");
    }
    let mut exchanges = row.exchanges;
    exchanges.sort_unstable();
    exchanges.dedup();
    if exchanges.is_empty() {
        return wrong("it happens nowhere: `exchanges` is empty");
    }
    Ok(Attack { kind: row.kind, variant: row.variant, actors, endpoint: row.endpoint, exchanges })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_attacks() {
        let text = concat!(
            r#"{"kind":"bola","variant":"patient","actor":[{"user":"u17"},{"ip":"203.0.113.9"}],"#,
            r#""endpoint":"GET /v1/invoices/{}","exchanges":[7,3,7],"note":"more"}"#,
            "\n\n",
            r#"{"kind":"scraping","actor":[{"user":"u2","ip":"192.0.2.1"}],"exchanges":[0]}"#,
            "\n"
        );
        let attacks = read("truth.ndjson", text).unwrap();
        let identifier = |kind: &str, value: &str| Identifier { kind: kind.into(), value: value.into() };
        assert_eq!(attacks.len(), 2);
        assert_eq!(attacks[0].exchanges, [3, 7]);
        assert_eq!(attacks[0].actors, [identifier("user", "u17"), identifier("ip", "203.0.113.9")]);
        assert_eq!((attacks[0].variant.as_deref(), attacks[1].endpoint.as_str()), (Some("patient"), ""));
        assert_eq!(attacks[1].actors.len(), 2);
        assert_eq!(read("truth.ndjson", "\n"), Ok(Vec::new()), "no row means no attack");
    }

    #[test]
    fn bad_rows_are_named_with_their_line() {
        let good = r#"{"kind":"bola","actor":[{"user":"u"}],"exchanges":[1]}"#;
        for (bad, told) in [
            ("{", "this row is no attack: EOF"),
            ("[1]", "this row is no attack: "),
            (r#"{"kind":"bola","exchanges":[1]}"#, "missing field `actor`"),
            (r#"{"kind":"","actor":[{"user":"u"}],"exchanges":[1]}"#, "the kind is empty"),
            (r#"{"kind":"bola","actor":[],"exchanges":[1]}"#, "names no identifier"),
            (r#"{"kind":"bola","actor":[{"user":17}],"exchanges":[1]}"#, "the identifier `user` is no text"),
            (r#"{"kind":"bola","actor":[{"user":"u"}],"exchanges":[]}"#, "`exchanges` is empty"),
            (r#"{"kind":"bola","actor":[{"user":"u"}],"exchanges":[-1]}"#, "this row is no attack: invalid value"),
        ] {
            let problems = read("truth.ndjson", &format!("{good}\n\n{bad}\n")).unwrap_err();
            let text = problems[0].to_string();
            assert!(problems.len() == 1 && text.starts_with("truth.ndjson:3:") && text.contains(told), "{bad}: {text}");
            assert!(text.contains("hint: a row is") && !text.contains("at line"), "{text}");
        }
        assert_eq!(read("t", &"x\n".repeat(100)).unwrap_err().len(), PROBLEMS_MAX);
    }
}
