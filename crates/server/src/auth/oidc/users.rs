//! Users whom a provider vouches for.

use vedette_model::Timestamp;
use vedette_store::state::{NewUser, State, StateError, User, UserChange};

use super::Arrival;
use crate::auth::Role;
use crate::problem::{Kind, Problem};

/// The user of an arrival: known by its subject, with role and services as its groups say now; made when it is new.
///
/// A local user of the same name is never taken for the provider's: whoever may choose names at the provider could
/// take over an account here.
pub(in crate::auth) async fn admit(
    state: &State,
    tenant: &str,
    arrival: &Arrival,
    now: Timestamp,
) -> Result<User, Problem> {
    let denied = |why| Err(Problem::new(Kind::Forbidden, why).hint("ask an administrator of this Vedette"));
    let Some(role) = arrival.role else { return denied("none of your groups may use this Vedette") };
    let services = if role == Role::Developer { arrival.services.clone() } else { Vec::new() };
    let Some(user) = state.user_by_subject(tenant, &arrival.subject).await? else {
        let new = NewUser {
            name: arrival.name.clone(),
            role: role.name().to_owned(),
            services,
            password: None,
            subject: Some(arrival.subject.clone()),
        };
        return match state.create_user(tenant, new, now).await {
            Err(StateError::Exists(_)) => Err(Problem::new(Kind::Conflict, "another user has this name")),
            created => Ok(created?),
        };
    };
    if user.disabled {
        return denied("this user is disabled");
    }
    if user.role == role.name() && user.services == services {
        return Ok(user);
    }
    let change = UserChange { role: Some(role.name().to_owned()), services: Some(services), ..UserChange::default() };
    match state.update_user(tenant, &user.id, Some(user.version), &change, now).await {
        // Nobody would be left to mend the settings: the last administrator stays one.
        Err(StateError::LastAdmin) => Ok(user),
        changed => Ok(changed?),
    }
}
