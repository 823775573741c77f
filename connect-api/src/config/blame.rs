//! Finds the key that a custom `Deserialize` refused.
//!
//! Serde's errors do not say where they happened, and a flattened struct is read from a buffer, so that a tracking
//! deserializer does not know either. What does tell: leave one key out and see whether the error changes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Config;
use super::assemble::Placed;
use super::errors::{ConfigErrors, HIDDEN};

/// Reads the config, or says which keys it was refused for.
pub(super) fn deserialize<C: Config>(
    mut json: Value,
    placed: &[Placed],
    props: &BTreeMap<String, String>,
) -> Result<C, ConfigErrors> {
    let mut errors = ConfigErrors::new();
    let mut left: Vec<&Placed> = placed.iter().collect();
    loop {
        let message = match C::deserialize(&json) {
            Ok(config) if errors.is_empty() => return Ok(config),
            // What is left is fine; the keys taken out were not.
            Ok(_) => return Err(errors),
            Err(error) => error.to_string(),
        };
        let (certain, only_missing) = suspects::<C>(&json, &left, &message);
        let culprit = match (certain.as_slice(), only_missing.as_slice()) {
            ([first, ..], _) => Some(*first),
            ([], [only]) => Some(*only),
            _ => None,
        };
        // Without a culprit the rest cannot be judged: say it once, unless it only follows from a key taken out.
        let Some(culprit) = culprit else {
            if errors.is_empty() {
                let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
                errors.add(missing.unwrap_or_default(), None, told(&message, placed, props));
            }
            return Err(errors);
        };
        let given = props.get(&culprit.key).cloned();
        let shown = if culprit.secret { Some(HIDDEN.to_owned()) } else { given };
        errors.add(&culprit.key, shown, told(&message, placed, props));
        // Without a required key nothing can be read; and where several keys are refused together, leaving one out
        // would only make up another error.
        let alone = C::deserialize(&only(&json, &culprit.path)).err().map(|error| error.to_string());
        if certain.is_empty() || alone.as_deref() != Some(&message) {
            return Err(errors);
        }
        remove(&mut json, &culprit.path);
        left.retain(|other| other.key != culprit.key);
    }
}

/// The keys without which the error is another, and those without which it is only that they are missing.
fn suspects<'p, C: Config>(json: &Value, left: &[&'p Placed], message: &str) -> (Vec<&'p Placed>, Vec<&'p Placed>) {
    let (mut certain, mut only_missing) = (Vec::new(), Vec::new());
    for placed in left {
        let mut without = json.clone();
        remove(&mut without, &placed.path);
        match C::deserialize(&without).err().map(|error| error.to_string()) {
            Some(same) if same == message => {}
            Some(other) if other.starts_with("missing field") => only_missing.push(*placed),
            _ => certain.push(*placed),
        }
    }
    (certain, only_missing)
}

fn remove(json: &mut Value, path: &[String]) {
    let Some((name, parents)) = path.split_last() else { return };
    let parent = parents.iter().try_fold(json, |here, name| here.get_mut(name));
    if let Some(parent) = parent.and_then(Value::as_object_mut) {
        parent.shift_remove(name);
    }
}

/// The config with this one key.
fn only(json: &Value, path: &[String]) -> Value {
    let value = path.iter().try_fold(json, |here, name| here.get(name)).cloned().unwrap_or_default();
    path.iter().rev().fold(value, |inner, name| Value::Object([(name.clone(), inner)].into_iter().collect()))
}

/// The message, unless it repeats a secret.
fn told(message: &str, placed: &[Placed], props: &BTreeMap<String, String>) -> String {
    let secret = |placed: &&Placed| placed.secret;
    let values = placed.iter().filter(secret).filter_map(|placed| props.get(&placed.key)).map(|value| value.trim());
    if values.into_iter().any(|value| !value.is_empty() && message.contains(value)) {
        return "refused (the reason would show a secret)".to_owned();
    }
    message.to_owned()
}
