//! Chooses the page that `report.rs` embeds: the built UI when it is there, else the plain page, so that `cargo build`
//! alone needs no Node.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(name.to_owned()));
    let ui = variable("CARGO_MANIFEST_DIR")?.join("../../ui");
    let built = ui.join("dist/index.html");
    let plain = ui.join("plain.html");
    // A watched file that does not exist would make every build start over. The UI's build touches the plain page, so
    // that watching it notices a first build.
    watch(&plain);
    let page = if built.exists() {
        watch(&built);
        built
    } else {
        plain
    };
    fs::copy(page, variable("OUT_DIR")?.join("report.html"))?;
    Ok(())
}

fn watch(path: &Path) {
    println!("cargo:rerun-if-changed={}", path.display());
}
