//! `$name` parameters: values take their place in the parsed SQL, never in its text, so that no value becomes SQL.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    DataType, Expr, Interval, TimezoneInfo, TypedString, Value as Literal, ValueWithSpan, visit_expressions_mut,
};
use datafusion::sql::sqlparser::tokenizer::Span;
use vedette_model::Timestamp;
use vedette_model::limits::{HUNT_PARAMETER_BYTES_MAX, HUNT_PARAMETERS_MAX};

use super::{HuntError, wording};

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A number with fraction.
    Number(f64),
    /// Text; compared with a timestamp it is read as one.
    Text(String),
    /// A point in time.
    Time(Timestamp),
    /// A span of time as SQL writes it (`7 days`, `90 minutes`).
    Interval(String),
}

impl Value {
    /// What a JSON value is when nothing says otherwise; `None` for lists and objects.
    pub fn from_json(value: &serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::Null => Some(Self::Null),
            serde_json::Value::Bool(flag) => Some(Self::Flag(*flag)),
            serde_json::Value::Number(number) => {
                number.as_i64().map(Self::Integer).or_else(|| number.as_f64().map(Self::Number))
            }
            serde_json::Value::String(text) => Some(Self::Text(text.clone())),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
        }
    }
}

/// Puts values in the place of `$name`.
///
/// # Errors
/// When a parameter has no value, a value has no parameter, or a value cannot be one.
pub(super) fn bind(statement: &mut Statement, values: &BTreeMap<String, Value>) -> Result<(), HuntError> {
    check(values)?;
    let Some(inner) = inner(statement) else { return Ok(()) };
    let mut used = BTreeSet::new();
    let outcome = visit_expressions_mut(inner, |expr| {
        let Some((name, span)) = placeholder(expr) else { return ControlFlow::Continue(()) };
        match values.get_key_value(name.as_str()) {
            Some((name, value)) => {
                used.insert(name.as_str());
                *expr = literal(value, span);
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(missing(&name, values)),
        }
    });
    if let ControlFlow::Break(error) = outcome {
        return Err(error);
    }
    match values.keys().find(|name| !used.contains(name.as_str())) {
        Some(name) => Err(HuntError::wrong_hint(
            format!("parameter '{name}' does not occur in the SQL"),
            format!("write ${name} where its value belongs"),
        )),
        None => Ok(()),
    }
}

fn check(values: &BTreeMap<String, Value>) -> Result<(), HuntError> {
    if values.len() > HUNT_PARAMETERS_MAX {
        return Err(HuntError::wrong(format!("{} parameters, {HUNT_PARAMETERS_MAX} are allowed", values.len())));
    }
    for (name, value) in values {
        let size = match value {
            Value::Text(text) | Value::Interval(text) => text.len(),
            _ => 0,
        };
        if size > HUNT_PARAMETER_BYTES_MAX {
            let message = format!("parameter '{name}' has {size} bytes, {HUNT_PARAMETER_BYTES_MAX} are allowed");
            return Err(HuntError::wrong(message));
        }
        if matches!(value, Value::Number(number) if !number.is_finite()) {
            return Err(HuntError::wrong(format!("parameter '{name}' is not a number")));
        }
    }
    Ok(())
}

fn inner(statement: &mut Statement) -> Option<&mut datafusion::sql::sqlparser::ast::Statement> {
    match statement {
        Statement::Statement(inner) => Some(inner),
        Statement::Explain(explain) => inner(&mut explain.statement),
        _ => None,
    }
}

/// The name of a placeholder, without `$`. Others (`?`, `:name`) have one too, which no value has.
fn placeholder(expr: &Expr) -> Option<(String, Span)> {
    let Expr::Value(ValueWithSpan { value: Literal::Placeholder(text), span }) = expr else { return None };
    Some((text.strip_prefix('$').unwrap_or(text).to_owned(), *span))
}

fn missing(name: &str, values: &BTreeMap<String, Value>) -> HuntError {
    let near = wording::nearest(name, values.keys().map(String::as_str));
    let hint = match near.first() {
        Some(near) => format!("there is a value for ${near}"),
        None => format!("give a value for it: -p {name}=…"),
    };
    HuntError::wrong_hint(format!("parameter '{name}' has no value"), hint)
}

fn literal(value: &Value, span: Span) -> Expr {
    let plain = |value| Expr::Value(ValueWithSpan { value, span });
    match value {
        Value::Null => plain(Literal::Null),
        Value::Flag(flag) => plain(Literal::Boolean(*flag)),
        // A minus is an operator in SQL: brackets keep `1 -$x` from becoming a comment or another sum.
        Value::Integer(number) => signed(number.unsigned_abs().to_string(), *number < 0, span),
        Value::Number(number) => signed(format!("{:?}", number.abs()), *number < 0.0, span),
        Value::Text(text) => plain(Literal::SingleQuotedString(text.clone())),
        Value::Time(at) => Expr::TypedString(TypedString {
            data_type: DataType::Timestamp(None, TimezoneInfo::WithTimeZone),
            value: ValueWithSpan { value: Literal::SingleQuotedString(at.to_string()), span },
            uses_odbc_syntax: false,
        }),
        Value::Interval(text) => Expr::Interval(Interval {
            value: Box::new(plain(Literal::SingleQuotedString(text.clone()))),
            leading_field: None,
            leading_precision: None,
            last_field: None,
            fractional_seconds_precision: None,
        }),
    }
}

fn signed(digits: String, negative: bool, span: Span) -> Expr {
    use datafusion::sql::sqlparser::ast::UnaryOperator;
    let number = Expr::Value(ValueWithSpan { value: Literal::Number(digits, false), span });
    if !negative {
        return number;
    }
    Expr::Nested(Box::new(Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(number) }))
}
