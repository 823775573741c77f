//! From Kafka's keys to settings, and to everything that is wrong with them.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::{KeyError, KeyErrors};
use crate::pem::{self, Locked};
use crate::tls::{Check, Identity, Tls, Versions};

impl Tls {
    /// Reads Kafka's `ssl.*` keys; `lookup` has the value of a key, if it is set.
    ///
    /// # Errors
    /// All that is wrong, by key: stores that are not PEM or cannot be read, a key without certificates or the opposite,
    /// passwords that do not open it, unknown protocols.
    pub fn read<'v>(lookup: &dyn Fn(&str) -> Option<&'v str>) -> Result<Self, KeyErrors> {
        let mut keys = Keys::new(lookup);
        let tls = keys.tls();
        keys.finish(tls)
    }
}

/// Keys of a client or a server, and the mistakes found in them so far: for those who read more than `ssl.*` and tell
/// all mistakes at once.
pub struct Keys<'k, 'v> {
    lookup: &'k dyn Fn(&str) -> Option<&'v str>,
    errors: Vec<KeyError>,
}

impl fmt::Debug for Keys<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("errors", &self.errors).finish_non_exhaustive()
    }
}

impl<'k, 'v> Keys<'k, 'v> {
    /// `lookup` has the value of a key, if it is set.
    #[must_use]
    pub fn new(lookup: &'k dyn Fn(&str) -> Option<&'v str>) -> Self {
        Self { lookup, errors: Vec::new() }
    }

    /// What was made of the keys.
    ///
    /// # Errors
    /// All mistakes, when there were any.
    pub fn finish<T>(self, made: T) -> Result<T, KeyErrors> {
        if self.errors.is_empty() { Ok(made) } else { Err(KeyErrors(self.errors)) }
    }

    pub(crate) fn is_right(&self) -> bool {
        self.errors.is_empty()
    }

    /// Notes a mistake. The message says what is wrong and what was possible, and never the value of a secret.
    pub fn wrong(&mut self, key: &str, message: impl Into<String>) {
        self.errors.push(KeyError { key: key.to_owned(), message: message.into() });
    }

    /// The value as it stands, without the blanks around it.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&'v str> {
        (self.lookup)(key).map(str::trim)
    }

    /// A value that says something, without the blanks around it.
    #[must_use]
    pub fn filled(&self, key: &str) -> Option<&'v str> {
        self.text(key).filter(|value| !value.is_empty())
    }

    /// A value with its blanks, as passwords keep them.
    #[must_use]
    pub fn secret(&self, key: &str) -> Option<&'v str> {
        (self.lookup)(key).filter(|value| !value.is_empty())
    }

    /// One of `possible`, in any case; the default when it is another, which is a mistake.
    pub fn one_of<'p>(&mut self, key: &str, default: &'p str, possible: &[&'p str]) -> &'p str {
        let Some(value) = self.text(key) else { return default };
        if let Some(found) = possible.iter().find(|one| one.eq_ignore_ascii_case(value)) {
            return found;
        }
        self.wrong(key, format!("{value:?} is not possible; possible: {}", possible.join(", ")));
        default
    }

    /// Settings of TLS, as [`Tls::read`] reads them; with mistakes they are no use.
    pub fn tls(&mut self) -> Tls {
        let roots = self.store("ssl.truststore", "ssl.truststore.certificates");
        let roots = roots.map(|pem| self.certificates("ssl.truststore", &pem));
        let identity = self.identity();
        let check = match self.one_of("ssl.endpoint.identification.algorithm", "https", &["https", ""]) {
            "" => Check::AnyName,
            _ => Check::Everything,
        };
        Tls { roots, identity, check, versions: self.versions() }
    }

    fn identity(&mut self) -> Option<Identity> {
        let chain = self.store("ssl.keystore", "ssl.keystore.certificate.chain");
        let in_file = chain.clone().filter(|_| self.filled("ssl.keystore.location").is_some());
        let key = self.secret("ssl.keystore.key").map(str::to_owned).or(in_file);
        match (chain, key) {
            (Some(chain), Some(key)) => {
                let chain = self.certificates("ssl.keystore", &chain);
                self.private_key(&key).map(|key| Identity { chain, key: Arc::new(key) })
            }
            (None, None) => None,
            (Some(_), None) => {
                self.wrong("ssl.keystore.key", "missing beside ssl.keystore.certificate.chain");
                None
            }
            (None, Some(_)) => {
                self.wrong("ssl.keystore.certificate.chain", "missing beside ssl.keystore.key");
                None
            }
        }
    }

    fn versions(&mut self) -> Versions {
        const KEY: &str = "ssl.enabled.protocols";
        let Some(list) = self.filled(KEY) else { return Versions::default() };
        let has = |name: &str| list.split(',').any(|one| one.trim() == name);
        let versions = Versions { tls12: has("TLSv1.2"), tls13: has("TLSv1.3") };
        if !versions.tls12 && !versions.tls13 {
            self.wrong(KEY, format!("{list:?} has neither of the possible TLSv1.2, TLSv1.3"));
        }
        versions
    }

    /// The PEM text of a store, from its key or from a file.
    fn store(&mut self, prefix: &str, inline: &str) -> Option<String> {
        let (type_key, location_key) = (format!("{prefix}.type"), format!("{prefix}.location"));
        let (text, location) = (self.secret(inline), self.filled(&location_key));
        if text.is_none() && location.is_none() {
            return None;
        }
        let kind = self.filled(&type_key).unwrap_or("JKS");
        if !kind.eq_ignore_ascii_case("PEM") {
            let message = format!(
                "{kind} stores cannot be read; possible: PEM. Export the store's certificates and key as PEM text, \
                 set {type_key}=PEM and name the file in {location_key}, or put the text into {inline}"
            );
            self.wrong(&type_key, message);
            return None;
        }
        if let Some(text) = text {
            return Some(text.to_owned());
        }
        let path = location?;
        match std::fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) => {
                self.wrong(&location_key, format!("cannot read {path:?}: {error}"));
                None
            }
        }
    }

    fn certificates(&mut self, key: &str, text: &str) -> Vec<CertificateDer<'static>> {
        pem::certificates(text).unwrap_or_else(|error| {
            self.wrong(key, error);
            Vec::new()
        })
    }

    fn private_key(&mut self, text: &str) -> Option<PrivateKeyDer<'static>> {
        const PASSWORD: &str = "ssl.key.password";
        let (key, message) = if !pem::is_encrypted(text) {
            match pem::private_key(text) {
                Ok(key) => return Some(key),
                Err(error) => ("ssl.keystore.key", error),
            }
        } else if let Some(password) = self.secret(PASSWORD) {
            match pem::encrypted_key(text, password) {
                Ok(key) => return Some(key),
                Err(Locked::Text) => ("ssl.keystore.key", "the encrypted private key is not valid PEM".into()),
                Err(Locked::Password(error)) => (PASSWORD, format!("the private key cannot be decrypted: {error}")),
            }
        } else {
            (PASSWORD, "the private key is encrypted, and there is no password for it".into())
        };
        self.wrong(key, message);
        None
    }
}
