//! `time_bucket`: `date_bin` with a width as text and an origin that analysts expect.

use datafusion::arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::{ScalarValue, exec_err, plan_err};
use datafusion::error::Result;
use datafusion::functions::datetime::date_bin;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility, cast, lit,
};

/// 2001-01-01T00:00:00Z in nanoseconds: a Monday, the first of a month, of a quarter and of a year.
const ORIGIN_NS: i64 = 978_307_200_000_000_000;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct TimeBucket {
    signature: Signature,
}

impl Default for TimeBucket {
    fn default() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for TimeBucket {
    fn name(&self) -> &'static str {
        "time_bucket"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        if let [DataType::Interval(_) | DataType::Utf8 | DataType::Utf8View, at @ DataType::Timestamp(..)] = arguments {
            Ok(at.clone())
        } else { plan_err!("time_bucket takes a width and a time: time_bucket('1 hour', at)") }
    }

    fn simplify(&self, arguments: Vec<Expr>, _: &SimplifyContext) -> Result<ExprSimplifyResult> {
        let [width, at] = <[Expr; 2]>::try_from(arguments)
            .map_or_else(|_| plan_err!("time_bucket takes a width and a time: time_bucket('1 hour', at)"), Ok)?;
        let width = cast(width, DataType::Interval(IntervalUnit::MonthDayNano));
        let origin = lit(ScalarValue::TimestampNanosecond(Some(ORIGIN_NS), None));
        let bucket = date_bin().call(vec![width, at, origin]);
        Ok(ExprSimplifyResult::Simplified(bucket))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        exec_err!("the width of time_bucket must be constant")
    }
}
