//! What a packet capture held beside its exchanges.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Packets, connections and losses of one capture. Every packet is in [`Capture::segments`] or in
/// [`Capture::not_read`], and every connection in [`Capture::connections`] by what it carried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Capture {
    /// Packets in the file.
    pub packets: u64,
    /// Packets by link layer (`ethernet`, `linux-cooked`).
    pub links: BTreeMap<String, u64>,
    /// Packets that came in a tunnel, by its kind (`vxlan`, `gre`).
    pub tunnels: BTreeMap<String, u64>,
    /// TCP segments read.
    pub segments: u64,
    /// Packets that hold no TCP segment that could be read, by reason (`udp`, `arp`, `cut in the tcp header`).
    pub not_read: BTreeMap<String, u64>,
    /// TCP connections by what they carried (`http/1.1`, `http/2`, `tls`, `other`, `nothing`).
    pub connections: BTreeMap<String, u64>,
    /// Connections that were open before the capture began.
    pub midstream: u64,
    /// Connections that were given up because too many or too large ones were open at once.
    pub given_up: u64,
    /// What is missing, doubled or out of order.
    pub loss: Loss,
    /// TLS connections.
    pub tls: Tls,
    /// WebSockets.
    pub websockets: WebSockets,
    /// Requests that no response was seen for; they are exchanges with status 0.
    pub unanswered: u64,
    /// Responses that no request was seen for; they are no exchanges.
    pub unasked: u64,
    /// Bytes in HTTP connections where no message could be found: after a loss, or not HTTP.
    pub unframed_bytes: u64,
    /// HTTP/2 connections of which the rest could not be read, because header compression needs every byte before.
    pub http2_broken: u64,
}

/// What is missing in a capture, doubled or out of order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Loss {
    /// Packets that the recorder says it dropped (pcapng only).
    pub dropped_packets: u64,
    /// Packets that were recorded only in part (a snap length).
    pub cut_packets: u64,
    /// Places in TCP streams where bytes are missing.
    pub gaps: u64,
    /// Bytes missing there.
    pub lost_bytes: u64,
    /// Segments seen again, whole.
    pub retransmitted: u64,
    /// Segments that came before the ones before them.
    pub out_of_order: u64,
    /// Segments that cover a part of others.
    pub overlapping: u64,
    /// Segments that cover others with different bytes: a broken stack, or somebody hiding from monitoring.
    pub conflicting: u64,
    /// Segments outside of any window, or with flags that exclude each other.
    pub implausible: u64,
    /// IP fragments put together.
    pub fragments: u64,
    /// IP datagrams of which fragments are missing, overlap or never ended.
    pub broken_datagrams: u64,
}

/// TLS connections of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tls {
    /// Connections that were opened with the key log.
    pub opened: u64,
    /// Connections that stayed closed.
    pub closed: u64,
    /// Records of opened connections that could not be decrypted.
    pub undecrypted_records: u64,
    /// What is known of the closed ones, the most frequent first.
    pub closed_by_name: Vec<ClosedTls>,
    /// Closed connections that are in no row of [`Tls::closed_by_name`].
    pub closed_unlisted: u64,
}

/// TLS connections with the same name, client and reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ClosedTls {
    /// Connections.
    pub connections: u64,
    /// Bytes of their records.
    pub bytes: u64,
    /// Server name that the client asked for; its address when it named none.
    pub name: String,
    /// Version that was agreed on (`TLSv1.3`); empty when that was not seen.
    pub version: String,
    /// JA4 fingerprint of the client; empty when its hello was not seen.
    pub ja4: String,
    /// Why it stayed closed (`no key log`, `not in the key log`).
    pub reason: String,
}

/// WebSockets of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WebSockets {
    /// Connections.
    pub connections: u64,
    /// Messages by clients.
    pub sent: u64,
    /// Payload bytes by clients.
    pub sent_bytes: u64,
    /// Messages by servers.
    pub received: u64,
    /// Payload bytes by servers.
    pub received_bytes: u64,
}
