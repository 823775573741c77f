//! A connector's file, in any of its three forms.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use connect_api::config::ConfigErrors;
use connect_runtime::InitialState;
use serde_json::{Map, Value};

use super::{only, parse_properties, read};

/// What a connector's file says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ConnectorFile {
    pub(crate) path: PathBuf,
    pub(crate) config: BTreeMap<String, String>,
    pub(crate) initial_state: InitialState,
}

impl ConnectorFile {
    /// Reads a file. Text that begins with `{`, or is in a file called `.json`, is JSON; all else is properties.
    ///
    /// # Errors
    /// Everything that is wrong with the form; what the entries mean is not looked at.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigErrors> {
        Self::parse(path, &read(path)?)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ConfigErrors> {
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let (config, initial_state) = if is_json || text.trim_start().starts_with('{') {
            match serde_json::from_str(text) {
                Ok(Value::Object(object)) => from_object(object)?,
                Ok(_) => return Err(only("is JSON, but no object".into())),
                Err(error) => return Err(only(format!("is no JSON: {error}"))),
            }
        } else {
            (parse_properties(text)?, InitialState::default())
        };
        Ok(Self { path: path.to_owned(), config, initial_state })
    }

    /// The connector's name, if the file has one.
    pub(crate) fn name(&self) -> Option<&str> {
        self.config.get("name").map(|name| name.trim())
    }
}

fn from_object(mut object: Map<String, Value>) -> Result<(BTreeMap<String, String>, InitialState), ConfigErrors> {
    let mut errors = ConfigErrors::new();
    let mut initial_state = InitialState::default();
    let nested = matches!(object.get("config"), Some(Value::Object(_)));
    let mut config = match object.remove("config") {
        Some(Value::Object(inner)) => texts(inner, &mut errors),
        Some(other) => {
            // A plain entry that happens to be called so.
            object.insert("config".into(), other);
            BTreeMap::new()
        }
        None => BTreeMap::new(),
    };
    if nested {
        match object.get("name") {
            Some(Value::String(name)) => {
                if config.get("name").is_some_and(|other| other != name) {
                    errors.add("name", config.get("name").cloned(), format!("config has another name than {name:?}"));
                }
                config.insert("name".into(), name.clone());
            }
            Some(other) => errors.add("name", Some(other.to_string()), "expected a string"),
            None => errors.add("name", None, "is required beside config"),
        }
        if let Some(state) = object.get("initial_state").filter(|state| !state.is_null()) {
            match state.as_str().map(str::parse) {
                Some(Ok(state)) => initial_state = state,
                _ => errors.add(
                    "initial_state",
                    Some(state.to_string()),
                    "expected one of \"RUNNING\", \"PAUSED\", \"STOPPED\"",
                ),
            }
        }
    } else {
        config = texts(object, &mut errors);
    }
    errors.into_result()?;
    Ok((config, initial_state))
}

/// Connect's configurations are strings; numbers and booleans are taken by their text, as Jackson does.
fn texts(object: Map<String, Value>, errors: &mut ConfigErrors) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (key, value) in object {
        match value {
            Value::String(text) => drop(texts.insert(key, text)),
            Value::Bool(_) | Value::Number(_) => drop(texts.insert(key, value.to_string())),
            Value::Null => errors.add(key, None, "is null; leave it out or give it a value"),
            Value::Array(_) | Value::Object(_) => {
                errors.add(key, None, "expected a string; lists are comma separated, nested keys have dots");
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests;
