//! Users, sessions, tokens.

use super::*;

fn change(role: &str) -> UserChange {
    UserChange { role: Some(role.to_owned()), ..UserChange::default() }
}

#[tokio::test]
async fn a_user_is_kept_and_changed_by_version() {
    on_both(async |state| {
        let new = NewUser {
            name: "ada".to_owned(),
            role: "developer".to_owned(),
            services: vec!["shop".to_owned(), "käse \"x\"".to_owned()],
            password: Some("$argon2id$…".to_owned()),
            subject: Some("https://id.test 1".to_owned()),
        };
        let made = state.create_user("a", new.clone(), at(1)).await.unwrap();
        assert_eq!(state.user("a", &made.id).await.unwrap().unwrap(), made);
        assert_eq!(state.user_by_name("a", "ada").await.unwrap().unwrap(), made);
        assert_eq!(state.user_by_subject("a", "https://id.test 1").await.unwrap().unwrap(), made);
        let twice = state.create_user("a", NewUser { subject: None, ..new.clone() }, at(1)).await.unwrap_err();
        assert!(matches!(twice, StateError::Exists("user")));
        let same_subject = NewUser { name: "eve".to_owned(), ..new };
        assert!(matches!(state.create_user("a", same_subject, at(1)).await, Err(StateError::Exists("user"))));
        let changed = state.update_user("a", &made.id, Some(1), &change("viewer"), at(2)).await.unwrap();
        assert_eq!((changed.role.as_str(), changed.version, changed.updated_at), ("viewer", 2, at(2)));
        assert_eq!(state.user("a", &made.id).await.unwrap().unwrap(), changed);
        let late = state.update_user("a", &made.id, Some(1), &change("admin"), at(3)).await;
        assert!(matches!(late, Err(StateError::Conflict)));
        assert_eq!(state.user("a", &made.id).await.unwrap().unwrap().role, "viewer");
        state.delete_user("a", &made.id).await.unwrap();
        assert_eq!(state.user("a", &made.id).await.unwrap(), None);
        let none = NewUser { name: "x".to_owned(), ..NewUser::default() };
        assert!(matches!(state.create_user("nowhere", none, at(1)).await, Err(StateError::Missing("tenant"))));
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_stays() {
    on_both(async |state| {
        let ada = user(&state, "a", "ada", "admin").await;
        let disable = UserChange { disabled: Some(true), ..UserChange::default() };
        assert!(matches!(state.update_user("a", &ada.id, None, &disable, at(1)).await, Err(StateError::LastAdmin)));
        assert!(matches!(state.delete_user("a", &ada.id).await, Err(StateError::LastAdmin)));
        // Another tenant's administrator does not count.
        user(&state, "b", "bob", "admin").await;
        let demoted = state.update_user("a", &ada.id, None, &change("viewer"), at(1)).await;
        assert!(matches!(demoted, Err(StateError::LastAdmin)));
        let eve = user(&state, "a", "eve", "admin").await;
        // Two who demote each other at once: one of them stays.
        let (viewer, other) = (change("viewer"), change("viewer"));
        let both = tokio::join!(
            state.update_user("a", &ada.id, None, &viewer, at(2)),
            state.update_user("a", &eve.id, None, &other, at(2)),
        );
        let admins = state.users("a").await.unwrap().iter().filter(|user| user.role == "admin").count();
        assert!(admins >= 1, "{both:?}");
    })
    .await;
}

#[tokio::test]
async fn a_change_of_rights_ends_sessions_and_removal_ends_tokens() {
    on_both(async |state| {
        user(&state, "a", "root", "admin").await;
        let ada = user(&state, "a", "ada", "analyst").await;
        let (_, secret) = state.create_token("a", &ada.id, NewToken::default(), at(1)).await.unwrap();
        for (hash, what) in [
            ("h1", change("viewer")),
            ("h2", UserChange { services: Some(vec!["x".to_owned()]), ..UserChange::default() }),
            ("h3", UserChange { password: Some("p".to_owned()), ..UserChange::default() }),
            ("h4", UserChange { disabled: Some(true), ..UserChange::default() }),
        ] {
            state.create_session("a", &ada.id, hash, at(100), at(1)).await.unwrap();
            assert!(state.session(hash).await.unwrap().is_some());
            state.update_user("a", &ada.id, None, &what, at(2)).await.unwrap();
            assert_eq!(state.session(hash).await.unwrap(), None, "{what:?}");
        }
        let owner = state.token(&secret).await.unwrap().unwrap();
        assert!(owner.disabled);
        assert_eq!((owner.role.as_str(), owner.services.len()), ("viewer", 1));
        state.delete_user("a", &ada.id).await.unwrap();
        assert_eq!(state.token(&secret).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn sessions_are_bounded_seen_and_ended() {
    on_both(async |state| {
        let ada = user(&state, "a", "ada", "viewer").await;
        for login in 0..30 {
            state.create_session("a", &ada.id, &format!("h{login}"), at(1_000), at(login)).await.unwrap();
        }
        assert_eq!(state.session("h0").await.unwrap(), None, "the oldest made room");
        let last = state.session("h29").await.unwrap().unwrap();
        assert_eq!((last.user_id.as_str(), last.seen_at, last.expires_at), (ada.id.as_str(), at(29), at(1_000)));
        assert_eq!(state.user("a", &ada.id).await.unwrap().unwrap().login_at, Some(at(29)));
        state.see_session("a", "h29", at(50)).await.unwrap();
        state.see_session("a", "h29", at(40)).await.unwrap();
        assert_eq!(state.session("h29").await.unwrap().unwrap().seen_at, at(50), "never back");
        assert_eq!(state.end_sessions("a", &ada.id, Some("h29")).await.unwrap(), 19);
        state.end_session("a", "h29").await.unwrap();
        assert_eq!(state.session("h29").await.unwrap(), None);
        // A login sweeps what is over.
        state.create_session("a", &ada.id, "old", at(60), at(50)).await.unwrap();
        state.create_session("a", &ada.id, "new", at(160), at(100)).await.unwrap();
        assert_eq!(state.session("old").await.unwrap(), None);
        let nobody = state.create_session("a", "nobody", "h", at(100), at(0)).await;
        assert!(matches!(nobody, Err(StateError::Missing("user"))));
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_confirmed_used_once_and_removed() {
    on_both(async |state| {
        let ada = user(&state, "a", "ada", "viewer").await;
        let early = state.confirm_totp("a", &ada.id, 10, &[], at(0)).await;
        assert!(matches!(early, Err(StateError::Conflict)), "nothing to confirm");
        state.set_totp("a", &ada.id, "sealed 1", at(0)).await.unwrap();
        state.set_totp("a", &ada.id, "sealed 2", at(0)).await.unwrap();
        let codes = ["r1".to_owned(), "r2".to_owned()];
        state.confirm_totp("a", &ada.id, 10, &codes, at(1)).await.unwrap();
        let confirmed = state.user("a", &ada.id).await.unwrap().unwrap();
        assert_eq!((confirmed.totp.as_deref(), confirmed.totp_confirmed), (Some("sealed 2"), true));
        assert!(matches!(state.set_totp("a", &ada.id, "x", at(2)).await, Err(StateError::Exists(_))));
        assert!(!state.use_totp_step("a", &ada.id, 10).await.unwrap(), "the code that confirmed is used up");
        let both = tokio::join!(state.use_totp_step("a", &ada.id, 11), state.use_totp_step("a", &ada.id, 11));
        assert!(both.0.unwrap() ^ both.1.unwrap(), "one of two logins that race wins");
        assert!(!state.use_totp_step("a", &ada.id, 9).await.unwrap());
        assert_eq!(state.recovery_codes_left("a", &ada.id).await.unwrap(), 2);
        assert!(state.use_recovery_code("a", &ada.id, "r1").await.unwrap());
        assert!(!state.use_recovery_code("a", &ada.id, "r1").await.unwrap());
        state.remove_totp("a", &ada.id, at(3)).await.unwrap();
        assert_eq!(state.recovery_codes_left("a", &ada.id).await.unwrap(), 0);
        let removed = state.user("a", &ada.id).await.unwrap().unwrap();
        assert_eq!((removed.totp, removed.totp_confirmed, removed.totp_step), (None, false, 11));
    })
    .await;
}

#[tokio::test]
async fn tokens_are_known_by_their_secret_which_is_kept_nowhere() {
    on_both(async |state| {
        let ada = user(&state, "a", "ada", "admin").await;
        let new = NewToken {
            name: "gateway".to_owned(),
            scopes: vec!["ingest".to_owned()],
            services: vec!["shop".to_owned()],
            expires_at: Some(at(100)),
        };
        let (token, secret) = state.create_token("a", &ada.id, new, at(1)).await.unwrap();
        assert!(secret.starts_with("vdt_") && secret.len() == 68);
        let found = state.token(&secret).await.unwrap().unwrap();
        assert_eq!((&found.token, found.name.as_str(), found.role.as_str()), (&token, "ada", "admin"));
        assert_eq!(state.token(&secret.to_uppercase()).await.unwrap(), None);
        assert_eq!(state.token("").await.unwrap(), None);
        let mut dump = Vec::new();
        state.dump(&mut dump).await.unwrap();
        let dump = String::from_utf8(dump).unwrap();
        assert!(!dump.contains(&secret[4..]) && dump.contains("gateway"));
        state.see_token("a", &token.id, at(7)).await.unwrap();
        assert_eq!(state.tokens("a").await.unwrap()[0].used_at, Some(at(7)));
        assert!(matches!(state.delete_token("a", &token.id, Some("eve")).await, Err(StateError::Missing("token"))));
        state.delete_token("a", &token.id, Some(&ada.id)).await.unwrap();
        assert_eq!(state.token(&secret).await.unwrap(), None);
        assert!(matches!(state.delete_token("a", &token.id, None).await, Err(StateError::Missing("token"))));
    })
    .await;
}

#[tokio::test]
async fn the_first_admin_token_is_given_once() {
    on_both(async |state| {
        let token = state.first_admin_token(&["read", "admin"], at(0)).await.unwrap().unwrap();
        let owner = state.token(&token).await.unwrap().unwrap();
        assert_eq!(
            (owner.token.tenant.as_str(), owner.name.as_str(), owner.role.as_str()),
            ("default", "admin", "admin")
        );
        assert_eq!(owner.token.scopes, ["read", "admin"]);
        assert_eq!(state.first_admin_token(&["admin"], at(1)).await.unwrap(), None);
        let back = state.recover_admin_token("default", &["admin"], at(2)).await.unwrap();
        assert_eq!(state.token(&back).await.unwrap().unwrap().token.user_id, owner.token.user_id);
        assert!(matches!(state.recover_admin_token("a", &["admin"], at(2)).await, Err(StateError::Missing(_))));
    })
    .await;
}
