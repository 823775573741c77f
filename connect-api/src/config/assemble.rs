//! A map of strings into the JSON its type asks for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::errors::{ConfigErrors, HIDDEN};
use super::hint::{did_you_mean, nearest};
use super::kind::{Kind, Type};
use super::shape::{Field, Scope, Shape, text};

type Props = BTreeMap<String, String>;

/// What became of the strings.
#[derive(Default)]
pub(super) struct Assembled {
    pub(super) json: Value,
    /// Which key went where.
    pub(super) placed: Vec<Placed>,
    pub(super) errors: ConfigErrors,
    pub(super) warnings: Vec<String>,
}

pub(super) struct Placed {
    pub(super) key: String,
    pub(super) path: Vec<String>,
    pub(super) secret: bool,
}

impl Shape {
    /// Turns each string into what its key asks for.
    pub(super) fn assemble(&self, props: &Props, known_elsewhere: &dyn Fn(&str) -> bool) -> Assembled {
        let json = if self.unit { Value::Null } else { Value::Object(Map::new()) };
        let mut out = Assembled { json, ..Assembled::default() };
        let mut declared: BTreeSet<&str> = self.fields.iter().map(|field| field.key.as_str()).collect();

        for object in self.objects.iter().filter(|object| self.applies(&object.scope, props, true)) {
            object_at(&mut out.json, &object.path);
        }
        let mut used: BTreeSet<&str> = BTreeSet::new();
        let mut missing: Vec<&Field> = Vec::new();
        for field in self.fields.iter().filter(|field| self.applies(&field.scope, props, false)) {
            used.insert(&field.key);
            match props.get(&field.key) {
                Some(given) => out.put(&field.key, &field.path, &field.ty, given),
                None if field.required && self.applies(&field.scope, props, true) => missing.push(field),
                None if field.inherited_default => out.fill(field),
                None => {}
            }
        }
        for rest in self.rests.iter().filter(|rest| self.applies(&rest.scope, props, true)) {
            for (key, given) in props {
                let name = key.strip_prefix(&rest.prefix).filter(|name| !name.is_empty());
                let Some(name) = name.filter(|_| !declared.contains(key.as_str())) else { continue };
                if rest.prefix.is_empty() && known_elsewhere(key) {
                    continue;
                }
                let path: Vec<String> = rest.path.iter().cloned().chain([name.to_owned()]).collect();
                out.put_original(key, &path, &rest.ty, given);
                declared.insert(key);
                used.insert(key);
            }
        }

        let unread: Vec<&str> = props.keys().map(String::as_str).filter(|key| !used.contains(key)).collect();
        let unread: Vec<&str> =
            unread.into_iter().filter(|key| declared.contains(key) || !known_elsewhere(key)).collect();
        for field in missing {
            out.errors.add(&field.key, None, self.missing(field, &unread));
        }
        for key in unread {
            self.unread(key, declared.contains(key), props, &mut out);
        }
        out
    }

    /// Whether the key counts together with the other values.
    ///
    /// A field of a struct that may be absent may be read all the same; `needed` asks whether it must be there.
    pub(super) fn applies(&self, scope: &Scope, props: &Props, needed: bool) -> bool {
        let chosen = scope.cases.iter().all(|(tag, value)| props.get(tag).is_some_and(|given| given.trim() == value));
        let begun = |prefix: &String| props.keys().any(|key| key.len() > prefix.len() && key.starts_with(prefix));
        chosen && (!needed || scope.prefix.as_ref().is_none_or(begun))
    }

    fn missing(&self, field: &Field, unread: &[&str]) -> String {
        let mut message = "missing, and it has no default".to_owned();
        if let Some((tag, value)) = field.scope.cases.last() {
            message += &format!("; {tag} = {value:?} needs it");
        }
        if !matches!(field.ty.kind, Kind::Text) {
            message += &format!("; expected {}", field.ty.expected());
        }
        if let Some(misspelt) = nearest(&field.key, unread.iter().copied()) {
            message += &format!(" (is {misspelt:?} a misspelling of it?)");
        }
        message
    }

    fn unread(&self, key: &str, declared: bool, props: &Props, out: &mut Assembled) {
        if declared {
            // Declared, but for another variant than the one chosen.
            let field = self.fields.iter().find(|field| field.key == key);
            let because = field.and_then(|field| {
                let other =
                    field.scope.cases.iter().find(|(tag, value)| props.get(tag).map(|v| v.trim()) != Some(value))?;
                Some(format!("; it is read when {} = {:?}", other.0, other.1))
            });
            out.warnings.push(format!("key {key:?} has no effect here{}", because.unwrap_or_default()));
            return;
        }
        let hint = did_you_mean(key, self.fields.iter().map(|field| field.key.as_str()));
        match self.closed {
            true => out.errors.add(key, None, format!("unknown key{hint}")),
            false => out.warnings.push(format!("unknown key {key:?}{hint}")),
        }
    }
}

impl Assembled {
    fn put(&mut self, key: &str, path: &[String], ty: &Type, given: &str) {
        self.place(key, path, ty, given, ty.coerce(given));
    }

    /// As [`Assembled::put`], but text that no field declares is passed on as it came, as Connect's `originals` are.
    fn put_original(&mut self, key: &str, path: &[String], ty: &Type, given: &str) {
        let value = match ty.kind {
            Kind::Text => ty.coerce(given).map(|_| given.into()),
            _ => ty.coerce(given),
        };
        self.place(key, path, ty, given, value);
    }

    fn place(&mut self, key: &str, path: &[String], ty: &Type, given: &str, value: Result<Value, String>) {
        match value {
            Ok(value) => {
                self.set(path, value);
                self.placed.push(Placed { key: key.to_owned(), path: path.to_vec(), secret: ty.secret });
            }
            Err(message) => {
                let shown = if ty.secret { HIDDEN.to_owned() } else { given.to_owned() };
                self.errors.add(key, Some(shown), message);
            }
        }
    }

    /// Gives a field the default that the surrounding struct has for it.
    fn fill(&mut self, field: &Field) {
        let parent = field.path.split_last().and_then(|(_, parent)| at(&mut self.json, parent));
        if let (Some(parent), Some(default)) = (parent, &field.default) {
            let name = field.path.last().map(String::as_str).unwrap_or_default();
            parent.entry(name).or_insert_with(|| default.clone());
        }
    }

    fn set(&mut self, path: &[String], value: Value) {
        let Some((name, parent)) = path.split_last() else { return };
        if let Some(parent) = object_at(&mut self.json, parent) {
            // What stands there already was put there by a declared key.
            parent.entry(name.clone()).or_insert(value);
        }
    }
}

/// The object at `path`, made if it is not there.
fn object_at<'a>(json: &'a mut Value, path: &[String]) -> Option<&'a mut Map<String, Value>> {
    let mut here = json.as_object_mut()?;
    for name in path {
        here = here.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())).as_object_mut()?;
    }
    Some(here)
}

fn at<'a>(json: &'a mut Value, path: &[String]) -> Option<&'a mut Map<String, Value>> {
    path.iter().try_fold(json, |here, name| here.get_mut(name))?.as_object_mut()
}

/// A default as text, for the rows and the documentation; a secret's is not told.
pub(super) fn default_text(field: &Field) -> Option<String> {
    let default = field.default.as_ref().filter(|default| !default.is_null())?;
    Some(if field.ty.secret { HIDDEN.to_owned() } else { text(default) })
}
