//! The results document.

use std::io::{self, Write};

use vedette_model::results::Results;

/// Writes the document as it is serialized, followed by a newline; `pretty` for people, compact for programs.
pub(crate) fn json(results: &Results, out: &mut dyn Write, pretty: bool) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    if pretty {
        serde_json::to_writer_pretty(&mut out, results)?;
    } else {
        serde_json::to_writer(&mut out, results)?;
    }
    out.write_all(b"\n")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_can_be_read() {
        for pretty in [false, true] {
            let mut out = Vec::new();
            json(&crate::output::summary::tests::sample(), &mut out, pretty).unwrap();
            let again: Results = serde_json::from_slice(&out).unwrap();
            assert_eq!(again.endpoints.len(), 4);
            assert_eq!(String::from_utf8(out).unwrap().lines().count() > 1, pretty);
        }
    }
}
