//! The lake on a disk, and on an S3-compatible store when `VEDETTE_TEST_S3` names one (`cargo xtask lake` starts one):
//! the same tests on both.

mod append;
mod damage;
mod erase;
mod other_engines;
pub(crate) mod rows;
mod schema;
mod sizes;
mod upkeep;
