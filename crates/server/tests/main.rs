//! The whole service at its boundary: HTTP requests in, answers out, with a real state, node and lake on a folder that
//! goes away.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    unreachable_pub,
    reason = "a failed helper fails its test, and nobody uses a test's parts"
)]

#[path = "server/access.rs"]
mod access;
#[path = "server/conformity.rs"]
mod conformity;
#[path = "server/findings.rs"]
mod findings;
#[path = "server/hunts.rs"]
mod hunts;
#[path = "server/incidents.rs"]
mod incidents;
#[path = "server/listening.rs"]
mod listening;
#[path = "server/lists.rs"]
mod lists;
#[path = "server/push.rs"]
mod push;
#[path = "server/settings.rs"]
mod settings;
#[path = "server/world.rs"]
mod world;
