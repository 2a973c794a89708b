//! The live feed: what happens in a tenant, as it happens (`GET /v1/feed`, server-sent events).
//!
//! A [`Feed`] numbers events and keeps the last [`FEED_EVENTS_MAX`]. A client that comes back with `Last-Event-ID` gets
//! what it missed, or the event `reset` when that is no longer there (or the server was restarted): it then reads again
//! what it shows. A client that does not keep up is told so by `dropped`, and its stream ends: nobody's slowness costs
//! memory. The stream ends with `ended` when the login does.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::sse;
use futures::Stream;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};
use tokio::time::Interval;
use vedette_model::limits::{FEED_CLIENT_EVENTS_MAX, FEED_EVENTS_MAX};

use crate::auth::Principal;

/// Sort of an event; the name of the server-sent event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Totals and rates, every few seconds.
    Stats,
    /// What was learned was put together anew: lists have changed.
    Concluded,
    /// Something changed in the inventory.
    Change,
    /// A finding appeared, went or was judged.
    Finding,
    /// An incident was judged or reopened.
    Incident,
    /// An actor was judged.
    Actor,
    /// The health of a source changed.
    Source,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Stats, Self::Concluded, Self::Change, Self::Finding, Self::Incident, Self::Actor, Self::Source];

    /// Name of the server-sent event.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stats => "stats",
            Self::Concluded => "concluded",
            Self::Change => "change",
            Self::Finding => "finding",
            Self::Incident => "incident",
            Self::Actor => "actor",
            Self::Source => "source",
        }
    }
}

/// One event as it is kept and sent.
#[derive(Debug)]
pub struct Event {
    kind: Kind,
    number: u64,
    /// Whoever may not see this service does not get the event; `None` concerns everybody.
    service: Option<String>,
    /// JSON on one line.
    data: String,
}

/// The events of one tenant.
#[derive(Debug)]
pub struct Feed {
    /// Tells this run's numbers from another's.
    run: u64,
    ring: Mutex<Ring>,
    sender: Sender<Arc<Event>>,
    clients: Arc<AtomicUsize>,
}

/// A client's place; given back when dropped.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        let left = self.0.fetch_sub(1, Ordering::Relaxed) - 1;
        metrics::gauge!("vedette_feed_clients").set(left as f64);
    }
}

#[derive(Debug, Default)]
struct Ring {
    last: u64,
    events: VecDeque<Arc<Event>>,
}

/// One client's part of a feed.
#[derive(Debug)]
pub struct Subscription {
    run: u64,
    missed: VecDeque<Arc<Event>>,
    receiver: Receiver<Arc<Event>>,
    /// The client missed what is no longer there.
    reset: Option<u64>,
}

impl Feed {
    /// An empty feed. `run` differs from run to run.
    pub fn new(run: u64) -> Self {
        Self { run, ring: Mutex::default(), sender: Sender::new(FEED_CLIENT_EVENTS_MAX), clients: Arc::default() }
    }

    /// A place for one more client, if fewer than `most` have one.
    pub fn enter(&self, most: usize) -> Option<Place> {
        let place = Place(Arc::clone(&self.clients));
        let before = self.clients.fetch_add(1, Ordering::Relaxed);
        metrics::gauge!("vedette_feed_clients").set((before + 1) as f64);
        (before < most).then_some(place)
    }

    /// Tells everybody. `data` becomes JSON; what cannot is not sent. Never waits.
    pub fn publish(&self, kind: Kind, service: Option<&str>, data: &impl Serialize) {
        let Ok(data) = serde_json::to_string(data) else { return };
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        ring.last += 1;
        let event = Arc::new(Event { kind, number: ring.last, service: service.map(str::to_owned), data });
        if ring.events.len() >= FEED_EVENTS_MAX {
            ring.events.pop_front();
        }
        ring.events.push_back(Arc::clone(&event));
        // Under the lock, so that the order of numbers is the order of sending. Nobody listening is no error.
        let _ = self.sender.send(event);
    }

    /// Listens from now on, or from after the event that `last_event_id` names.
    pub fn subscribe(&self, last_event_id: Option<&str>) -> Subscription {
        let ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.sender.subscribe();
        let oldest = ring.events.front().map_or(ring.last + 1, |event| event.number);
        let (missed, reset) = match last_event_id.map(|id| self.number(id)) {
            None => (VecDeque::new(), None),
            Some(Some(number)) if number.saturating_add(1) >= oldest && number <= ring.last => {
                (ring.events.iter().filter(|event| event.number > number).cloned().collect(), None)
            }
            Some(_) => (VecDeque::new(), Some(ring.last)),
        };
        Subscription { run: self.run, missed, receiver, reset }
    }

    /// The number in an id of this run.
    fn number(&self, id: &str) -> Option<u64> {
        let (run, number) = id.split_once('-')?;
        (u64::from_str_radix(run, 16) == Ok(self.run)).then(|| number.parse().ok())?
    }
}

/// What a stream does next.
enum Step {
    Event(Arc<Event>),
    Reset(u64),
    Last(sse::Event),
}

/// What a client gets: its events until it leaves, falls behind, or `still_allowed` says no. That is asked every
/// `check`, which also keeps the connection alive.
pub fn stream<F>(
    subscription: Subscription,
    principal: Principal,
    check: Duration,
    still_allowed: impl Fn() -> F + Send + Sync + 'static,
) -> impl Stream<Item = Result<sse::Event, std::convert::Infallible>> + Send
where
    F: Future<Output = bool> + Send,
{
    let mut timer = tokio::time::interval_at(tokio::time::Instant::now() + check, check);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let run = subscription.run;
    let state = Some((subscription, principal, timer, still_allowed));
    futures::stream::unfold(state, move |state| async move {
        let (mut subscription, principal, mut timer, still_allowed) = state?;
        match subscription.next(&principal, &mut timer, &still_allowed).await {
            None => {
                let beat = sse::Event::default().comment("beat");
                Some((Ok(beat), Some((subscription, principal, timer, still_allowed))))
            }
            Some(Step::Event(event)) => {
                let sent = sse::Event::default()
                    .event(event.kind.name())
                    .id(format!("{run:x}-{}", event.number))
                    .data(event.data.as_str());
                Some((Ok(sent), Some((subscription, principal, timer, still_allowed))))
            }
            Some(Step::Reset(last)) => {
                let reset = sse::Event::default().event("reset").id(format!("{run:x}-{last}")).data("{}");
                Some((Ok(reset), Some((subscription, principal, timer, still_allowed))))
            }
            Some(Step::Last(event)) => Some((Ok(event), None)),
        }
    })
}

impl Subscription {
    /// The next thing to send; `None` is a beat.
    async fn next<F>(
        &mut self,
        principal: &Principal,
        timer: &mut Interval,
        still_allowed: &(impl Fn() -> F + Send + Sync),
    ) -> Option<Step>
    where
        F: Future<Output = bool> + Send,
    {
        if let Some(last) = self.reset.take() {
            return Some(Step::Reset(last));
        }
        let seen = |event: &Event| event.service.as_deref().is_none_or(|service| principal.sees(service));
        while let Some(event) = self.missed.pop_front() {
            if seen(&event) {
                return Some(Step::Event(event));
            }
        }
        loop {
            let ending = |name: &str, reason: &str| {
                let data = serde_json::json!({ "reason": reason }).to_string();
                Some(Step::Last(sse::Event::default().event(name).data(data)))
            };
            // The timer first: on a busy feed the login must be looked at as well.
            tokio::select! {
                biased;
                _ = timer.tick() => {
                    return if still_allowed().await { None } else { ending("ended", "the login has ended") };
                }
                received = self.receiver.recv() => match received {
                    Ok(event) if seen(&event) => return Some(Step::Event(event)),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => {
                        return ending("dropped", "this client did not read fast enough; connect again");
                    }
                    Err(RecvError::Closed) => return ending("ended", "the server stops"),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests;
