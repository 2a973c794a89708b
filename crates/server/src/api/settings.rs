//! Settings that administrators change while the server runs: a closed list.

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vedette_ingest::wall_clock;
use vedette_model::Timestamp;
use vedette_store::state::Setting;

use super::Asking;
use crate::App;
use crate::conditional::{self, Version};
use crate::extract::{Body, Id};
use crate::openapi::Doc;
use crate::problem::{Kind, Problem};
use crate::settings as server;

// What utoipa takes for a type without parameters.
type NewValueDoc = Doc<NewValue>;
type SettingsDoc = Doc<Settings>;
type ShownDoc = Doc<Shown>;

/// A setting that there is.
struct Known {
    name: &'static str,
    help: &'static str,
    default: u32,
    least: u32,
    most: u32,
}

/// Every setting.
const KNOWN: [Known; 3] = [
    Known {
        name: "accept-days-max",
        help: "Days for which a finding can be accepted at most.",
        default: 365,
        least: 1,
        most: 3_650,
    },
    Known {
        name: "audit-days",
        help: "Days for which entries of the audit log are kept.",
        default: 730,
        least: 30,
        most: 3_650,
    },
    Known {
        name: "retention-days",
        help: "Days for which exchanges are kept in the lake.",
        default: 30,
        least: 1,
        most: 3_650,
    },
];

/// A setting as it is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Setting")]
pub(crate) struct Shown {
    /// Its name.
    name: &'static str,
    /// What it does.
    help: &'static str,
    /// Its value now.
    value: u32,
    /// Its value when nobody sets it.
    default: u32,
    /// Least value.
    least: u32,
    /// Largest value.
    most: u32,
    /// Who set it; absent when nobody did.
    updated_by: Option<String>,
    /// When.
    updated_at: Option<Timestamp>,
    /// Counts changes; for `If-Match`.
    version: u64,
}

/// All settings.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Settings {
    /// By name.
    items: Vec<Shown>,
}

/// A new value.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewValue {
    /// The value.
    value: u32,
}

impl Known {
    fn named(name: &str) -> Result<&'static Self, Problem> {
        KNOWN.iter().find(|known| known.name == name).ok_or_else(|| Problem::no_such("setting"))
    }

    /// What it is when no administrator set it: the server's configuration file may say.
    fn default(&self, server: &server::Settings) -> u32 {
        if self.name == "retention-days" { server.retention_days } else { self.default }
    }

    fn shown(&self, set: Option<&Setting>, server: &server::Settings) -> Shown {
        let value = set.and_then(|set| serde_json::from_str::<u32>(&set.value).ok());
        let default = self.default(server);
        Shown {
            name: self.name,
            help: self.help,
            value: value.unwrap_or(default),
            default,
            least: self.least,
            most: self.most,
            updated_by: set.map(|set| set.updated_by.clone()),
            updated_at: set.map(|set| set.updated_at),
            version: set.map_or(0, |set| set.version.unsigned_abs()),
        }
    }
}

/// The value of a setting in a tenant.
pub(crate) async fn value(app: &App, tenant: &str, name: &str) -> Result<u32, Problem> {
    let known = Known::named(name)?;
    let set = app.state().setting(tenant, known.name).await?;
    Ok(known.shown(set.as_ref(), app.settings()).value)
}

/// List settings
#[utoipa::path(get, path = "/v1/settings", tag = "Administration",
    responses((status = 200, description = "All settings", body = inline(SettingsDoc))))]
pub(crate) async fn list(asking: Asking) -> Result<Response, Problem> {
    let server = asking.app.settings();
    let set = asking.app.state().settings(asking.tenant()).await?;
    let items = KNOWN.iter().map(|known| known.shown(set.iter().find(|one| one.name == known.name), server)).collect();
    Ok(Json(Settings { items }).into_response())
}

/// Show a setting
#[utoipa::path(get, path = "/v1/settings/{id}", tag = "Administration",
    params(("id" = String, Path, description = "The setting's name", example = "retention-days")),
    responses(
        (status = 200, description = "The setting", body = inline(ShownDoc)),
        (status = 404, description = "No such setting"),
    ))]
pub(crate) async fn show(asking: Asking, Id(name): Id) -> Result<Response, Problem> {
    let known = Known::named(&name)?;
    let set = asking.app.state().setting(asking.tenant(), known.name).await?;
    Ok(answer(known.shown(set.as_ref(), asking.app.settings())))
}

/// Change a setting
#[utoipa::path(put, path = "/v1/settings/{id}", tag = "Administration",
    params(
        ("id" = String, Path, description = "The setting's name", example = "retention-days"),
        ("If-Match" = String, Header, description = "ETag of the setting, or `*`", example = "\"0\""),
    ),
    request_body(content = inline(NewValueDoc)),
    responses(
        (status = 200, description = "The setting, changed", body = inline(ShownDoc)),
        (status = 404, description = "No such setting"),
        (status = 412, description = "Somebody changed it meanwhile"),
        (status = 422, description = "The value is out of range"),
        (status = 428, description = "`If-Match` is missing"),
    ))]
pub(crate) async fn replace(
    asking: Asking,
    Id(name): Id,
    headers: HeaderMap,
    Body(new): Body<NewValue>,
) -> Result<Response, Problem> {
    let known = Known::named(&name)?;
    if !(known.least..=known.most).contains(&new.value) {
        let message = format!("must be {} to {}", known.least, known.most);
        return Err(Problem::new(Kind::Unprocessable, format!("value: {message}")).fault("/value", message));
    }
    let state = asking.app.state();
    let set = state.setting(asking.tenant(), known.name).await?;
    let version = set.as_ref().map_or(0, |set| set.version);
    conditional::require_match(&headers, version.unsigned_abs())?;
    let value = Value::from(new.value).to_string();
    let set =
        state.set_setting(asking.tenant(), known.name, Some(version), &value, &asking.who.name, wall_clock()).await?;
    asking.note("setting.change", known.name, &serde_json::json!({ "value": new.value })).await?;
    Ok(answer(known.shown(Some(&set), asking.app.settings())))
}

fn answer(shown: Shown) -> Response {
    let version = Version(shown.version);
    let mut response = Json(shown).into_response();
    conditional::tag_version(&mut response, version);
    response
}
