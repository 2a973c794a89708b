//! Traffic with the truth about it, made from a seed.
//!
//! Five generators, each behind a command of the `vedette-testkit` binary so that scripts and `xtask` can call them:
//! a believable company with known weaknesses ([`sample`]), days of believable APIs with labelled attacks
//! ([`simulate`]), traffic for any OpenAPI document ([`spec`]), and large access logs and bodies for benchmarks
//! ([`mod@bench`]). Same seed, same bytes: there is no clock here and no source of randomness but [`rng::Rng`].
//!
//! Nothing generated belongs to anybody: names are drawn from [`words`], and hosts, addresses, cards and accounts come
//! from the ranges that are reserved for examples ([`values`]).

pub mod rng;

pub mod har;
pub mod json;
pub mod output;
pub mod time;
pub mod values;
pub mod words;

pub mod bench;
pub mod sample;
pub mod simulate;
pub mod spec;
