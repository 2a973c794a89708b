//! What Vedette keeps: journal, lake, hunting and control-plane state.
//!
//! The only crate that knows Arrow, DataFusion, Delta Lake and databases. It knows nothing of how exchanges are learned
//! from: what it stores comes as plain rows and as [`vedette_model::results::Results`].
//!
//! Start reading at [`journal`], which makes an acknowledgment true, then [`schema`] and [`lake`], where exchanges stay.

pub mod journal;
pub mod lake;
pub mod row;
pub mod schema;
mod seal;
