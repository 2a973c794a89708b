//! Learned JSON schemas against instances they have not seen.

use anyhow::Result;

use super::Shared;
use crate::product::Product;
use crate::table::Table;

pub(super) fn measure(_product: &Product, _shared: &Shared) -> Result<Vec<Table>> {
    anyhow::bail!("the engine's example is not there yet")
}
