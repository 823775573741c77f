//! Settings that were understood.

use std::sync::Arc;

use connect_api::config::{ConfigErrors, did_you_mean};
use connect_tls::{KeyErrors, server_config};
use tokio_rustls::rustls::ServerConfig;

use super::{HeaderRule, Listener, RestConfig, SslProperties};
use crate::rest::auth::Auth;

/// What the settings come to.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) listeners: Vec<Listener>,
    /// None: `/admin` is with everything else.
    pub(crate) admin: Option<Vec<Listener>>,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    pub(crate) admin_tls: Option<Arc<ServerConfig>>,
    pub(crate) auth: Arc<Auth>,
    pub(crate) headers: Vec<HeaderRule>,
    pub(crate) cors: Option<Cors>,
}

/// Which web pages of other origins may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cors {
    pub(crate) origins: Vec<String>,
    pub(crate) methods: String,
}

impl RestConfig {
    /// Reads the settings, and the files they name.
    ///
    /// # Errors
    /// Everything that is wrong, by key.
    pub(crate) fn checked(&self) -> Result<Checked, ConfigErrors> {
        let mut errors = ConfigErrors::new();
        let listeners = listeners("listeners", &self.listeners, &mut errors);
        if self.listeners.is_empty() {
            errors.add("listeners", None, "names no listener; the default is http://127.0.0.1:8083");
        }
        let admin =
            self.admin_listeners.as_ref().map(|texts| super::checked::listeners("admin.listeners", texts, &mut errors));
        let auth = Auth::read(self, &mut errors);
        if !auth.is_decided() {
            for (key, all) in [("listeners", Some(&listeners)), ("admin.listeners", admin.as_ref())] {
                for open in all.into_iter().flatten().filter(|listener| listener.is_open()) {
                    errors.add(key, Some(open.to_string()), OPEN);
                }
            }
        }
        self.check_advertised(&listeners, &mut errors);
        let mut tls = |key: &str, all: &[Listener], properties: &SslProperties| {
            if !all.iter().any(|listener| listener.https) {
                return None;
            }
            let lookup = |name: &str| properties.0.get(name).map(String::as_str);
            server_config(&lookup).map_err(|wrong| add_tls(&mut errors, key, &wrong)).ok()
        };
        let ssl = tls("listeners", &listeners, &self.ssl);
        let admin_ssl = tls("admin.listeners", admin.as_deref().unwrap_or_default(), &self.admin_ssl);
        let headers = HeaderRule::parse_all(&self.response_headers).unwrap_or_else(|why| {
            errors.add("response.http.headers.config", None, why);
            Vec::new()
        });
        let cors = self.cors(&mut errors);
        errors.into_result()?;
        Ok(Checked { listeners, admin, tls: ssl, admin_tls: admin_ssl, auth: Arc::new(auth), headers, cors })
    }

    fn check_advertised(&self, listeners: &[Listener], errors: &mut ConfigErrors) {
        let Some(scheme) = self.advertised_listener.as_deref() else { return };
        if !listeners.iter().any(|listener| listener.scheme().eq_ignore_ascii_case(scheme)) {
            let message = "is the scheme of none of the listeners; possible: http, https";
            errors.add("rest.advertised.listener", Some(scheme.to_owned()), message);
        }
    }

    fn cors(&self, errors: &mut ConfigErrors) -> Option<Cors> {
        let list = |text: &str| -> Vec<String> {
            text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
        };
        let origins = list(&self.allow_origin);
        let methods = if self.allow_methods.trim().is_empty() { "GET,POST,HEAD" } else { &self.allow_methods };
        let methods: Vec<_> = list(methods).iter().map(|method| method.to_ascii_uppercase()).collect();
        for method in &methods {
            let known = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"];
            if !known.contains(&method.as_str()) {
                let message =
                    format!("{method:?} is no method{}; possible: {}", did_you_mean(method, known), known.join(", "));
                errors.add("access.control.allow.methods", None, message);
            }
        }
        (!origins.is_empty()).then(|| Cors { origins, methods: methods.join(",") })
    }
}

/// Why a worker does not listen where other machines reach it.
pub(crate) const OPEN: &str = "other machines reach this address, and whoever reaches a worker can read and write \
                               whatever it can; set rest.auth=basic with rest.auth.basic.file, or rest.auth=bearer with \
                               rest.auth.bearer.file, or rest.auth=none if everybody may, or listen at \
                               http://127.0.0.1:8083";

fn listeners(key: &str, texts: &[String], errors: &mut ConfigErrors) -> Vec<Listener> {
    let read = |text: &String| Listener::parse(text).map_err(|why| errors.add(key, None, why)).ok();
    texts.iter().filter(|text| !text.trim().is_empty()).filter_map(read).collect()
}

fn add_tls(errors: &mut ConfigErrors, key: &str, wrong: &KeyErrors) {
    for error in &wrong.0 {
        errors.add(error.key.clone(), None, format!("{} (for https in {key})", error.message));
    }
}
