//! Licences of what is built in: `cargo metadata` and `ui/package-lock.json` against the list in `deny.toml`. Needs
//! no network; advisories are for `cargo deny`, which reads the same file.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::edges;

/// Fails when a dependency has a licence that `deny.toml` does not allow.
pub(crate) fn run(root: &Path) -> Result<()> {
    let allowed = allowed(root)?;
    let mut complaints = Vec::new();
    let mut checked = 0;
    for package in edges::metadata(root)?.packages.iter().filter(|package| package.source.is_some()) {
        checked += 1;
        let licence = package.license.as_deref().unwrap_or("none");
        if !satisfies(licence, &allowed) {
            complaints.push(format!("crate {} {}: {licence}", package.name, package.version));
        }
    }
    for (name, licence) in node_packages(root)? {
        checked += 1;
        if !satisfies(&licence, &allowed) {
            complaints.push(format!("node package {name}: {licence}"));
        }
    }
    println!("{checked} dependencies checked");
    if complaints.is_empty() { Ok(()) } else { bail!("not on the list in deny.toml:\n  {}", complaints.join("\n  ")) }
}

/// The `allow` list of `deny.toml`.
fn allowed(root: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(root.join("deny.toml")).context("deny.toml")?;
    let list = text.split_once("allow = [").and_then(|(_, rest)| rest.split_once(']')).map(|(list, _)| list);
    Ok(list.context("deny.toml has no allow list")?.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}

fn node_packages(root: &Path) -> Result<Vec<(String, String)>> {
    let Ok(text) = std::fs::read_to_string(root.join("ui/package-lock.json")) else { return Ok(Vec::new()) };
    let lock: Value = serde_json::from_str(&text).context("ui/package-lock.json")?;
    let packages = lock.get("packages").and_then(Value::as_object).context("package-lock.json has no packages")?;
    Ok(packages
        .iter()
        .filter(|(path, _)| !path.is_empty())
        .map(|(path, package)| {
            let licence = package.get("license").and_then(Value::as_str).unwrap_or("none");
            (path.rsplit("node_modules/").next().unwrap_or(path).to_owned(), licence.to_owned())
        })
        .collect())
}

/// Whether an SPDX expression can be met with the allowed licences (`OR` picks one, `AND` needs both, `/` is an old
/// way to write `OR`).
fn satisfies(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    any_of(&mut rest, allowed) && rest.is_empty()
}

fn any_of(tokens: &mut &[&str], allowed: &[String]) -> bool {
    let mut met = all_of(tokens, allowed);
    while let ["OR", rest @ ..] = tokens {
        *tokens = rest;
        met |= all_of(tokens, allowed);
    }
    met
}

fn all_of(tokens: &mut &[&str], allowed: &[String]) -> bool {
    let mut met = one(tokens, allowed);
    while let ["AND", rest @ ..] = tokens {
        *tokens = rest;
        met &= one(tokens, allowed);
    }
    met
}

fn one(tokens: &mut &[&str], allowed: &[String]) -> bool {
    match tokens {
        ["(", rest @ ..] => {
            *tokens = rest;
            let met = any_of(tokens, allowed);
            if let [")", rest @ ..] = tokens {
                *tokens = rest;
            }
            met
        }
        [licence, "WITH", exception, rest @ ..] => {
            let name = format!("{licence} WITH {exception}");
            *tokens = rest;
            allowed.contains(&name)
        }
        [licence, rest @ ..] => {
            let met = allowed.iter().any(|name| name == licence);
            *tokens = rest;
            met
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::satisfies;

    #[test]
    fn licence_expressions_are_judged() {
        let allowed = ["MIT", "Unicode-3.0", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for (expression, met) in [
            ("MIT", true),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0 AND MIT", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-2.0", false),
            ("Apache-2.0 WITH LLVM-exception OR GPL-2.0", true),
            ("none", false),
        ] {
            assert_eq!(satisfies(expression, &allowed), met, "{expression}");
        }
    }
}
