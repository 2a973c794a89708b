//! `vedette classify`: data classes of texts and JSON values, line by line.
//!
//! Reads `{"id":…, "text":…}` or `{"id":…, "json":…}` per line and prints
//! `{"id":…, "matches":[{"class":…, "start":…, "end":…, "path":…, "confidence":…}]}`. A line that cannot be read gets
//! `{"id":null, "error":…}` and the next one is read; standard error says at the end how many there were.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use vedette_model::limits::{CLASS_FILE_BYTES_MAX, CLASSIFY_LINE_BYTES_MAX};
use vedette_parse::classes::Classifier;

mod lines;
mod output;
mod walk;

use output::Report;

/// Arguments of `vedette classify`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// YAML file with own classes and levels; they win over the built-in ones.
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,
    /// Leave out matches less sure than this, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.5)]
    min_confidence: f32,
    /// Print the classes with their levels instead of reading anything.
    #[arg(long)]
    list: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        (0.0..=1.0).contains(&args.min_confidence),
        "--min-confidence is {}, outside 0 to 1",
        args.min_confidence
    );
    let classifier = match &args.classes {
        None => Classifier::builtin(),
        Some(path) => {
            let yaml = read_classes(path)?;
            match Classifier::with_custom(&path.display().to_string(), &yaml) {
                Ok(classifier) => classifier,
                Err(diagnostics) => {
                    for diagnostic in &diagnostics {
                        writeln!(io::stderr(), "error: {diagnostic}")?;
                    }
                    return Ok(ExitCode::from(2));
                }
            }
        }
    };
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut input = BufReader::with_capacity(1 << 18, io::stdin().lock());
    let done = if args.list {
        list(&classifier, &mut out)
    } else {
        run_lines(&classifier, args.min_confidence, &mut input, &mut out)
    };
    match done.and_then(|()| out.flush()) {
        // The reader of our output went away: nothing is left to do.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        done => done.map(|()| ExitCode::SUCCESS).context("cannot classify standard input"),
    }
}

fn read_classes(path: &PathBuf) -> anyhow::Result<String> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut yaml = String::new();
    #[expect(clippy::disallowed_methods, reason = "bounded by `take`")]
    file.take(CLASS_FILE_BYTES_MAX)
        .read_to_string(&mut yaml)
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(yaml)
}

fn list(classifier: &Classifier, out: &mut impl Write) -> io::Result<()> {
    for class in classifier.classes() {
        let line = serde_json::json!({"class": class.id, "name": class.name, "level": class.level, "weight": class.weight, "labels": class.labels});
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn run_lines<R: Read>(
    classifier: &Classifier,
    confidence_min: f32,
    input: &mut BufReader<R>,
    out: &mut impl Write,
) -> io::Result<()> {
    let (read, bad) = classify(classifier, confidence_min, input, out)?;
    if bad > 0 {
        writeln!(io::stderr(), "classify: {bad} of {read} lines could not be read")?;
    }
    Ok(())
}

/// Classifies every line; returns how many there were and how many of them could not be read.
fn classify<R: Read>(
    classifier: &Classifier,
    confidence_min: f32,
    input: &mut BufReader<R>,
    out: &mut impl Write,
) -> io::Result<(u64, u64)> {
    let mut report = Report::new(classifier, confidence_min);
    let mut keys = walk::KeyCache::default();
    let mut line = Vec::new();
    let (mut read, mut bad) = (0_u64, 0_u64);
    while let Some(complete) = next_line(input, &mut line)? {
        if complete && line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        read += 1;
        let judged = if complete {
            lines::judge(&line, &mut report, &mut keys)
        } else {
            Err(format!("line is longer than {CLASSIFY_LINE_BYTES_MAX} bytes"))
        };
        if let Err(error) = judged {
            bad += 1;
            report.fail(&error);
        }
        report.write_line(out)?;
        // A program that writes one line and waits for the answer gets it.
        if input.buffer().is_empty() {
            out.flush()?;
        }
    }
    Ok((read, bad))
}

/// Reads a line without its end into `line`; `None` at the end of input, `Some(false)` for a line past the bound, of
/// which nothing is kept.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let read = input.by_ref().take(CLASSIFY_LINE_BYTES_MAX as u64 + 1).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if read > CLASSIFY_LINE_BYTES_MAX {
        line.clear();
        input.skip_until(b'\n')?;
        return Ok(Some(false));
    }
    Ok((read > 0).then_some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classified(input: &[u8]) -> (Vec<String>, (u64, u64)) {
        let classifier = Classifier::builtin();
        let mut out = Vec::new();
        let counts = classify(&classifier, 0.5, &mut BufReader::new(input), &mut out).unwrap();
        (String::from_utf8(out).unwrap().lines().map(str::to_owned).collect(), counts)
    }

    #[test]
    fn offsets_count_characters_and_ids_are_echoed() {
        for (line, expected) in [
            (
                r#"{"id":7,"text":"né ada@example.org"}"#,
                r#"{"id":7,"matches":[{"class":"email","start":3,"end":18,"path":null,"confidence":0.98}]}"#,
            ),
            (r#"{"text":"nothing","id":{"a": [1]}}"#, r#"{"id":{"a": [1]},"matches":[]}"#),
            (
                r#"{"id":"x","json":{"user":{"e-mails":["","ada@example.org"]}}}"#,
                r#"{"id":"x","matches":[{"class":"email","start":0,"end":15,"path":"$.user['e-mails'][1]","confidence":0.98}]}"#,
            ),
            (
                r#"{"id":1,"json":{"note":"日本 call 212-555-0142"}}"#,
                r#"{"id":1,"matches":[{"class":"phone","start":8,"end":20,"path":"$.note","confidence":0.87}]}"#,
            ),
            (
                r#"{"id":1,"json":{"ssn":536904399,"id":536904399}}"#,
                r#"{"id":1,"matches":[{"class":"us-ssn","start":0,"end":9,"path":"$.ssn","confidence":0.85}]}"#,
            ),
            (
                r#"{"json":"ada@example.org"}"#,
                r#"{"id":null,"matches":[{"class":"email","start":0,"end":15,"path":"$","confidence":0.98}]}"#,
            ),
        ] {
            assert_eq!(classified(line.as_bytes()).0, [expected], "{line}");
        }
    }

    #[test]
    fn lines_that_cannot_be_read_are_answered_and_counted() {
        let mut input = b"not json\n\n{\"id\":1}\n\xff\xfe\n{\"id\":2,\"text\":\"ada@example.org\"}\n".to_vec();
        input.extend(format!("{{\"id\":3,\"json\":{}\n", "[".repeat(10_000)).into_bytes());
        input.extend(std::iter::repeat_n(b'x', CLASSIFY_LINE_BYTES_MAX + 10));
        input.extend(b"\n{\"id\":4,\"text\":\"\"}");
        let (lines, counts) = classified(&input);
        assert_eq!(counts, (7, 5));
        assert_eq!(lines.iter().filter(|line| line.starts_with(r#"{"id":null,"error":""#)).count(), 5, "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with(r#"{"id":2,"matches":[{"class":"email""#)), "{lines:?}");
        assert_eq!(lines.last().unwrap(), r#"{"id":4,"matches":[]}"#);
    }
}
