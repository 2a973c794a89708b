//! One value as text.

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use super::{HuntError, broken};

/// Null is nothing.
const OPTIONS: FormatOptions<'static> = FormatOptions::new().with_null("").with_display_error(true);

/// A column whose values are asked for as text.
pub(super) enum Cells<'a> {
    Plain(ArrayFormatter<'a>),
    /// Lists are shown without brackets: they are nearly always names.
    List(&'a ArrayRef, &'static str),
}

impl<'a> Cells<'a> {
    /// Text of a column; the members of lists are put together with `between`.
    pub(super) fn new(column: &'a ArrayRef, between: &'static str) -> Result<Self, HuntError> {
        if matches!(column.data_type(), DataType::List(_)) {
            return Ok(Self::List(column, between));
        }
        ArrayFormatter::try_new(column.as_ref(), &OPTIONS).map(Self::Plain).map_err(|error| broken(&error))
    }

    /// The text of a row.
    pub(super) fn text(&self, row: usize) -> String {
        match self {
            Self::Plain(formatter) => formatter.value(row).to_string(),
            Self::List(column, _) if column.is_null(row) => String::new(),
            Self::List(column, between) => {
                let members = column.as_list::<i32>().value(row);
                let Ok(formatter) = ArrayFormatter::try_new(members.as_ref(), &OPTIONS) else { return String::new() };
                let texts: Vec<String> = (0..members.len()).map(|at| formatter.value(at).to_string()).collect();
                texts.join(between)
            }
        }
    }
}

/// Numbers stand at the right of their column.
pub(super) fn is_number(kind: &DataType) -> bool {
    kind.is_numeric()
}
