//! How a struct is made of another one.

use std::sync::Arc;

use connect_api::{Result, Schema, SchemaBuilder, Struct, Value};

use crate::parts::{at_field, default_of, not_inside, same_or};

/// Where the fields of a struct come from, by position. `T` says what is to be done to some of them.
#[derive(Debug)]
pub(crate) struct Layout<T> {
    schema: Arc<Schema>,
    slots: Vec<Slot<T>>,
    /// Every field stays what and where it is.
    same: bool,
    /// Some slots are not simply kept.
    changes: bool,
    /// Some field has a default.
    fills: bool,
}

/// Where one field comes from; numbers are positions in the old struct.
#[derive(Debug)]
pub(crate) enum Slot<T> {
    Keep(usize),
    Change(usize, T),
    New(T),
    Inside(usize, Box<Layout<T>>),
}

impl<T> Layout<T> {
    /// The layout of structs of the `old` schema as structs of the new one, which has one field for each slot. A field
    /// that is kept has the same schema in both.
    pub(crate) fn new(schema: Arc<Schema>, slots: Vec<Slot<T>>, old: &Arc<Schema>) -> Self {
        let stays = |(place, slot): (usize, &Slot<T>)| matches!(slot, Slot::Keep(index) if *index == place);
        let same = Arc::ptr_eq(&schema, old) && slots.iter().enumerate().all(stays);
        let changes = slots.iter().any(|slot| !matches!(slot, Slot::Keep(_)));
        let fills = has_defaults(&schema);
        Self { schema, slots, same, changes, fills }
    }

    /// The layout of structs of the `old` schema as those of one that is optional when the old one is, and has its
    /// default, changed in the same way.
    ///
    /// # Errors
    /// Those of the builder, and of changing the default.
    pub(crate) fn like(
        mut builder: SchemaBuilder,
        slots: Vec<Slot<T>>,
        old: &Arc<Schema>,
        change: &impl Fn(&T, &Value) -> Result<Value>,
    ) -> Result<Self> {
        if old.is_optional() {
            builder = builder.optional();
        }
        let mut layout = Self::new(builder.clone().build()?, slots, old);
        if let Some(Value::Struct(default)) = old.default_value() {
            let mut default = default.clone();
            layout.apply(&mut default, false, change)?;
            layout.schema = builder.default_value(default).build()?;
        }
        let schema = same_or(layout.schema, old);
        Ok(Self::new(schema, layout.slots, old))
    }

    pub(crate) const fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Changes a struct into one of the new schema; `defaults` stand in for nulls when asked for. When a change fails,
    /// the struct is as it was.
    ///
    /// # Errors
    /// Those of `change`, and a data error when a nested value is no struct; both name the field.
    pub(crate) fn apply(
        &self,
        structure: &mut Struct,
        defaults: bool,
        change: &impl Fn(&T, &Value) -> Result<Value>,
    ) -> Result<()> {
        if self.same {
            // A default may come from before its schema had it.
            if !Arc::ptr_eq(structure.schema(), &self.schema) {
                structure.set_schema(&self.schema);
            }
            if defaults && self.fills {
                fill_defaults(structure);
            }
            return Ok(());
        }
        let shared = structure.is_shared();
        let mut values = if shared {
            let old = structure.values();
            self.kept(|index| old.get(index).unwrap_or(&Value::Null).clone())
        } else {
            let (old, mut none) = (structure.values_mut(), Value::Null);
            self.kept(|index| std::mem::take(old.get_mut(index).unwrap_or(&mut none)))
        };
        if self.changes || (defaults && self.fills) {
            // Nobody else has them yet, so nothing is copied.
            let places = Arc::make_mut(&mut values);
            if let Err(error) = self.change(structure, places, defaults, change) {
                if !shared {
                    self.give_back(structure.values_mut(), places);
                }
                return Err(error);
            }
            if defaults && self.fills {
                self.fill(places);
            }
        }
        *structure = Struct::unchecked(&self.schema, values);
        Ok(())
    }

    /// Kept values in the order of the slots. Of known length, so that this allocates once; and without a `match` on
    /// values, which would take them apart and put them together again.
    fn kept(&self, mut old: impl FnMut(usize) -> Value) -> Arc<[Value]> {
        let value = |slot: &Slot<T>| match slot {
            Slot::Keep(index) => old(*index),
            _ => old(usize::MAX),
        };
        self.slots.iter().map(value).collect()
    }

    /// Puts the values of all slots that are not simply kept into their places.
    fn change(
        &self,
        structure: &Struct,
        places: &mut [Value],
        defaults: bool,
        change: &impl Fn(&T, &Value) -> Result<Value>,
    ) -> Result<()> {
        let old = |index: usize| {
            if defaults { structure.at(index) } else { structure.values().get(index).unwrap_or(&Value::Null) }
        };
        for ((slot, place), field) in self.slots.iter().zip(places).zip(self.schema.fields()) {
            let changed = match slot {
                Slot::Keep(_) => continue,
                Slot::New(how) => change(how, &Value::Null),
                Slot::Change(index, how) => change(how, old(*index)),
                Slot::Inside(index, layout) => match old(*index) {
                    Value::Null => continue,
                    Value::Struct(inner) => {
                        let mut inner = inner.clone();
                        layout.apply(&mut inner, defaults, change).map(|()| inner.into())
                    }
                    other => Err(not_inside(other.kind(), "struct")),
                },
            };
            *place = changed.map_err(at_field(&field.name))?;
        }
        Ok(())
    }

    /// Puts kept values back where they came from.
    fn give_back(&self, old: &mut [Value], places: &mut [Value]) {
        for (slot, place) in self.slots.iter().zip(places) {
            if let Slot::Keep(index) = slot
                && let Some(old) = old.get_mut(*index)
            {
                *old = std::mem::take(place);
            }
        }
    }

    /// Puts defaults in the place of kept nulls.
    fn fill(&self, places: &mut [Value]) {
        for ((slot, place), field) in self.slots.iter().zip(places).zip(self.schema.fields()) {
            if matches!(slot, Slot::Keep(_)) && place.is_null() {
                *place = default_of(&field.schema).unwrap_or_default();
            }
        }
    }
}

/// Whether a null can have a default in its place.
pub(crate) fn has_defaults(schema: &Schema) -> bool {
    schema.fields().iter().any(|field| field.schema.default_value().is_some())
}

/// Puts defaults in the place of nulls.
pub(crate) fn fill_defaults(structure: &mut Struct) {
    let schema = Arc::clone(structure.schema());
    for field in schema.fields() {
        if field.schema.default_value().is_some() && structure.values().get(field.index).is_some_and(Value::is_null) {
            structure.values_mut()[field.index] = default_of(&field.schema).unwrap_or_default();
        }
    }
}
