//! The vocabulary of Vedette as plain data.
//!
//! Every other crate speaks in these nouns: an [`Exchange`] is one request with its response, an [`Anomaly`] is an
//! oddity the parser met, and [`results`] is the document that an analysis prints. There is no I/O here, no clock
//! and no decision; what may grow is bounded by [`limits`].
//!
//! Start reading at [`exchange`] (what comes in), then [`results`] (what goes out).

pub mod anomaly;
pub mod diagnostic;
pub mod exchange;
pub mod har;
pub mod hash;
pub mod limits;
pub mod results;
pub mod time;

pub use anomaly::Anomaly;
pub use diagnostic::Diagnostic;
pub use exchange::{Direction, Exchange, Headers, Scheme, Side, WebSocket};
pub use results::Severity;
pub use time::Timestamp;
