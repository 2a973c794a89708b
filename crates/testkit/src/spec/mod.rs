//! Traffic from an OpenAPI document: a small world whose objects have realistic names, so that a learner of path
//! templates can be measured on APIs that it was never shown.
//!
//! Made no easier than life: lists show only pages, some responses are undeclared and some empty, objects of one
//! parent share names with those of another, values of one field turn up in others, and words of the paths are also
//! values of kinds and states.

mod body;
mod document;
mod form;
mod traffic;
mod world;

pub use document::{Document, Operation, Parameter, Piece, SpecError};
pub use traffic::{Options, generate};
