//! Watches who does what, so that abuse can be told from use.
//!
//! While exchanges pass, [`Watch`] keeps a compact record of each ([`call`]): the last hours or days, bounded by bytes.
//! Judging reads all of them in order of time against templates that are settled by then ([`world`]), so that one
//! code serves a file that is read by many threads and a server that judges once a minute what it holds. Populations
//! are learned from what is watched, each actor judged against the others without itself ([`calibrate`]); the
//! detectors say what is odd, and [`report`] makes detections and incidents of it.
//!
//! Nothing of this is stored: a restarted server begins to watch anew, and says how much it has seen.

use std::collections::VecDeque;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;
use vedette_model::hash::HashKey;
use vedette_model::limits::{
    WATCHED_BYTES_MAX, WATCHED_CHUNK_CALLS, WATCHED_GIVEN_MAX, WATCHED_NAMES_MAX, WATCHED_SENT_MAX,
};
use vedette_model::results::Identifier;
use vedette_model::{Direction, Exchange, Side};
use vedette_parse::credentials::{AuthScheme, Credential, issued_sessions};
use vedette_parse::{protocol, url};

use self::call::{Call, Chunk, Details, Kind, Login, NONE, Sent, TokenFacts, name_hash, text_hash, value_hash};
use crate::actors::ActorKey;
use crate::schema::Scalar;

pub(crate) mod calibrate;
pub(crate) mod call;
pub(crate) mod known;
pub(crate) mod logins;
pub(crate) mod names;
pub(crate) mod report;
pub(crate) mod world;

/// Everything that is watched: one shard.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    /// False alarms a week that are acceptable; 0 watches nothing.
    pub(crate) budget: f64,
    sealed: VecDeque<Arc<Chunk>>,
    open: Chunk,
    bytes: usize,
    /// Names of fields by their hash.
    pub(crate) names: HashMap<u32, Box<str>, FixedState>,
    /// Calls that were given up to stay within the bound.
    pub(crate) dropped: u64,
    draft: Option<Draft>,
}

/// Names of one answer whose rows are counted: a list repeats the same few.
const COUNTED_NAMES_MAX: usize = 12;

/// False alarms a week that are acceptable when nobody says.
pub(crate) const BUDGET_DEFAULT: f64 = 5.0;

impl Default for Watch {
    fn default() -> Self {
        Self {
            budget: BUDGET_DEFAULT,
            sealed: VecDeque::new(),
            open: Chunk::default(),
            bytes: 0,
            names: HashMap::default(),
            dropped: 0,
            draft: None,
        }
    }
}

/// A call while its bodies are read.
#[derive(Clone, Debug)]
struct Draft {
    call: Call,
    details: Details,
    /// How often each name stood in the answer.
    counts: SmallVec<[(u32, u32); 12]>,
    user: Option<Box<str>>,
    password: u32,
    role: Option<Box<str>>,
    roles: u32,
}

impl Watch {
    /// Begins with an exchange. What its bodies tell comes by [`Self::scalar`]; [`Self::end`] keeps it.
    pub(crate) fn begin(
        &mut self,
        exchange: &Exchange<'_>,
        credentials: &[Credential],
        actor: ActorKey,
        place: (u16, u16),
        seen_at: (u32, u64),
        key: &HashKey,
    ) {
        if self.budget <= 0.0 {
            return;
        }
        let call = Call {
            at: exchange.at.map_or(0, |at| at.0),
            seen_at,
            actor,
            address: exchange.client_ip.map_or(NONE, |ip| self.open.add_address(ip)),
            program: program(exchange),
            service: place.0,
            method: place.1,
            status: exchange.status,
            internal: exchange.direction != Direction::Inbound,
            authenticated: !credentials.is_empty(),
            path: self.open.add_text(crate::engine::bounded(&exchange.path)),
            name: NONE,
            request_bytes: narrow(exchange.request_bytes),
            response_bytes: narrow(exchange.response_bytes),
            duration_us: narrow(exchange.duration_us),
            details: None,
        };
        let mut details = Details {
            credential: credentials.iter().find(|c| !c.redacted).map_or(0, |c| c.hash),
            role: credentials.iter().find_map(|c| c.jwt.as_ref()?.role.as_deref()).map(Into::into),
            token: token_facts(credentials),
            caller: exchange.caller_service.as_deref().map(Into::into),
            ..Details::default()
        };
        if !exchange.response_headers.is_empty() {
            details.issued.extend(issued_sessions(exchange, key));
        }
        let basic = credentials.iter().find(|c| c.scheme == AuthScheme::Basic);
        let user = basic.and_then(|c| c.user.as_deref()).map(Into::into);
        self.draft = Some(Draft { call, details, counts: SmallVec::new(), user, password: 0, role: None, roles: 0 });
        if let Some(query) = exchange.query.as_deref() {
            url::pairs(query).for_each(|(name, value)| self.pair(&name, &value, key));
        }
        let form = exchange.content_type(Side::Request).is_some_and(|t| t.contains("x-www-form-urlencoded"));
        if let Some(Ok(body)) = exchange.request_body.as_deref().filter(|_| form).map(std::str::from_utf8) {
            url::pairs(body).for_each(|(name, value)| self.pair(&name, &value, key));
        }
    }

    fn pair(&mut self, name: &str, value: &str, key: &HashKey) {
        let scalar = match value.parse::<i64>() {
            Ok(number) if number.to_string() == value => Scalar::Integer(number),
            _ => value.parse::<f64>().ok().filter(|n| n.is_finite()).map_or(Scalar::Text(value), Scalar::Decimal),
        };
        self.scalar(Side::Request, name, scalar, key);
    }

    /// Takes one scalar of a body. Hot path.
    pub(crate) fn scalar(&mut self, side: Side, name: &str, scalar: Scalar<'_>, key: &HashKey) {
        let Some(draft) = self.draft.as_mut() else { return };
        match side {
            Side::Request => {
                let hash = draft.sent(name, scalar);
                if self.names.len() < WATCHED_NAMES_MAX {
                    self.names.entry(hash).or_insert_with(|| name.into());
                }
            }
            Side::Response => draft.given(name, scalar, key),
        }
    }

    /// Keeps the call; `inside` is the call of a protocol, several of which may be in one exchange.
    pub(crate) fn end(&mut self, inside: Option<&protocol::Call<'_>>) {
        let Some(open) = self.draft.as_mut() else { return };
        // What was said is of this call alone; who said it is of all calls of the exchange.
        let details = &mut open.details;
        let (sent, given) = (std::mem::take(&mut details.sent), std::mem::take(&mut details.given));
        let counts = std::mem::take(&mut open.counts);
        let mut draft = Draft { counts, ..open.clone() };
        (draft.details.sent, draft.details.given) = (sent, given);
        if let Some(call) = inside {
            draft.call.name = call.name.as_deref().map_or(NONE, |name| self.open.add_text(name));
            draft.call.status = call.failure.as_ref().map_or(draft.call.status, |failure| failure.status);
            let costs = call.measures.iter().filter(|(measure, _)| {
                use protocol::Measure::{Cost, InputTokens, OutputTokens};
                matches!(measure, Cost | InputTokens | OutputTokens)
            });
            draft.details.cost = narrow(Some(costs.map(|(_, n)| *n).sum()));
        }
        self.open.push(draft.finish());
    }

    fn seal(&mut self) {
        let mut chunk = std::mem::take(&mut self.open);
        chunk.seal();
        self.bytes += chunk.bytes;
        self.sealed.push_back(Arc::new(chunk));
        self.make_room();
    }

    /// Gives up the oldest.
    fn make_room(&mut self) {
        while self.bytes > WATCHED_BYTES_MAX
            && let Some(chunk) = self.sealed.pop_front()
        {
            self.bytes -= chunk.bytes;
            self.dropped += chunk.calls.len() as u64;
        }
    }

    /// Ends the exchange, also when nothing was learned of it.
    pub(crate) fn close(&mut self, kept: bool) {
        if !kept {
            self.end(None);
        }
        self.draft = None;
        if self.open.calls.len() >= WATCHED_CHUNK_CALLS {
            self.seal();
        }
    }

    /// Adds another shard's calls; `services` are the numbers that its services have here.
    pub(crate) fn merge(&mut self, mut other: Self, services: &[u16]) {
        if !other.open.calls.is_empty() {
            other.seal();
        }
        if !self.open.calls.is_empty() {
            self.seal();
        }
        for chunk in other.sealed {
            let mut chunk = Arc::unwrap_or_clone(chunk);
            for call in &mut chunk.calls {
                call.service = services.get(usize::from(call.service)).copied().unwrap_or(call.service);
            }
            self.bytes += chunk.bytes;
            self.sealed.push_back(Arc::new(chunk));
        }
        self.names.extend(other.names);
        self.dropped += other.dropped;
    }

    /// Gives up the calls of actors and of an address, and those that tried a name.
    pub(crate) fn forget(&mut self, actors: &[ActorKey], identifier: &Identifier) {
        if !self.open.calls.is_empty() {
            self.seal();
        }
        for chunk in &mut self.sealed {
            Arc::make_mut(chunk).forget(actors, identifier);
        }
    }

    /// Everything that is held.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.sealed.iter().map(|chunk| &**chunk).chain(std::iter::once(&self.open))
    }
}

impl Draft {
    fn sent(&mut self, name: &str, scalar: Scalar<'_>) -> u32 {
        let hash = name_hash(name);
        let (kind, number) = match scalar {
            Scalar::Text(_) => (Kind::Text, f32::NAN),
            Scalar::Integer(integer) => (Kind::Number, integer as f32),
            Scalar::Decimal(number) => (Kind::Number, number as f32),
            Scalar::Bool(value) => (Kind::Bool, f32::from(u8::from(value))),
        };
        if names::is_password(name) {
            self.password = value_hash(scalar);
        } else if let Scalar::Text(text) = scalar
            && self.user.is_none()
            && names::is_login_name(name)
            && text.len() <= 128
        {
            self.user = Some(text.into());
        }
        if self.details.sent.len() < WATCHED_SENT_MAX {
            self.details.sent.push(Sent { name: hash, value: value_hash(scalar), kind, number });
        }
        hash
    }

    fn given(&mut self, name: &str, scalar: Scalar<'_>, key: &HashKey) {
        let hash = name_hash(name);
        if let Some((_, count)) = self.counts.iter_mut().find(|(known, _)| *known == hash) {
            *count += 1;
        } else if self.counts.len() < COUNTED_NAMES_MAX {
            self.counts.push((hash, 1));
        }
        match scalar {
            Scalar::Text(text) => {
                if names::is_role(name) {
                    self.roles += 1;
                    self.role.get_or_insert_with(|| text.into());
                }
                if text.len() >= 16 && names::is_token(name) && self.details.issued.len() < 4 {
                    self.details.issued.push(key.hash(text.as_bytes()));
                }
                let sayable = text.len() >= 2 && !text.bytes().any(|b| b <= b' ');
                if !sayable {
                    return;
                }
            }
            Scalar::Integer(integer) => {
                if integer.unsigned_abs() < 1_000 && !names::is_id(name) && !names::is_amount(name) {
                    return;
                }
            }
            Scalar::Decimal(_) => {}
            Scalar::Bool(_) => return,
        }
        if self.details.given.len() < WATCHED_GIVEN_MAX {
            self.details.given.push(value_hash(scalar));
        }
    }

    fn finish(mut self) -> Call {
        let details = &mut self.details;
        details.records = self.counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
        // Only an answer about one says one's own role.
        if details.role.is_none() && self.roles == 1 {
            details.role = self.role;
            details.role_answered = details.role.is_some();
        }
        if self.password != 0 {
            let user = self.user.take();
            details.login = user.map(|user| Login { user, password: self.password });
        }
        let said = !details.sent.is_empty()
            || !details.given.is_empty()
            || !details.issued.is_empty()
            || details.credential != 0
            || details.role.is_some()
            || details.caller.is_some()
            || details.cost > 0;
        details.sent.shrink_to_fit();
        details.given.shrink_to_fit();
        if said {
            self.call.details = Some(Box::new(self.details));
        }
        self.call
    }
}

fn narrow(number: Option<u64>) -> u32 {
    number.map_or(0, |n| u32::try_from(n).unwrap_or(u32::MAX))
}

/// The program behind a request, by its user agent; 0 when the source tells no headers.
fn program(exchange: &Exchange<'_>) -> u32 {
    let agent = exchange.user_agent.as_deref().or_else(|| exchange.request_headers.get("user-agent"));
    if agent.is_none() && exchange.request_headers.is_empty() {
        return 0;
    }
    text_hash(agent.unwrap_or("-"))
}

fn token_facts(credentials: &[Credential]) -> TokenFacts {
    let Some(jwt) = credentials.iter().find_map(|c| c.jwt.as_ref()) else { return TokenFacts::default() };
    TokenFacts {
        forged: jwt.unsigned || jwt.key_from_header || jwt.algorithm.eq_ignore_ascii_case("none"),
        signature: jwt.signature,
        algorithm: text_hash(&jwt.algorithm),
    }
}
