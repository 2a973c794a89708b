//! What is kept of one exchange until it is judged: who, where, which values were sent and which were given. Values are
//! hashes; what is kept in clear are names, paths and login names, and none of them leaves this module but masked or as
//! an identifier.

use std::net::IpAddr;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::hash::BuildHasher;
use vedette_model::results::Identifier;

use crate::actors::ActorKey;
use crate::schema::Scalar;

/// One exchange, or one call inside it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Microseconds since 1970; exchanges without a time stand in the order read.
    pub(crate) at: i64,
    /// Source and zero-based record.
    pub(crate) seen_at: (u32, u64),
    pub(crate) actor: ActorKey,
    /// Number of the address in its chunk; [`NONE`] when unknown.
    pub(crate) address: u32,
    /// Hash of the program's user agent. 0: not told.
    pub(crate) program: u32,
    pub(crate) service: u16,
    /// Number in [`crate::engine::METHODS`].
    pub(crate) method: u16,
    /// Of the protocol inside where it reports a failure, else of HTTP.
    pub(crate) status: u16,
    pub(crate) internal: bool,
    /// It shows a credential.
    pub(crate) authenticated: bool,
    /// Numbers of path and name of the call inside in its chunk; [`NONE`] without a name.
    pub(crate) path: u32,
    pub(crate) name: u32,
    pub(crate) request_bytes: u32,
    pub(crate) response_bytes: u32,
    pub(crate) duration_us: u32,
    pub(crate) details: Option<Box<Details>>,
}

/// No number.
pub(crate) const NONE: u32 = u32::MAX;

/// What bodies, queries and headers said; absent where they said nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Details {
    /// Values of query, form and body.
    pub(crate) sent: Vec<Sent>,
    /// Hashes of the values that the answer gave and that a client could send back.
    pub(crate) given: Vec<u32>,
    /// Most often that one name stood in the answer: rows of a list.
    pub(crate) records: u32,
    /// Hash of the strongest credential; 0 without one.
    pub(crate) credential: u64,
    /// Role that a token claims, or that the answer about oneself tells.
    pub(crate) role: Option<Box<str>>,
    /// The role was read from the answer and not claimed by a token.
    pub(crate) role_answered: bool,
    /// What is odd about a token.
    pub(crate) token: TokenFacts,
    /// Name and password that were tried.
    pub(crate) login: Option<Login>,
    /// Hashes of sessions and tokens that the answer hands out.
    pub(crate) issued: Vec<u64>,
    /// Tokens of a language model, or the cost of a GraphQL operation.
    pub(crate) cost: u32,
    /// Name of the calling service in east-west traffic.
    pub(crate) caller: Option<Box<str>>,
}

/// One scalar of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sent {
    /// Hash of its name.
    pub(crate) name: u32,
    /// Hash of its value.
    pub(crate) value: u32,
    pub(crate) kind: Kind,
    /// Its value, when it is a number; a boolean is 0 or 1.
    pub(crate) number: f32,
}

/// Type of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Text,
    Number,
    Bool,
}

/// Facts of a JWT that nobody forges by accident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenFacts {
    /// Unsigned, or with a key of the sender's.
    pub(crate) forged: bool,
    /// Hash of the signature; 0 without one.
    pub(crate) signature: u64,
    /// Hash of the algorithm.
    pub(crate) algorithm: u32,
}

/// What was tried at a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: Box<str>,
    /// Hash of the password; 0 when the form has none.
    pub(crate) password: u32,
}

/// Calls with the texts and addresses they share; closed ones are shared between snapshots of an engine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chunk {
    pub(crate) calls: Vec<Call>,
    texts: Vec<Box<str>>,
    addresses: Vec<IpAddr>,
    text_numbers: HashMap<u64, u32, FixedState>,
    address_numbers: HashMap<IpAddr, u32, FixedState>,
    /// About how many bytes it holds.
    pub(crate) bytes: usize,
}

impl Chunk {
    pub(crate) fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    pub(crate) fn address(&self, number: u32) -> Option<IpAddr> {
        self.addresses.get(number as usize).copied()
    }

    pub(crate) fn add_text(&mut self, text: &str) -> u32 {
        let fresh = self.texts.len() as u32;
        let number = *self.text_numbers.entry(FixedState::with_seed(3).hash_one(text)).or_insert(fresh);
        if number == fresh {
            self.bytes += text.len() + 48;
            self.texts.push(text.into());
        }
        number
    }

    pub(crate) fn add_address(&mut self, address: IpAddr) -> u32 {
        let fresh = self.addresses.len() as u32;
        let number = *self.address_numbers.entry(address).or_insert(fresh);
        if number == fresh {
            self.bytes += 56;
            self.addresses.push(address);
        }
        number
    }

    pub(crate) fn push(&mut self, call: Call) {
        let details = call.details.as_ref().map_or(0, |details| {
            size_of::<Details>() + details.sent.len() * size_of::<Sent>() + details.given.len() * 4
        });
        self.bytes += size_of::<Call>() + details;
        self.calls.push(call);
    }

    /// Removes the calls of actors, of an address, and those that tried a name.
    pub(crate) fn forget(&mut self, actors: &[ActorKey], identifier: &Identifier) {
        let address: Option<IpAddr> = identifier.value.parse().ok();
        let (addresses, value) = (&self.addresses, identifier.value.as_str());
        self.calls.retain(|call| {
            let theirs = call.details.as_ref().and_then(|details| details.login.as_ref());
            let from = addresses.get(call.address as usize).copied();
            !actors.contains(&call.actor)
                && theirs.is_none_or(|login| &*login.user != value)
                && (address.is_none() || from != address)
        });
    }

    /// Gives back what only adding needs.
    pub(crate) fn seal(&mut self) {
        self.text_numbers = HashMap::default();
        self.address_numbers = HashMap::default();
        self.calls.shrink_to_fit();
        self.texts.shrink_to_fit();
    }
}

/// Hash of a name of a field.
pub(crate) fn name_hash(name: &str) -> u32 {
    // Case and separators aside: `accountId` in a body is `account_id` in a query.
    let mut hash = 0x811C_9DC5_u32;
    for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
        hash = (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193);
    }
    hash
}

/// Hash of a text, as an id.
pub(crate) fn text_hash(text: &str) -> u32 {
    (FixedState::with_seed(7).hash_one(text) >> 32) as u32
}

/// Hash of a scalar, the same however it is written: 7 in a body is `7` in a path.
pub(crate) fn value_hash(scalar: Scalar<'_>) -> u32 {
    match scalar {
        Scalar::Text(text) => text_hash(text),
        Scalar::Integer(integer) => text_hash(&integer.to_string()),
        Scalar::Decimal(number) => text_hash(&number.to_string()),
        Scalar::Bool(value) => text_hash(if value { "true" } else { "false" }),
    }
}
