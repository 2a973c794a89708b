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
    let done =
        if args.list { list(&classifier, &mut out) } else { classify(&classifier, args.min_confidence, &mut out) };
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

fn classify(classifier: &Classifier, confidence_min: f32, out: &mut impl Write) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 18, io::stdin().lock());
    let mut report = Report::new(classifier, confidence_min);
    let mut keys = walk::KeyCache::default();
    let mut line = Vec::new();
    let (mut read, mut bad) = (0_u64, 0_u64);
    loop {
        let outcome = next_line(&mut input, &mut line)?;
        let Some(complete) = outcome else { break };
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
    if bad > 0 {
        writeln!(io::stderr(), "classify: {bad} of {read} lines could not be read")?;
    }
    Ok(())
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
