//! From text to arrays and maps.

use std::collections::HashMap;
use std::sync::Arc;

use crate::{Datum, Schema, Type, Value};

use super::Values;
use super::convert::{Common, convert};
use super::parse::{Read, Unreadable, embedded};
use super::token::Tokens;

/// How deep containers may nest; a text with more of them is a string. It bounds the stack.
const DEPTH: usize = 128;

/// An array after its opening bracket.
pub(super) fn array(values: &Values, tokens: &mut Tokens<'_>, depth: usize) -> Read {
    if depth > DEPTH {
        return Err(Unreadable);
    }
    let mut elements = Vec::new();
    let mut common = Common::Any;
    while !tokens.take("]") {
        let element = embedded(values, tokens, depth)?;
        common.add(&element);
        elements.push(element.value);
        // A comma before the end is allowed.
        if !tokens.take(",") && !Tokens::take(&mut tokens.clone(), "]") {
            return Err(Unreadable);
        }
    }
    let schema = match common.schema() {
        Some(schema) => {
            for element in &mut elements {
                align(values, &schema, element)?;
            }
            Schema::array(schema)
        }
        None => Schema::builder(Type::Array),
    };
    Ok(Datum::new(schema.build().map_err(|_| Unreadable)?, elements))
}

/// A map after its opening brace.
pub(super) fn map(values: &Values, tokens: &mut Tokens<'_>, depth: usize) -> Read {
    if depth > DEPTH {
        return Err(Unreadable);
    }
    let mut entries = Entries::default();
    let (mut keys, mut parts) = (Common::Any, Common::Any);
    while !tokens.take("}") {
        let key = embedded(values, tokens, depth)?;
        if key.is_null() || !tokens.take(":") {
            return Err(Unreadable);
        }
        let value = embedded(values, tokens, depth)?;
        tokens.take(",");
        keys.add(&key);
        parts.add(&value);
        entries.put(key.value, value.value);
    }
    let (keys, parts) = (keys.schema(), parts.schema());
    let schema = match (&keys, &parts) {
        (Some(keys), parts) => Schema::map(Arc::clone(keys), parts.clone()),
        (None, _) => Schema::builder(Type::Map),
    };
    if let Some(keys) = &keys {
        let mut aligned = Entries::default();
        for (mut key, mut value) in entries.entries {
            align(values, keys, &mut key)?;
            if let Some(parts) = &parts {
                align(values, parts, &mut value)?;
            }
            aligned.put(key, value);
        }
        entries = aligned;
    }
    Ok(Datum::new(schema.build().map_err(|_| Unreadable)?, entries.entries))
}

/// The entries of a map. A key that comes again keeps its place and has the later value.
#[derive(Default)]
struct Entries {
    entries: Vec<(Value, Value)>,
    places: HashMap<Value, usize>,
}

impl Entries {
    fn put(&mut self, key: Value, value: Value) {
        match self.places.get(&key) {
            Some(&place) => self.entries[place].1 = value,
            None => {
                self.places.insert(key.clone(), self.entries.len());
                self.entries.push((key, value));
            }
        }
    }
}

fn align(values: &Values, schema: &Schema, member: &mut Value) -> Result<(), Unreadable> {
    *member = convert(values, schema, std::mem::take(member)).map_err(|_| Unreadable)?;
    Ok(())
}
