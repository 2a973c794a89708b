//! The smallest HTTP client that pushes: one connection, one request at a time, so that its cost is far below the server's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::server::connect;

/// Bytes of an answer that are read; receipts are short.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// A kept-alive connection.
pub(super) struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    /// What a server that is full asks for.
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

impl Client {
    pub(super) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = connect(address)?;
        let reader = BufReader::new(stream.try_clone()?);
        Ok(Self { stream, reader })
    }

    pub(super) fn get(&mut self, path: &str, token: &str) -> Result<Answer> {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n"), &[])
    }

    /// Pushes records until they are taken; returns how many exchanges were accepted, and how often to wait was asked.
    pub(super) fn push(&mut self, records: &[u8], token: &str) -> Result<(u64, u32)> {
        let head = format!(
            "POST /v1/exchanges HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             content-type: application/x-ndjson\r\ncontent-length: {}\r\n\r\n",
            records.len()
        );
        let mut waits = 0;
        loop {
            let answer = self.send(&head, records)?;
            match answer.status {
                200..=299 => {
                    let body: Value = serde_json::from_slice(&answer.body).context("the receipt is no JSON")?;
                    return Ok((body.get("accepted").and_then(Value::as_u64).unwrap_or(0), waits));
                }
                429 | 503 => {
                    waits += 1;
                    std::thread::sleep(answer.retry_after.unwrap_or(Duration::from_millis(100)));
                }
                status => bail!("{status}: {}", String::from_utf8_lossy(&answer.body)),
            }
        }
    }

    fn send(&mut self, head: &str, body: &[u8]) -> Result<Answer> {
        self.stream.write_all(head.as_bytes())?;
        self.stream.write_all(body)?;
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status line")?;
        let (mut length, mut retry_after, mut chunked) = (0, None, false);
        loop {
            line.clear();
            if self.reader.read_line(&mut line)? == 0 {
                bail!("the answer is cut off");
            }
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse()?,
                "retry-after" => retry_after = value.trim().parse().ok().map(Duration::from_secs),
                "transfer-encoding" => chunked = value.trim().eq_ignore_ascii_case("chunked"),
                _ => {}
            }
        }
        let body = if chunked { self.chunks()? } else { self.bytes(length)? };
        Ok(Answer { status, retry_after, body })
    }

    fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut size = String::new();
            self.reader.read_line(&mut size)?;
            let size = usize::from_str_radix(size.trim(), 16).context("no size of a chunk")?;
            body.extend(self.bytes(size)?);
            let mut end = String::new();
            self.reader.read_line(&mut end)?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>> {
        if length > ANSWER_BYTES_MAX {
            bail!("an answer of {length} bytes");
        }
        let mut bytes = vec![0; length];
        self.reader.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
