//! Prepares `rules/classes/*.yaml` for the library: reading YAML and building the automaton would be most of a start.
//!
//! The format and the automaton are the library's own code, so that what is prepared here is what it would make.

#[expect(dead_code, reason = "the library's other half of the module")]
#[path = "src/classes/automaton.rs"]
mod automaton;
#[expect(dead_code, reason = "the library's other half of the module")]
#[path = "src/classes/definition.rs"]
mod definition;
#[expect(dead_code, reason = "the library's other half of the module")]
#[path = "src/classes/regex.rs"]
mod regex;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use regex_automata::dfa::dense::DFA;

use automaton::WordAutomaton;
use definition::{ClassFile, LEVELS};
use regex::LazyRegex;

fn main() -> io::Result<()> {
    for module in ["automaton", "definition", "regex"] {
        println!("cargo:rerun-if-changed=src/classes/{module}.rs");
    }
    let folder = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../../rules/classes");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();

    let mut texts = String::from("#[cfg(test)]\npub(crate) const TEXTS: &[(&str, &str)] = &[\n");
    let mut all = ClassFile::default();
    for path in &files {
        let path = path.canonicalize()?;
        println!("cargo:rerun-if-changed={}", path.display());
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let read = ClassFile::read(&name, &fs::read_to_string(&path)?).map_err(|error| failed(&error.to_string()))?;
        all.levels.extend(read.levels);
        all.classes.extend(read.classes);
        let _ = writeln!(texts, "    ({name:?}, include_str!({:?})),", path.display().to_string());
    }
    for class in &mut all.classes {
        class.examples.clear();
        class.negative_examples.clear();
        class.fields.clear();
        class.negative_fields.clear();
    }
    texts.push_str("];\n");
    let out = PathBuf::from(variable("OUT_DIR")?);
    fs::write(out.join("classes.json"), serde_json::to_string(&all).map_err(io::Error::other)?)?;
    prepare(all, texts, &out)
}

/// Writes the automaton of words, the list of what is in it, and what is to be known of each expression.
fn prepare(all: ClassFile, mut code: String, out: &Path) -> io::Result<()> {
    let mut levels: BTreeMap<String, f32> = LEVELS.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
    levels.extend(all.levels.into_iter().map(|(name, weight)| (name, weight.value)));
    let mut classes = all.classes;
    classes.sort_by(|a, b| a.order(b, &levels));

    let patterns = || classes.iter().flat_map(|class| &class.patterns);
    let regexes = || patterns().filter_map(|pattern| Some((pattern, pattern.regex.as_ref()?.value.as_str())));
    let words: Vec<&str> =
        regexes().filter(|(pattern, _)| pattern.anchors.is_empty()).map(|(_, source)| source).collect();
    write_automaton(&out.join("words.dfa"), WordAutomaton::compile(&words))?;

    let _ = writeln!(code, "pub(super) const WORDS: &[&str] = &{words:?};");
    let mut facts = BTreeMap::new();
    for (_, source) in regexes() {
        let known = LazyRegex::facts(source).map_err(|error| failed(&error))?;
        facts.insert(source, (known.group_count, known.bytes_min));
    }
    let facts: Vec<_> =
        facts.into_iter().map(|(source, (group_count, bytes_min))| (source, group_count, bytes_min)).collect();
    let _ = writeln!(code, "pub(super) const FACTS: &[(&str, usize, usize)] = &{facts:?};");
    fs::write(out.join("class_files.rs"), code)
}

fn write_automaton(path: &Path, dfa: Result<DFA<Vec<u32>>, String>) -> io::Result<()> {
    let dfa = dfa.map_err(|error| failed(&error))?;
    let big = variable("CARGO_CFG_TARGET_ENDIAN")? == "big";
    let (bytes, padding) = if big { dfa.to_bytes_big_endian() } else { dfa.to_bytes_little_endian() };
    fs::write(path, bytes.get(padding..).unwrap_or_default())
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}

fn failed(message: &str) -> io::Error {
    io::Error::other(format!("rules/classes: {message}"))
}
