//! The installation that a command works on: its data folder, key and state, as the configuration of `serve` names them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Runtime;
use vedette_store::keys::DataKey;
use vedette_store::state::State;

use super::Hinted;
use crate::serve::{Config, Overrides};

/// Where an installation is.
#[derive(clap::Args)]
#[group(id = "installation")]
pub(crate) struct Folder {
    /// Configuration file of `vedette serve`.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder [default: vedette-data].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What the configuration says.
pub(crate) struct Place {
    pub(crate) config: Config,
    /// Address of the state's database, when it is not the file in the data folder.
    pub(crate) state_url: Option<SecretString>,
}

/// An installation that exists.
pub(crate) struct Installation {
    pub(crate) place: Place,
    pub(crate) key: DataKey,
    pub(crate) state: State,
    pub(crate) runtime: Runtime,
}

impl Place {
    /// Reads the configuration; looks at no folder.
    pub(crate) fn of(args: &Folder) -> Result<Self> {
        let overrides = Overrides { data: args.data.clone(), ..Overrides::default() };
        let config = Config::load(args.config.as_deref(), overrides)?;
        let state_url = config.state_url()?;
        Ok(Self { config, state_url })
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.config.data
    }

    /// Opens what is there. Nothing is created: a misspelled folder is told, not made.
    pub(crate) fn open(self) -> Result<Installation> {
        let data = &self.config.data;
        let key_file = self.config.key_file.clone().unwrap_or_else(|| data.join("key"));
        let state_file = data.join("state.sqlite");
        let missing = [(true, &key_file), (self.state_url.is_none(), &state_file)]
            .into_iter()
            .find(|(needed, file)| *needed && !file.is_file());
        if let Some((_, file)) = missing {
            let hint = "name the folder of `vedette serve` with --data, or its configuration with --config";
            bail!(Hinted::new(format!("there is no {}", file.display()), hint));
        }
        let key = DataKey::read(&key_file)?;
        let runtime = runtime()?;
        let url = self.state_url.as_ref().map(ExposeSecret::expose_secret);
        let state = runtime.block_on(State::of_folder(data, url, &key)).context("opening the state")?;
        Ok(Installation { key, state, runtime, place: self })
    }
}

impl Installation {
    /// Closes the database, so that its file is whole.
    pub(crate) fn close(self) {
        self.runtime.block_on(self.state.close());
    }
}

/// A runtime for one command.
pub(crate) fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting the runtime")
}
