//! What may be asked: one query that reads, of a size and depth that no part of the query engine breaks on.
//!
//! Three gates, each enough for what it is about: the text (size, nesting, operators) before anything recursive sees it;
//! the statement, by a list of what is allowed; the plan, by a list of what it may hold.

use std::collections::HashMap;

use datafusion::common::TableReference;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{ExplainFormat, LogicalPlan};
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::Statement as SqlStatement;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use vedette_model::limits::{
    HUNT_NESTING_MAX, HUNT_OPERATORS_MAX, HUNT_PLAN_NODES_MAX, HUNT_SQL_BYTES_MAX, HUNT_SUBQUERIES_MAX, HUNT_TOKENS_MAX,
};

use super::{HuntError, wording};
use crate::tables::TABLES;

/// Tables of the `information_schema` that may be read. The others tell settings and paths of this process.
const INFORMATION: &[&str] = &["tables", "columns", "schemata", "routines", "parameters"];

const READ_ONLY: &str = "ask with select, with, values, explain, show tables or describe";

/// Refuses a text that is too large or nested too deeply. Looks at tokens only: a parser that descends, a plan that is
/// walked and a tree that is dropped all need stack for each level.
pub(super) fn check_text(sql: &str) -> Result<(), HuntError> {
    if sql.len() > HUNT_SQL_BYTES_MAX {
        return Err(HuntError::wrong_hint(
            format!("the SQL has {} bytes, {HUNT_SQL_BYTES_MAX} are allowed", sql.len()),
            "put long lists into a table of your own tool and ask in parts",
        ));
    }
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize().map_err(|error| wording::tokenizer(&error))?;
    let tokens: Vec<Token> = tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    let (mut count, mut operators) = (0_usize, 0_usize);
    // Of each open bracket: whether it holds a query.
    let mut open: Vec<bool> = Vec::new();
    let (mut deepest, mut queries) = (0, 0);
    for token in &tokens {
        count += 1;
        match shape(token) {
            Shape::Opens => open.push(false),
            Shape::Closes => drop(open.pop()),
            Shape::Binds => operators += 1,
            Shape::Asks => {
                operators += 1;
                if let Some(query) = open.last_mut() {
                    *query = true;
                }
                queries = queries.max(open.iter().filter(|query| **query).count());
            }
            Shape::Plain => {}
        }
        deepest = deepest.max(open.len());
        if deepest > HUNT_NESTING_MAX {
            break;
        }
    }
    let too_many = |what: &str, count: usize, max: usize| {
        Err(HuntError::wrong_hint(
            format!("the SQL has {what}: {count}, {max} are allowed"),
            "use in (…) or a join instead of long chains, and with … as (…) instead of deep nesting",
        ))
    };
    if deepest > HUNT_NESTING_MAX {
        return too_many("levels of brackets", deepest, HUNT_NESTING_MAX);
    }
    if queries > HUNT_SUBQUERIES_MAX {
        return too_many("levels of queries in queries", queries, HUNT_SUBQUERIES_MAX);
    }
    if operators > HUNT_OPERATORS_MAX {
        return too_many("operators", operators, HUNT_OPERATORS_MAX);
    }
    if count > HUNT_TOKENS_MAX {
        return too_many("words and signs", count, HUNT_TOKENS_MAX);
    }
    if expansion(&tokens) > HUNT_PLAN_NODES_MAX {
        return Err(too_large());
    }
    Ok(())
}

/// How often the most used query may stand in the plan: a named query is planned anew at each use, and one that uses
/// another twice doubles it. The product of all uses is never less than what comes of it.
fn expansion(tokens: &[Token]) -> usize {
    let mut uses: HashMap<String, usize> = HashMap::new();
    for (at, token) in tokens.iter().enumerate() {
        let after = tokens.get(at + 1);
        let query = matches!(after, Some(Token::LParen))
            || is_keyword(after, Keyword::MATERIALIZED)
            || is_keyword(after, Keyword::NOT);
        if query
            && is_keyword(Some(token), Keyword::AS)
            && let Some(name) = tokens.get(..at).and_then(name_before)
        {
            uses.insert(name, 0);
        }
    }
    // A column of a named query (`name.column`) is no use of it.
    let before = std::iter::once(None).chain(tokens.iter().map(Some));
    let after = tokens.iter().skip(1).map(Some).chain(std::iter::once(None));
    for ((token, before), after) in tokens.iter().zip(before).zip(after) {
        let column = matches!(before, Some(Token::Period)) || matches!(after, Some(Token::Period));
        if let Token::Word(name) = token
            && !column
            && !is_keyword(after, Keyword::AS)
            && let Some(count) = uses.get_mut(&name.value.to_lowercase())
        {
            *count += 1;
        }
    }
    uses.values().fold(1, |product, count| product.saturating_mul((*count).max(1)))
}

fn is_keyword(token: Option<&Token>, keyword: Keyword) -> bool {
    matches!(token, Some(Token::Word(word)) if word.keyword == keyword)
}

/// The name that `as` follows, with or without names of columns: `name as (…)`, `name (a, b) as (…)`.
fn name_before(tokens: &[Token]) -> Option<String> {
    let name = match tokens.last()? {
        Token::RParen => {
            let open = tokens.iter().rposition(|token| *token == Token::LParen)?;
            tokens.get(open.checked_sub(1)?)?
        }
        last => last,
    };
    match name {
        Token::Word(word) => Some(word.value.to_lowercase()),
        _ => None,
    }
}

enum Shape {
    Opens,
    Closes,
    /// Makes a tree one level deeper when repeated.
    Binds,
    /// Begins a query.
    Asks,
    Plain,
}

fn shape(token: &Token) -> Shape {
    match token {
        Token::LParen | Token::LBracket | Token::LBrace => Shape::Opens,
        Token::RParen | Token::RBracket | Token::RBrace => Shape::Closes,
        Token::Word(word) => match word.keyword {
            Keyword::CASE => Shape::Opens,
            Keyword::END => Shape::Closes,
            Keyword::AND
            | Keyword::OR
            | Keyword::XOR
            | Keyword::NOT
            | Keyword::IS
            | Keyword::IN
            | Keyword::LIKE
            | Keyword::ILIKE
            | Keyword::SIMILAR
            | Keyword::BETWEEN
            | Keyword::AT
            | Keyword::COLLATE
            | Keyword::JOIN
            | Keyword::UNION
            | Keyword::EXCEPT
            | Keyword::INTERSECT
            | Keyword::EXPLAIN => Shape::Binds,
            Keyword::SELECT | Keyword::VALUES => Shape::Asks,
            _ => Shape::Plain,
        },
        Token::Comma
        | Token::Period
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::Placeholder(_)
        | Token::SemiColon
        | Token::EOF => Shape::Plain,
        _ => Shape::Binds,
    }
}

/// The one statement of the text, when it reads known tables.
pub(super) fn parse(sql: &str) -> Result<Statement, HuntError> {
    let dialect = GenericDialect {};
    let mut parser = DFParserBuilder::new(sql)
        .with_dialect(&dialect)
        .with_recursion_limit(PARSER_RECURSION)
        .build()
        .map_err(|error| wording::planning(&error))?;
    let mut statements = parser.parse_statements().map_err(|error| wording::planning(&error))?;
    if statements.len() > 1 {
        return Err(HuntError::wrong_hint("there is more than one statement", "ask one question at a time"));
    }
    let Some(statement) = statements.pop_front() else {
        return Err(HuntError::wrong_hint(
            "there is no SQL",
            "for example: select endpoint, count(*) from exchanges group by 1",
        ));
    };
    check_statement(&statement)?;
    check_tables(&statement)?;
    Ok(statement)
}

/// Levels that the parser descends. More than [`HUNT_NESTING_MAX`], as one bracket can be several levels for it.
const PARSER_RECURSION: usize = 4 * HUNT_NESTING_MAX;

fn check_statement(statement: &Statement) -> Result<(), HuntError> {
    let what = match statement {
        Statement::Explain(explain) if matches!(*explain.statement, Statement::Explain(_)) => "explain of explain",
        Statement::Explain(explain) => return check_statement(&explain.statement),
        Statement::CreateExternalTable(_) => "create external table",
        Statement::CopyTo(_) => "copy",
        Statement::Reset(_) => "reset",
        Statement::Statement(statement) => match statement.as_ref() {
            SqlStatement::Query(_)
            | SqlStatement::ShowTables { .. }
            | SqlStatement::ShowColumns { .. }
            | SqlStatement::ShowFunctions { .. }
            | SqlStatement::ExplainTable { .. } => return Ok(()),
            other => {
                let text = other.to_string();
                let word = text.split_whitespace().next().unwrap_or("this").to_lowercase();
                return Err(HuntError::refused(word, READ_ONLY));
            }
        },
    };
    Err(HuntError::refused(what, READ_ONLY))
}

/// Every table must be one of ours. Also keeps file names out: to the query engine they are names of tables.
fn check_tables(statement: &Statement) -> Result<(), HuntError> {
    if let Statement::Statement(inner) = statement
        && !matches!(**inner, SqlStatement::Query(_) | SqlStatement::ExplainTable { .. })
    {
        // `show` asks the information schema in words of the query engine.
        return Ok(());
    }
    let (tables, _) = resolve_table_references(statement, true).map_err(|error| wording::planning(&error))?;
    for table in &tables {
        let ours = match table {
            TableReference::Bare { table } => named(table),
            TableReference::Partial { schema, table } | TableReference::Full { schema, table, .. } => {
                match schema.as_ref() {
                    "public" => named(table),
                    "information_schema" => INFORMATION.contains(&table.as_ref()),
                    _ => false,
                }
            }
        };
        let catalog =
            matches!(table, TableReference::Full { catalog, .. } if catalog.as_ref() != super::session::CATALOG);
        if !ours || catalog {
            return Err(unknown_table(table));
        }
    }
    Ok(())
}

fn named(name: &str) -> bool {
    TABLES.iter().any(|table| table.name == name)
}

fn unknown_table(table: &TableReference) -> HuntError {
    let names = || TABLES.iter().map(|table| table.name);
    let all = names().collect::<Vec<_>>().join(", ");
    let name = table.to_string();
    let hint = match wording::nearest(table.table(), names()).first() {
        Some(near) => format!("did you mean {near}? There are {all}"),
        None => format!("there are {all}"),
    };
    HuntError::wrong_hint(format!("unknown table '{name}'"), hint)
}

/// Refuses a plan that would do something else than read.
pub(super) fn check_plan(plan: &LogicalPlan) -> Result<(), HuntError> {
    let mut refused = None;
    let mut nodes = 0;
    let walked = plan.apply_with_subqueries(|node| {
        // A named query stands in the plan as often as it is used: ten that use each other twice are a thousand.
        nodes += 1;
        refused = if nodes > HUNT_PLAN_NODES_MAX { Some(too_large()) } else { forbidden(node) };
        Ok::<_, DataFusionError>(if refused.is_some() { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    walked.map_err(|error| wording::planning(&error))?;
    refused.map_or(Ok(()), Err)
}

fn too_large() -> HuntError {
    HuntError::wrong_hint(
        format!("the SQL has more than {HUNT_PLAN_NODES_MAX} steps"),
        "named queries count as often as they are used",
    )
}

fn forbidden(node: &LogicalPlan) -> Option<HuntError> {
    let what = match node {
        LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Window(_)
        | LogicalPlan::Aggregate(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Join(_)
        | LogicalPlan::Repartition(_)
        | LogicalPlan::Union(_)
        | LogicalPlan::TableScan(_)
        | LogicalPlan::EmptyRelation(_)
        | LogicalPlan::Subquery(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Values(_)
        | LogicalPlan::Distinct(_)
        | LogicalPlan::DescribeTable(_)
        | LogicalPlan::Unnest(_)
        | LogicalPlan::RecursiveQuery(_) => return None,
        // Other forms show the physical plan, and with it the files of the lake.
        LogicalPlan::Explain(explain) if !explain.verbose && explain.explain_format == ExplainFormat::Indent => {
            return None;
        }
        LogicalPlan::Explain(_) => return Some(HuntError::refused("this form of explain", "use explain select …")),
        LogicalPlan::Analyze(_) => return Some(HuntError::refused("explain analyze", "use explain select …")),
        LogicalPlan::Dml(_) => "writing rows",
        LogicalPlan::Ddl(_) => "changing tables",
        LogicalPlan::Copy(_) => "writing files",
        LogicalPlan::Statement(_) => "changing settings",
        LogicalPlan::Extension(_) => "this kind of plan",
    };
    Some(HuntError::refused(what, READ_ONLY))
}
