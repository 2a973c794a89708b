//! `tests/slt/<table>.slt`: rows of tables, queries, and what they answer.
//!
//! ```text
//! # why this case
//! rows exchanges
//! {"status": 404}
//!
//! query
//! select count(*) as n from exchanges
//! ----
//! n
//! 1
//! ```
//!
//! Blocks are separated by empty lines. `rows` replaces the rows of a table, a JSON object per line. A query answers CSV,
//! or `error: …`. `UPDATE=1` writes what was answered.

use std::path::Path;

use super::*;

#[test]
fn every_table_answers_its_queries() {
    let ground = Ground::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slt");
    for table in crate::tables::TABLES {
        let path = folder.join(format!("{}.slt", table.name));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let answered = run(&ground, &text);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &answered).unwrap();
        } else {
            assert_eq!(text, answered, "{}", path.display());
        }
        assert!(text.contains("\nquery\n") && text.contains(&format!("from {}", table.name)), "{}", path.display());
    }
}

/// The text with the answers as they are.
fn run(ground: &Ground, text: &str) -> String {
    let mut rows = serde_json::Map::new();
    let mut blocks = Vec::new();
    for block in text.trim_end().split("\n\n") {
        let code: Vec<&str> = block.lines().filter(|line| !line.starts_with('#')).collect();
        match code.split_first() {
            Some((head, lines)) if head.starts_with("rows ") => {
                let parse = |line: &&str| {
                    serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|e| panic!("{line}: {e}"))
                };
                rows.insert(head[5..].to_owned(), lines.iter().map(parse).collect());
                blocks.push(block.to_owned());
            }
            Some((&"query", lines)) => {
                let sql: Vec<&str> = lines.iter().take_while(|line| **line != "----").copied().collect();
                let comments: Vec<&str> = block.lines().take_while(|line| line.starts_with('#')).collect();
                let answer = answer(ground, &rows, &sql.join("\n"));
                let head = comments.into_iter().chain(["query"]).chain(sql).chain(["----"]);
                blocks.push(head.map(str::to_owned).chain([answer]).collect::<Vec<_>>().join("\n"));
            }
            _ => blocks.push(block.to_owned()),
        }
    }
    blocks.join("\n\n") + "\n"
}

fn answer(ground: &Ground, rows: &serde_json::Map<String, serde_json::Value>, sql: &str) -> String {
    match ground.ask(tables(&serde_json::Value::Object(rows.clone())), query(sql)) {
        Ok((out, _)) => String::from_utf8(out).unwrap().replace("\r\n", "\n").trim_end().to_owned(),
        Err(error) => format!("error: {error}"),
    }
}
