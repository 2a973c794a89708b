//! `vedette serve`: the running platform.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::serve::{self, Config, Overrides};

/// Arguments of `vedette serve`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Configuration file (TOML). Without one the defaults work.
    #[arg(long, value_name = "FILE", env = "VEDETTE_CONFIG")]
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
    let mut config = Config::load(args.config.as_deref(), overrides)?;
    config.follow(&args.follow);
    serve::run(config)?;
    Ok(ExitCode::SUCCESS)
}
