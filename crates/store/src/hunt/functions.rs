//! Functions that analysts need and SQL does not have. Each is total: a value that cannot be read gives null, and only
//! what the author wrote wrongly (a network that is none) is an error.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::prelude::SessionContext;

mod addresses;
mod json;
mod time_bucket;
mod urls;

/// A function as the reference tells it.
#[derive(Clone, Copy, Debug)]
pub struct FunctionDoc {
    /// `name(argument, …)`.
    pub usage: &'static str,
    /// What it gives.
    pub about: &'static str,
    /// An expression with its value; a test evaluates it.
    pub examples: &'static [(&'static str, &'static str)],
}

/// Our functions.
pub const FUNCTIONS: &[FunctionDoc] = &[
    FunctionDoc {
        usage: "cidr_contains(networks, address)",
        about: "true when the address is in one of the networks, which are separated by commas; null when the address \
                is none",
        examples: &[
            ("cidr_contains('10.0.0.0/8', '10.1.2.3')", "true"),
            ("cidr_contains('192.0.2.0/24, 2001:db8::/32', '2001:db8::7')", "true"),
            ("cidr_contains('10.0.0.0/8', 'unknown')", ""),
        ],
    },
    FunctionDoc {
        usage: "is_private_ip(address)",
        about: "true for addresses that the internet does not route: private, loopback, link-local, shared (RFC 6890)",
        examples: &[
            ("is_private_ip('172.16.0.9')", "true"),
            ("is_private_ip('198.18.0.1')", "true"),
            ("is_private_ip('8.8.8.8')", "false"),
        ],
    },
    FunctionDoc {
        usage: "host(url)",
        about: "host of a URL or of `host:port`, in lower case, without port and user; null when there is none",
        examples: &[("host('https://API.example.org:8443/v1?x=1')", "api.example.org"), ("host('/v1/users')", "")],
    },
    FunctionDoc {
        usage: "path_segment(path, n)",
        about: "n-th segment of a path or URL from 1, from the end when n is negative; null when there is none",
        examples: &[("path_segment('/v1/users/42?full=1', 2)", "users"), ("path_segment('/v1/users/42', -1)", "42")],
    },
    FunctionDoc {
        usage: "url_decode(text)",
        about: "text with percent escapes undone; what is not UTF-8 becomes U+FFFD",
        examples: &[("url_decode('a%20b%2Fc')", "a b/c")],
    },
    FunctionDoc {
        usage: "json_get(json, path)",
        about: "value at a path (`$.user.roles[0]`) as text, objects and lists as JSON; null when there is none",
        examples: &[
            (r#"json_get('{"user":{"roles":["admin"]}}', '$.user.roles[0]')"#, "admin"),
            (r#"json_get('{"a":{"b":1}}', 'a')"#, r#"{"b":1}"#),
        ],
    },
    FunctionDoc {
        usage: "status_class(status)",
        about: "`2xx`, `4xx` and so on; null outside of 100 to 599",
        examples: &[("status_class(404)", "4xx"), ("status_class(0)", "")],
    },
    FunctionDoc {
        usage: "time_bucket(width, at)",
        about: "start of the bucket that a time falls into; widths of weeks start on Mondays, of months on their first",
        examples: &[
            ("time_bucket('15 minutes', timestamp '2026-03-02T10:44:59Z')", "2026-03-02T10:30:00"),
            ("time_bucket(interval '1 week', timestamp '2026-03-05T10:00:00Z')", "2026-03-02T00:00:00"),
        ],
    },
];

/// Adds them to a session.
pub(super) fn register(context: &SessionContext) {
    for function in ALL {
        context.register_udf(ScalarUDF::new_from_impl(RowFunction::new(function)));
    }
    context.register_udf(ScalarUDF::new_from_impl(time_bucket::TimeBucket::default()));
}

const ALL: &[Function] = &[
    Function { name: "cidr_contains", rows: Rows::TextsFlag(addresses::cidr_contains) },
    Function { name: "is_private_ip", rows: Rows::TextFlag(addresses::is_private) },
    Function { name: "host", rows: Rows::TextText(urls::host) },
    Function { name: "path_segment", rows: Rows::TextIntegerText(urls::path_segment) },
    Function { name: "url_decode", rows: Rows::TextText(urls::decode) },
    Function { name: "json_get", rows: Rows::TextsText(json::get) },
    Function { name: "status_class", rows: Rows::IntegerText(urls::status_class) },
];

#[derive(Debug)]
struct Function {
    name: &'static str,
    rows: Rows,
}

/// What a function does with the arguments of one row. All give null for null.
#[derive(Debug)]
enum Rows {
    TextText(fn(&str) -> Option<String>),
    TextFlag(fn(&str) -> Option<bool>),
    TextsText(fn(&str, &str) -> Option<String>),
    /// The first argument is nearly always the same for all rows: it is prepared once per run of equal ones.
    TextsFlag(fn(&str) -> Result<addresses::Test>),
    TextIntegerText(fn(&str, i64) -> Option<String>),
    IntegerText(fn(i64) -> Option<String>),
}

impl Rows {
    fn arguments(&self) -> Vec<DataType> {
        match self {
            Self::TextText(_) | Self::TextFlag(_) => vec![DataType::Utf8],
            Self::TextsText(_) | Self::TextsFlag(_) => vec![DataType::Utf8, DataType::Utf8],
            Self::TextIntegerText(_) => vec![DataType::Utf8, DataType::Int64],
            Self::IntegerText(_) => vec![DataType::Int64],
        }
    }

    fn gives(&self) -> DataType {
        match self {
            Self::TextFlag(_) | Self::TextsFlag(_) => DataType::Boolean,
            _ => DataType::Utf8,
        }
    }

    fn evaluate(&self, arguments: &[ArrayRef]) -> Result<ArrayRef> {
        let column = |n: usize, kind: &DataType| if let Some(array) = arguments.get(n) { Ok(cast(array, kind)?) } else { exec_err!("an argument is missing") };
        let text = |n| column(n, &DataType::Utf8);
        let integer = |n| column(n, &DataType::Int64);
        Ok(match self {
            Self::TextText(f) => {
                let a = text(0)?;
                Arc::new(strings(&a).map(|a| a.and_then(f)).collect::<StringArray>())
            }
            Self::TextFlag(f) => {
                let a = text(0)?;
                Arc::new(strings(&a).map(|a| a.and_then(f)).collect::<BooleanArray>())
            }
            Self::TextsText(f) => {
                let (a, b) = (text(0)?, text(1)?);
                let rows = strings(&a).zip(strings(&b));
                Arc::new(rows.map(|(a, b)| a.zip(b).and_then(|(a, b)| f(a, b))).collect::<StringArray>())
            }
            Self::TextsFlag(prepare) => {
                let (a, b) = (text(0)?, text(1)?);
                Arc::new(prepared(strings(&a).zip(strings(&b)), *prepare)?)
            }
            Self::TextIntegerText(f) => {
                let (a, b) = (text(0)?, integer(1)?);
                let rows = strings(&a).zip(b.as_primitive::<Int64Type>().iter());
                Arc::new(rows.map(|(a, b)| a.zip(b).and_then(|(a, b)| f(a, b))).collect::<StringArray>())
            }
            Self::IntegerText(f) => {
                let a = integer(0)?;
                Arc::new(a.as_primitive::<Int64Type>().iter().map(|a| a.and_then(f)).collect::<StringArray>())
            }
        })
    }
}

fn strings(array: &ArrayRef) -> impl Iterator<Item = Option<&str>> {
    array.as_string::<i32>().iter()
}

fn prepared<'a>(
    rows: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>,
    prepare: fn(&str) -> Result<addresses::Test>,
) -> Result<BooleanArray> {
    let mut last: Option<(&str, addresses::Test)> = None;
    let mut flags = Vec::new();
    for row in rows {
        let (Some(first), Some(second)) = row else {
            flags.push(None);
            continue;
        };
        let test = match last.take() {
            Some((text, test)) if text == first => test,
            _ => prepare(first)?,
        };
        flags.push(test.holds(second));
        last = Some((first, test));
    }
    Ok(BooleanArray::from(flags))
}

/// A [`Function`] as the query engine wants it.
#[derive(Debug)]
struct RowFunction {
    function: &'static Function,
    signature: Signature,
}

impl RowFunction {
    fn new(function: &'static Function) -> Self {
        let exact = TypeSignature::Exact(function.rows.arguments());
        Self { function, signature: Signature::new(exact, Volatility::Immutable) }
    }
}

impl PartialEq for RowFunction {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for RowFunction {}

impl std::hash::Hash for RowFunction {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl ScalarUDFImpl for RowFunction {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.function.rows.gives())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let result = self.function.rows.evaluate(&arrays)?;
        if constant {
            let value = datafusion::common::ScalarValue::try_from_array(&result, 0)?;
            return Ok(ColumnarValue::Scalar(value));
        }
        Ok(ColumnarValue::Array(result))
    }
}
