//! Sources of exchanges: files, folders, standard input; plain, gzip or zstd.
//!
//! [`Sources`] opens what the user named, recognizes each source by its content (never by its name), puts the sources
//! in order of time, and yields [`Batch`]es of whole records. A [`Reader`] per worker turns the records of a batch into
//! exchanges and keeps a [`Tally`] of what it could not read. What goes wrong with a source is data: it stands in its
//! `results::Source`, with a hint, and the rest is still analyzed.
//!
//! Nothing here holds more than a record, a batch and the head of one source. Nothing is decided about an exchange.
//!
//! What happens now comes from a [`LiveSource`]: it yields [`Delivery`]s with the position after each, is told what
//! became of them once they are durable, and shows its [`Health`]. [`Follower`] is the one for files and folders; sources
//! of the network will be others.
//!
//! Start reading at [`Sources::next`], then [`Reader::read`]; for live sources at [`run`], then [`Follower::poll`].

mod batch;
mod follow;
mod format;
mod input;
mod reader;
mod source;
mod sources;
#[doc(hidden)]
pub mod split;
mod tally;

pub use batch::{Batch, Record, Records};
pub use follow::{FollowOptions, Follower, Watched};
pub use format::Format;
pub use reader::Reader;
pub use source::{Delivery, Health, HealthBoard, LiveSource, Receipt, run, wall_clock};
pub use sources::{Ledger, Options, Sources};
pub use tally::Tally;
