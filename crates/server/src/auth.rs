//! Who asks, and what they may do.
//!
//! A request is authenticated once, in [`authenticate`]: a session cookie or an API token becomes a [`Principal`] in the
//! request's extensions. Handlers take the [`Principal`] as an argument (a request without one is answered 401 before
//! the handler runs) and say what they need with [`Principal::require`] and [`Principal::require_service`].
//!
//! Start reading at [`principal`], then `authenticate`.

pub mod principal;

pub use principal::{Principal, PrincipalKind, Role, Scope};
