//! Key logs, as clients write them to `SSLKEYLOGFILE` (RFC 9850).

use std::fmt;

use hashbrown::HashMap;
use smallvec::SmallVec;

/// The secrets of TLS connections, by the random number that each client said first.
#[derive(Default)]
pub struct KeyLog {
    connections: HashMap<[u8; 32], Secrets, foldhash::fast::RandomState>,
    unreadable: u64,
}

/// The secrets of one connection; TLS 1.3 has four or five.
type Secrets = SmallVec<[(Label, Secret); 4]>;

/// At most 48 bytes are in use.
type Secret = SmallVec<[u8; 64]>;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// The master secret of TLS 1.2 and before.
    Master,
    ClientEarly,
    ClientHandshake,
    ServerHandshake,
    ClientTraffic,
    ServerTraffic,
}

impl KeyLog {
    /// Reads a key log; lines that are none are counted.
    pub fn read(text: &[u8]) -> Self {
        let mut log = Self::default();
        log.add(text);
        log
    }

    /// Adds the lines of another key log.
    pub(super) fn add(&mut self, text: &[u8]) {
        for line in text.split(|byte| *byte == b'\n') {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            match entry(line) {
                Some((random, Some(label), secret)) => {
                    let secrets = self.connections.entry(random).or_default();
                    if secrets.iter().all(|(known, _)| *known != label) {
                        secrets.push((label, secret));
                    }
                }
                Some(_) => {}
                None => self.unreadable += 1,
            }
        }
    }

    /// Connections in it.
    pub fn len(&self) -> usize {
        self.connections.len()
    }

    /// True when it opens nothing.
    pub fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }

    /// Lines that are neither comments nor secrets.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    pub(super) fn secret(&self, client_random: &[u8; 32], label: Label) -> Option<&[u8]> {
        let secrets = self.connections.get(client_random)?;
        secrets.iter().find(|(known, _)| *known == label).map(|(_, secret)| secret.as_slice())
    }
}

impl fmt::Debug for KeyLog {
    /// Secrets are not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyLog({} connections)", self.len())
    }
}

/// Random number, label (`None` for one that nothing is opened with) and secret of a line.
fn entry(line: &[u8]) -> Option<([u8; 32], Option<Label>, Secret)> {
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let (name, random, secret) = (words.next()?, words.next()?, words.next()?);
    let label = match name {
        b"CLIENT_RANDOM" => Some(Label::Master),
        b"CLIENT_EARLY_TRAFFIC_SECRET" => Some(Label::ClientEarly),
        b"CLIENT_HANDSHAKE_TRAFFIC_SECRET" => Some(Label::ClientHandshake),
        b"SERVER_HANDSHAKE_TRAFFIC_SECRET" => Some(Label::ServerHandshake),
        b"CLIENT_TRAFFIC_SECRET_0" => Some(Label::ClientTraffic),
        b"SERVER_TRAFFIC_SECRET_0" => Some(Label::ServerTraffic),
        _ if name.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_') => None,
        _ => return None,
    };
    let random = bytes(random)?.as_slice().try_into().ok()?;
    Some((random, label, bytes(secret)?))
}

fn bytes(digits: &[u8]) -> Option<Secret> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16).map(|digit| digit as u8);
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let is_sound = (32..=64).contains(&pairs.len());
    pairs
        .iter()
        .map(|[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect::<Option<Secret>>()
        .filter(|_| is_sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_in_any_order_and_others_counted() {
        let random = "ab".repeat(32);
        let text = format!(
            "# made by a client\r\nSERVER_TRAFFIC_SECRET_0 {random} {0}\nCLIENT_RANDOM {random} {1}\nEXPORTER_SECRET {random} {0}\n\nCLIENT_RANDOM {random}\nCLIENT_RANDOM {random} zz\nHello there friend\n",
            "01".repeat(32),
            "02".repeat(48),
        );
        let log = KeyLog::read(text.as_bytes());
        assert_eq!((log.len(), log.unreadable()), (1, 3));
        assert_eq!(log.secret(&[0xab; 32], Label::ServerTraffic).unwrap(), [1; 32]);
        assert_eq!(log.secret(&[0xab; 32], Label::Master).unwrap(), [2; 48]);
        assert_eq!(log.secret(&[0xab; 32], Label::ClientTraffic), None);
        assert!(!format!("{log:?}").contains("0202"));
    }
}
