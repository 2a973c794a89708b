//! The running platform: opens what is kept, gives every tenant a node, starts sources and the API, and closes all of it
//! in order.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use secrecy::ExposeSecret;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use vedette_ingest::wall_clock;
use vedette_server::App;
use vedette_server::auth::Role;
use vedette_server::listen::{Listen, TlsFiles};
use vedette_server::settings::Settings;
use vedette_store::hunt::{HuntConfig, Hunter};
use vedette_store::keys::DataKey;
use vedette_store::state::State;

use crate::commands::Hinted;

pub(crate) use config::{Config, Overrides};

mod config;
mod follow;
mod logging;
pub(crate) mod open;

/// Serves until SIGINT or SIGTERM.
pub(crate) fn run(config: &Config) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("vedette-http")
        .build()
        .context("starting the runtime")?;
    let traces = {
        let _entered = runtime.enter();
        logging::start(config)?
    };
    let outcome = serve(config, &runtime);
    if let Some(traces) = traces {
        runtime.block_on(traces.finish());
    }
    outcome
}

fn serve(config: &Config, runtime: &Runtime) -> Result<()> {
    let _lock = lock(&config.data)?;
    let key = DataKey::of_folder(&config.data, config.key_file.as_deref())?;
    let url = config.state_url()?;
    let state = runtime
        .block_on(State::of_folder(&config.data, url.as_ref().map(ExposeSecret::expose_secret), &key))
        .context("opening the state")?;
    let scopes: Vec<&str> = Role::Admin.scopes().iter().map(|scope| scope.name()).collect();
    let token = runtime.block_on(state.first_admin_token(&scopes, wall_clock()))?;
    let spill = config.data.join("spill");
    // What a crash left there is of no use.
    let _ = std::fs::remove_dir_all(&spill);
    let hunter = Arc::new(Hunter::new(HuntConfig::new(spill)).context("preparing hunts")?);
    // The address is taken first: when it is in use nothing else is begun.
    let socket = runtime.block_on(listen(config).open()).map_err(|error| {
        let hint = error.hint();
        anyhow::Error::new(Hinted::new(error.to_string(), hint))
    })?;
    let app = App::new(state.clone(), key.clone(), settings(config)?, Some(hunter))?;
    for tenant in runtime.block_on(state.tenants())? {
        runtime.block_on(open::open(config, &app, &tenant.id))?;
    }
    let sources = follow::start(config, &app, runtime.handle())?;
    let url = socket.url();
    logging::say(&format!("listening on {url}"));
    if let Some(token) = token {
        logging::say(&format!("admin token: {}", token.as_str()));
        logging::say("it is shown this once: log in with it in the browser, then make users and tokens of your own");
    }
    let (stop, keeping_stops) = oneshot::channel();
    let keeping = runtime.spawn(open::keep_in_step(config.clone(), app.clone(), keeping_stops));
    let served = runtime.block_on(async {
        tokio::spawn(vedette_server::telemetry::keep_up());
        tokio::spawn(vedette_server::upkeep::keep_audit(app.clone()));
        socket.serve(vedette_server::router(app.clone()), stopped()).await
    });
    drop(stop);
    // A node that is being opened is closed below like the others.
    let _ = runtime.block_on(keeping);
    logging::say("stopping: everything learned is written down");
    sources.stop();
    for (tenant, node) in app.nodes() {
        node.close();
        tracing::info!(tenant, "closed");
    }
    runtime.block_on(state.close());
    served.context("serving")
}

/// One process works on a data folder.
pub(crate) fn lock(data: &Path) -> Result<File> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data).with_context(|| format!("creating {}", data.display()))?;
    let path = data.join("lock");
    let file = File::create(&path).with_context(|| format!("opening {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(Hinted::new(
            format!("{} is in use by another process", data.display()),
            "stop the other server, or choose another folder with --data",
        )),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking {}", path.display())),
    }
}

fn listen(config: &Config) -> Listen {
    let tls = config.tls.as_ref().map(|tls| TlsFiles { certificate: tls.certificate.clone(), key: tls.key.clone() });
    Listen { address: config.listen, tls, insecure: config.insecure }
}

fn settings(config: &Config) -> Result<Settings> {
    let public_https = config.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    Ok(Settings {
        listen: config.listen,
        public_url: config.public_url.clone(),
        secure: config.tls.is_some() || public_https,
        trusted_proxies: config.trusted_proxies.clone(),
        open_metrics: config.open_metrics,
        hosts: config.hosts.clone(),
        retention_days: config.lake.retention_days,
        oidc: config.oidc_settings()?,
        ..Settings::default()
    })
}

/// Ends at SIGINT or SIGTERM.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = |kind| async move {
        match signal(kind) {
            Ok(mut signals) => drop(signals.recv().await),
            Err(error) => {
                tracing::error!(%error, "signals cannot be received");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = wait(SignalKind::interrupt()) => {}
        () = wait(SignalKind::terminate()) => {}
    }
}
