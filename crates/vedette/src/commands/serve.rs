//! `vedette serve`: the running platform.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::serve::{self, Config, Overrides};

/// Arguments of `vedette serve`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Configuration file (TOML); without it the environment variable VEDETTE_CONFIG names one. The defaults work too.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of everything that is kept [default: vedette-data].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address and port of the API and the pages [default: 127.0.0.1:7700].
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Follow a file, a folder or a pattern; may be given several times.
    #[arg(long, value_name = "PATH")]
    follow: Vec<PathBuf>,
}

/// Runs until a signal asks to stop.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let overrides = Overrides { data: args.data.clone(), listen: args.listen };
    let named = std::env::var_os("VEDETTE_CONFIG").filter(|name| !name.is_empty()).map(PathBuf::from);
    let file = args.config.as_ref().or(named.as_ref());
    let mut config = Config::load(file.map(PathBuf::as_path), overrides)?;
    config.follow(&args.follow);
    serve::run(config)?;
    Ok(ExitCode::SUCCESS)
}
