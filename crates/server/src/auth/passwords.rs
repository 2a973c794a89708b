//! Passwords: argon2id, few at a time, never on the async runtime.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use vedette_model::limits::{PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN, PASSWORDS_AT_ONCE_MAX, PASSWORDS_WAITING_MAX};

use crate::problem::{Kind, Problem};

/// Memory of one hash in KiB. OWASP's least is 19 MiB with two passes; 32 MiB with three took 0.15 s on a busy machine
/// of two cores.
const MEMORY_KIB: u32 = 32 << 10;

/// Passes over the memory.
const PASSES: u32 = 3;

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone)]
pub struct Passwords(Arc<Inner>);

struct Inner {
    hasher: Argon2<'static>,
    /// Verified for users who do not exist or have no password, so that their logins take as long.
    nobody: String,
    /// Hashes at once: each holds its memory and a core.
    running: Semaphore,
    /// Hashes at once and those that wait.
    waiting: Semaphore,
}

impl Passwords {
    /// With the parameters of this program.
    pub fn new() -> Result<Self, argon2::password_hash::Error> {
        Self::with_cost(MEMORY_KIB, PASSES)
    }

    /// With other parameters, for tests that hash a lot.
    pub fn with_cost(memory_kib: u32, passes: u32) -> Result<Self, argon2::password_hash::Error> {
        let params =
            Params::new(memory_kib, passes, 1, None).map_err(|_| argon2::password_hash::Error::ParamsInvalid)?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash: PasswordHash = hasher.hash_password(b"nobody has this password")?;
        Ok(Self(Arc::new(Inner {
            hasher,
            nobody: hash.to_string(),
            running: Semaphore::new(PASSWORDS_AT_ONCE_MAX),
            waiting: Semaphore::new(PASSWORDS_AT_ONCE_MAX + PASSWORDS_WAITING_MAX),
        })))
    }

    /// PHC string of a new password, for the state.
    pub async fn hash(&self, password: SecretString) -> Result<String, Problem> {
        let hash = self
            .run(move |inner| {
                let hash: Result<PasswordHash, _> = inner.hasher.hash_password(password.expose_secret().as_bytes());
                hash.map(|hash| hash.to_string())
            })
            .await?;
        hash.map_err(|error| Problem::internal(&error))
    }

    /// Whether the password is the one with this PHC string. Takes as long without one, and says no then.
    pub async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool, Problem> {
        self.run(move |inner| {
            let known = hash.is_some();
            let text = hash.as_deref().unwrap_or(&inner.nobody);
            let Ok(parsed) = PasswordHash::new(text) else { return false };
            let right = inner.hasher.verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
            right && known
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Inner) -> T + Send + 'static) -> Result<T, Problem> {
        let busy = || Problem::new(Kind::TooManyRequests, "too many logins at once").retry_after_secs(5);
        let _place = self.0.waiting.try_acquire().map_err(|_| busy())?;
        let _turn = self.0.running.acquire().await.map_err(|_| busy())?;
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner)).await.map_err(|error| Problem::internal(&error))
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passwords")
    }
}

/// Refuses passwords that are too short or too long. Length is what counts (NIST SP 800-63B-4): no rules of characters.
pub(super) fn check(password: &SecretString, at: &str) -> Result<(), Problem> {
    let length = password.expose_secret().len();
    if length < PASSWORD_BYTES_MIN {
        return Err(Problem::invalid(at, format!("must have at least {PASSWORD_BYTES_MIN} bytes")));
    }
    if length > PASSWORD_BYTES_MAX {
        return Err(Problem::invalid(at, format!("must have at most {PASSWORD_BYTES_MAX} bytes")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_user_who_has_one_is_accepted() {
        let passwords = Passwords::with_cost(64, 1).unwrap();
        let hash = passwords.hash("correct horse battery".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse battery".into(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("correct horse".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("nobody has this password".into(), None).await.unwrap());
        assert!(!passwords.verify("x".into(), Some("garbage".to_owned())).await.unwrap());
    }

    #[tokio::test]
    async fn hashing_is_limited_in_number() {
        let passwords = Passwords::with_cost(64, 1).unwrap();
        let all = (PASSWORDS_AT_ONCE_MAX + PASSWORDS_WAITING_MAX) as u32;
        let _places = passwords.0.waiting.acquire_many(all).await.unwrap();
        let refused = passwords.verify("x".into(), None).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::TooManyRequests);
    }

    #[test]
    fn stored_hashes_have_the_cost_that_was_chosen() {
        let passwords = Passwords::new().unwrap();
        assert!(passwords.0.nobody.starts_with("$argon2id$v=19$m=32768,t=3,p=1$"));
        assert!(check(&"short".into(), "/password").is_err());
        assert!(check(&"long enough for this".into(), "/password").is_ok());
    }
}
