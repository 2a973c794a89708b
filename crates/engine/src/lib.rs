//! Learns APIs from exchanges and judges them. Deterministic: no I/O, no clock, no async.
//!
//! [`Engine::observe`] takes one exchange; what it learns of endpoints, services and actors is a summary of bounded
//! size that merges with any other ([`Engine::merge`]), so that cores, nodes and days add up by the same code.
//! [`Engine::conclude`] settles path templates, runs the posture checks and scores risks.
//!
//! `watch` keeps who did what for a while, and [`detectors`] tell abuse from use in it.
//!
//! Start reading at [`engine`], then `paths` (how templates are found), [`schema`], [`checks`] and [`detectors`].

mod abuse;
mod actors;
pub mod audit;
mod authentication;
pub mod changes;
pub mod checks;
pub mod compliance;
mod conclude;
pub mod conformance;
pub mod detectors;
pub mod diff;
mod endpoint;
pub mod engine;
pub mod evaluate;
mod fields;
pub mod functions;
pub mod gateway;
mod kinds;
pub mod labels;
pub mod openapi;
pub mod owners;
mod parallel;
pub mod parameters;
pub mod patch;
mod paths;
mod protocol;
pub mod quality;
pub mod risk;
pub mod router;
mod routes;
pub mod schema;
pub mod sketch;
mod strays;
mod totals;
mod watch;

pub use engine::{Engine, Observed};
