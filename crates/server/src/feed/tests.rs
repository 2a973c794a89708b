use futures::StreamExt as _;

use super::*;
use crate::auth::Role;
use crate::auth::principal::somebody;

/// Sends the first `count` events of a stream as text.
async fn read(feed: &Feed, last: Option<&str>, principal: Principal, count: usize) -> String {
    let events = stream(feed.subscribe(last), principal, Duration::from_mins(1), || async { true });
    as_text(events.take(count)).await
}

async fn as_text(events: impl Stream<Item = Result<sse::Event, std::convert::Infallible>> + Send + 'static) -> String {
    let response = axum::response::IntoResponse::into_response(sse::Sse::new(events));
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed() {
    let feed = Feed::new(0xab);
    for n in 1..=4 {
        feed.publish(Kind::Change, None, &n);
    }
    let text = read(&feed, Some("ab-2"), somebody(Role::Viewer, &[]), 2).await;
    assert_eq!(text, "event: change\nid: ab-3\ndata: 3\n\nevent: change\nid: ab-4\ndata: 4\n\n");
}

#[tokio::test]
async fn what_is_gone_or_of_another_run_is_told_by_a_reset() {
    let feed = Feed::new(0xab);
    for n in 0..FEED_EVENTS_MAX + 5 {
        feed.publish(Kind::Stats, None, &n);
    }
    for gone in ["ab-1", "ac-7", "nonsense", "ab-999999999", "ab-18446744073709551615"] {
        let text = read(&feed, Some(gone), somebody(Role::Viewer, &[]), 1).await;
        assert!(text.starts_with("event: reset\n"), "{gone}: {text}");
    }
}

#[tokio::test]
async fn developers_get_events_of_their_services_only() {
    let feed = Feed::new(1);
    let events =
        stream(feed.subscribe(None), somebody(Role::Developer, &["shop"]), Duration::from_mins(1), || async { true });
    feed.publish(Kind::Change, Some("bank"), &"secret");
    feed.publish(Kind::Change, Some("shop"), &"mine");
    feed.publish(Kind::Concluded, None, &"all");
    let text = as_text(events.take(2)).await;
    assert!(text.contains("mine") && text.contains("all") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_slow_client_is_dropped_and_told() {
    let feed = Feed::new(1);
    let events = stream(feed.subscribe(None), somebody(Role::Viewer, &[]), Duration::from_mins(1), || async { true });
    for n in 0..FEED_CLIENT_EVENTS_MAX * 2 + 2 {
        feed.publish(Kind::Stats, None, &n);
    }
    let text = as_text(events).await;
    assert!(text.starts_with("event: dropped\n"), "{text}");
}

#[tokio::test]
async fn the_stream_ends_with_the_login() {
    let feed = Feed::new(1);
    let asked = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    let events = stream(feed.subscribe(None), somebody(Role::Viewer, &[]), Duration::from_millis(1), move || {
        let number = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move { number < 2 }
    });
    let text = as_text(events).await;
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 3);
    assert!(text.contains(": beat") && text.contains("event: ended\n"), "{text}");
    drop(feed);
}
