//! Learns APIs from exchanges and judges them. Deterministic: no I/O, no clock, no async.

pub mod checks;
pub mod parameters;
pub mod risk;
pub mod schema;
pub mod sketch;
