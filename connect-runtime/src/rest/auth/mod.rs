//! Who asks.

mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_api::config::ConfigErrors;
use hyper::header::HeaderValue;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use tokio::sync::Semaphore;

use super::settings::RestConfig;
use crate::progress::lock;

/// A hash of no password, so that unknown users take as long as known ones.
const NOBODY: &str = "$2y$10$abcdefghijklmnopqrstuuSPZ5SLUqUNi4QFyQH.HnTVqDlq1AeOu";
/// Checks of passwords at the same time; each keeps a core busy.
const CHECKS: usize = 2;

type Sum = [u8; 32];

/// What `rest.auth` comes to.
#[derive(Debug)]
pub(crate) struct Auth {
    /// Something was said: somebody decided about it.
    decided: bool,
    /// Hashes by user.
    basic: Option<BTreeMap<String, String>>,
    /// Names and sums of tokens.
    bearer: Option<Vec<(String, Sum)>>,
    read_only: BTreeSet<String>,
    /// Of each user the sum of the password that was right, so that it is checked the slow way once.
    right: Mutex<BTreeMap<String, Sum>>,
    checks: Semaphore,
}

/// Whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// None when there is no authentication.
    pub(crate) name: Option<Arc<str>>,
    pub(crate) may_write: bool,
}

/// Why somebody is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nothing was shown that could be checked.
    Missing,
    /// It was checked, and is wrong.
    Wrong,
}

impl Auth {
    /// Reads the settings and their files.
    pub(crate) fn read(config: &RestConfig, errors: &mut ConfigErrors) -> Self {
        let ways: BTreeSet<_> = config.auth.iter().map(|way| way.to_ascii_lowercase()).collect();
        for way in ways.iter().filter(|way| !["basic", "bearer", "none"].contains(&way.as_str())) {
            errors.add("rest.auth", None, format!("{way:?} is not possible; possible: basic, bearer, none"));
        }
        if ways.contains("none") && ways.len() > 1 {
            errors.add("rest.auth", None, "none beside other ways means nothing; remove one of them");
        }
        let mut file = |way: &str, key: &str, path: Option<&std::path::PathBuf>| {
            if !ways.contains(way) {
                return None;
            }
            let Some(path) = path else {
                errors.add(key, None, format!("is required with rest.auth={way}"));
                return None;
            };
            match std::fs::read_to_string(path) {
                Ok(text) => Some(text),
                Err(error) => {
                    errors.add(key, None, format!("cannot read {}: {error}", path.display()));
                    None
                }
            }
        };
        let basic = file("basic", "rest.auth.basic.file", config.basic_file.as_ref());
        let bearer = file("bearer", "rest.auth.bearer.file", config.bearer_file.as_ref());
        let basic = basic.map(|text| files::users(&text, "rest.auth.basic.file", errors));
        let bearer = bearer.map(|text| files::tokens(&text, "rest.auth.bearer.file", errors));
        let auth = Self {
            decided: !ways.is_empty(),
            basic,
            bearer,
            read_only: config.read_only.iter().cloned().collect(),
            right: Mutex::default(),
            checks: Semaphore::new(CHECKS),
        };
        auth.check_names(errors);
        auth
    }

    fn check_names(&self, errors: &mut ConfigErrors) {
        let known = |name: &String| {
            self.basic.as_ref().is_some_and(|users| users.contains_key(name))
                || self.bearer.iter().flatten().any(|(token, _)| token == name)
        };
        for name in self.read_only.iter().filter(|name| !known(name)) {
            errors.add("rest.auth.read.only", None, format!("{name:?} is the name of no user and no token"));
        }
    }

    /// Whether somebody said how it should be.
    pub(crate) fn is_decided(&self) -> bool {
        self.decided
    }

    /// Whether passwords or tokens are asked for.
    pub(crate) fn is_on(&self) -> bool {
        self.basic.is_some() || self.bearer.is_some()
    }

    /// What clients are told to show, for `WWW-Authenticate`.
    pub(crate) fn challenges(&self) -> Vec<&'static str> {
        let basic = self.basic.as_ref().map(|_| "Basic realm=\"connect\", charset=\"UTF-8\"");
        let bearer = self.bearer.as_ref().map(|_| "Bearer realm=\"connect\"");
        basic.into_iter().chain(bearer).collect()
    }

    /// Who shows this `Authorization`.
    pub(crate) async fn identify(&self, authorization: Option<&HeaderValue>) -> Result<Identity, Refusal> {
        if !self.is_on() {
            return Ok(Identity { name: None, may_write: true });
        }
        let text = authorization.and_then(|value| value.to_str().ok()).ok_or(Refusal::Missing)?;
        let (way, shown) = text.split_once(' ').ok_or(Refusal::Missing)?;
        let name = match (way.to_ascii_lowercase().as_str(), &self.basic, &self.bearer) {
            ("basic", Some(users), _) => self.user(users, shown.trim()).await?,
            ("bearer", _, Some(tokens)) => token(tokens, shown.trim())?,
            _ => return Err(Refusal::Missing),
        };
        Ok(Identity { may_write: !self.read_only.contains(&name), name: Some(name.into()) })
    }

    async fn user(&self, users: &BTreeMap<String, String>, shown: &str) -> Result<String, Refusal> {
        let decoded = STANDARD.decode(shown).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let (name, password) = decoded.as_deref().and_then(|text| text.split_once(':')).ok_or(Refusal::Missing)?;
        let hash = users.get(name).map_or(NOBODY, String::as_str).to_owned();
        let sum: Sum = Sha256::new().chain_update(&hash).chain_update([0]).chain_update(password).finalize().into();
        let before = lock(&self.right).get(name).copied();
        if before.is_some_and(|before| before.ct_eq(&sum).into()) {
            return Ok(name.to_owned());
        }
        // Never closed.
        let _turn = self.checks.acquire().await;
        let password = password.to_owned();
        let checked = tokio::task::spawn_blocking(move || bcrypt::verify(password, &hash)).await;
        if !matches!(checked, Ok(Ok(true))) || !users.contains_key(name) {
            return Err(Refusal::Wrong);
        }
        lock(&self.right).insert(name.to_owned(), sum);
        Ok(name.to_owned())
    }
}

/// Looks at all tokens, so that the time it takes says nothing about them.
fn token(tokens: &[(String, Sum)], shown: &str) -> Result<String, Refusal> {
    let sum: Sum = Sha256::digest(shown).into();
    let mut found = None;
    for (name, known) in tokens {
        let same: Choice = known.ct_eq(&sum);
        if same.into() {
            found = Some(name);
        }
    }
    found.cloned().ok_or(Refusal::Wrong)
}

#[cfg(test)]
mod tests;
