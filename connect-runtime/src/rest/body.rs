//! Bodies of requests.
//!
//! Nothing of a body is repeated in an error, for it may hold secrets.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::reply::Failure;
use crate::herder::ConfigInput;

type Members<'a> = BTreeMap<String, &'a RawValue>;

/// A body that has to be a JSON object.
pub(crate) fn object(body: &[u8]) -> Result<Members<'_>, Failure> {
    let raw = value(body)?;
    members(raw).ok_or_else(|| Failure::bad_request(format!("the body is {}; expected a JSON object", kind(raw))))
}

/// A body that has to be JSON.
fn value(body: &[u8]) -> Result<&RawValue, Failure> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Failure::bad_request("there is no body; expected a JSON object"));
    }
    serde_json::from_slice(body).map_err(|error| Failure::bad_request(format!("the body is not valid JSON: {error}")))
}

/// The members of an object, the last of those with the same name; none when it is something else.
fn members(raw: &RawValue) -> Option<Members<'_>> {
    // It is valid JSON, so a map of anything is read from whatever begins with a brace.
    raw.get().starts_with('{').then(|| serde_json::from_str(raw.get()).ok()).flatten()
}

/// A configuration.
pub(crate) fn config(body: &[u8]) -> Result<ConfigInput, Failure> {
    config_of(&object(body)?)
}

fn config_of(members: &Members<'_>) -> Result<ConfigInput, Failure> {
    let mut config = ConfigInput::new();
    for (key, raw) in members {
        config.insert(key.clone(), text(key, raw)?);
    }
    Ok(config)
}

/// What `POST /connectors` takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Create {
    pub(crate) name: String,
    pub(crate) config: ConfigInput,
    pub(crate) initial_state: Option<String>,
}

/// The body of `POST /connectors`.
pub(crate) fn create(body: &[u8]) -> Result<Create, Failure> {
    let members = object(body)?;
    if let Some(unknown) = members.keys().find(|key| !["name", "config", "initial_state"].contains(&key.as_str())) {
        return Err(Failure::bad_request(format!("{unknown:?} is not known; possible: name, config, initial_state")));
    }
    let text = |key: &str| members.get(key).map_or(Ok(None), |raw| text(key, raw));
    let name = text("name")?.ok_or_else(|| Failure::bad_request("\"name\" is missing: the name of the connector"))?;
    let config = members.get("config").filter(|raw| raw.get() != "null");
    let config =
        config.ok_or_else(|| Failure::bad_request("\"config\" is missing: the configuration of the connector"))?;
    let config = self::members(config)
        .ok_or_else(|| Failure::bad_request(format!("\"config\" is {}; expected an object", kind(config))))?;
    Ok(Create { name, config: config_of(&config)?, initial_state: text("initial_state")? })
}

/// A member that is a text, if it is there; scalars count as texts.
pub(crate) fn text_member(body: &[u8], key: &str) -> Result<Option<String>, Failure> {
    let members = object(body)?;
    members.get(key).map_or(Ok(None), |raw| text(key, raw))
}

/// A scalar as a text, as it was written; null is no text.
///
/// # Errors
/// What it is instead.
fn scalar(raw: &RawValue) -> Result<Option<String>, &'static str> {
    match raw.get().as_bytes().first() {
        Some(b'{' | b'[') => Err(kind(raw)),
        Some(b'n') => Ok(None),
        Some(b'"') => serde_json::from_str(raw.get()).map(Some).map_err(|_| "no text in Unicode"),
        _ => Ok(Some(raw.get().to_owned())),
    }
}

/// A member as a text, or null.
fn text(key: &str, raw: &RawValue) -> Result<Option<String>, Failure> {
    scalar(raw).map_err(|kind| Failure::bad_request(format!("{key:?} is {kind}; expected a string")))
}

fn kind(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}
