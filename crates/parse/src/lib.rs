//! Bytes in, values and anomalies out.
//!
//! Everything here is a pure function of its input and never fails on traffic: what is odd becomes an
//! [`Anomaly`](vedette_model::Anomaly), what cannot be read at all an [`Unreadable`](decode::Unreadable) record that
//! the caller counts. Raw secrets and personal values do not leave this crate in clear: credentials are hashed
//! ([`credentials`]), fields are classified and samples masked ([`classes`], [`redact`]).
//!
//! Start reading at [`decode`], which turns one record into one exchange.

pub mod capture;
pub mod classes;
mod coding;
pub mod credentials;
pub mod decode;
pub mod document;
#[doc(hidden)]
pub mod fuzz;
pub mod gateway;
pub mod har;
pub mod identity;
pub mod json;
pub mod log;
pub mod owners;
pub mod protocol;
pub mod redact;
pub mod spec;
pub mod stored;
pub mod templates;
pub mod url;
