//! Leaves fields out and renames them.

use std::marker::PhantomData;
use std::sync::Arc;

use connect_api::{Error, Flow, Record, Result, Schema, SchemaBuilder, Transform, Type, Value};

use crate::field_path::{FieldPath, FieldSyntax};
use crate::layout::{Layout, Slot};
use crate::maps::{Map, rekey};
use crate::operand::{Operand, on_key_and_value};
use crate::options::pair;
use crate::parts::{at_field, map_mut, not_inside, same_or, set_schema, struct_mut};
use crate::path_tree::{PathTree, Work};
use crate::plans::Plans;
use crate::schemas::basics;

connect_api::config! {
    /// Configuration of [`ReplaceField`].
    #[derive(Clone)]
    pub struct ReplaceFieldConfig {
        /// Fields to leave out, also when they are in include.
        #[serde(default)]
        pub exclude: Vec<String>,
        /// Fields to keep; all when there are none.
        #[serde(default)]
        pub include: Vec<String>,
        /// New names for fields, as in old:new,another:renamed.
        #[serde(default)]
        pub renames: Vec<String>,
        /// How names of fields are read: V1 as plain names, V2 as paths into nested data. A new name is a plain one.
        #[serde(rename = "field.syntax.version", default = "crate::options::v1")]
        #[schemars(extend("x-recommended" = ["V1", "V2"]))]
        pub field_syntax_version: String,
        /// Put a field's default where the field is null.
        #[serde(rename = "replace.null.with.default", default = "crate::options::yes")]
        pub replace_null_with_default: bool,
        /// The old name of exclude.
        #[serde(default)]
        #[schemars(extend("x-importance" = "low"))]
        pub blacklist: Vec<String>,
        /// The old name of include.
        #[serde(default)]
        #[schemars(extend("x-importance" = "low"))]
        pub whitelist: Vec<String>,
    }
}

impl Default for ReplaceFieldConfig {
    fn default() -> Self {
        Self {
            exclude: Vec::new(),
            include: Vec::new(),
            renames: Vec::new(),
            field_syntax_version: crate::options::v1(),
            replace_null_with_default: true,
            blacklist: Vec::new(),
            whitelist: Vec::new(),
        }
    }
}

/// Leaves fields of the key or value out, and renames others.
#[derive(Debug)]
pub struct ReplaceField<O> {
    exclude: PathTree<()>,
    /// Keeps all when there is none.
    include: Option<PathTree<()>>,
    renames: PathTree<Arc<str>>,
    defaults: bool,
    layouts: Plans<Layout<()>>,
    operand: PhantomData<O>,
}

on_key_and_value!(ReplaceField, ReplaceFieldConfig, "org.apache.kafka.connect.transforms.ReplaceField");

impl<O: Operand> Transform for ReplaceField<O> {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let datum = O::of_mut(record);
        if datum.is_null() {
            return Ok(Flow::Keep);
        }
        if datum.schema.is_none() {
            let map = map_mut::<O>(&mut datum.value)?;
            self.level().check(map)?;
            self.level().entries(map);
            return Ok(Flow::Keep);
        }
        let structure = struct_mut::<O>(&mut datum.value)?;
        let layout = self.layouts.get(structure.schema(), |schema| {
            let (builder, slots) = self.level().fields(schema)?;
            Ok(Layout::new(same_or(builder.build()?, schema), slots, schema))
        })?;
        layout.apply(structure, self.defaults, &nothing)?;
        set_schema(datum, layout.schema());
        Ok(Flow::Keep)
    }
}

/// No value is changed.
fn nothing((): &(), _: &Value) -> Result<Value> {
    Ok(Value::Null)
}

impl<O> ReplaceField<O> {
    fn configured(config: ReplaceFieldConfig) -> Result<Self> {
        let syntax = FieldSyntax::parse(&config.field_syntax_version)?;
        let exclude = paths("exclude", config.exclude.iter().chain(&config.blacklist), syntax)?;
        let include = paths("include", config.include.iter().chain(&config.whitelist), syntax)?;
        let renames = config.renames.iter().map(|item| {
            let (old, new) =
                pair(item).ok_or_else(|| Error::config(format!("{item:?} is no pair; expected old:new")))?;
            Ok((FieldPath::parse(old, syntax)?, new.into()))
        });
        let renames = renames.collect::<Result<Vec<_>>>().and_then(PathTree::of);
        Ok(Self {
            exclude,
            include: Some(include).filter(|include| !include.nodes().is_empty()),
            renames: renames.map_err(|error| error.context("renames"))?,
            defaults: config.replace_null_with_default,
            layouts: Plans::new(),
            operand: PhantomData,
        })
    }

    const fn level(&self) -> Level<'_> {
        Level { exclude: Some(&self.exclude), include: self.include.as_ref(), renames: Some(&self.renames) }
    }
}

fn paths<'a>(key: &str, items: impl Iterator<Item = &'a String>, syntax: FieldSyntax) -> Result<PathTree<()>> {
    let paths = items.map(|item| Ok((FieldPath::parse(item, syntax)?, ())));
    paths.collect::<Result<Vec<_>>>().and_then(PathTree::of).map_err(|error| error.context(key))
}

/// What is to be done to the fields of one struct or map.
#[derive(Clone, Copy)]
struct Level<'a> {
    exclude: Option<&'a PathTree<()>>,
    include: Option<&'a PathTree<()>>,
    renames: Option<&'a PathTree<Arc<str>>>,
}

/// What is to be done to one field that is kept.
struct Kept<'a> {
    renamed: Option<&'a Arc<str>>,
    /// Fields inside of it are left out or renamed.
    inside: Option<Level<'a>>,
}

impl<'a> Level<'a> {
    /// `None` when the field is left out. The old name counts.
    fn field(&self, name: &str) -> Option<Kept<'a>> {
        let exclude = match self.exclude.and_then(|tree| tree.get(name)) {
            Some(Work::Here(())) => return None,
            Some(Work::Inside(inside)) => Some(inside),
            None => None,
        };
        let include = match self.include {
            None => None,
            Some(include) => match include.get(name)? {
                Work::Here(()) => None,
                Work::Inside(inside) => Some(inside),
            },
        };
        let (renamed, renames) = match self.renames.and_then(|tree| tree.get(name)) {
            Some(Work::Here(new)) => (Some(new), None),
            Some(Work::Inside(inside)) => (None, Some(inside)),
            None => (None, None),
        };
        let touched = exclude.is_some() || include.is_some() || renames.is_some();
        Some(Kept { renamed, inside: touched.then_some(Level { exclude, include, renames }) })
    }

    fn fields(&self, schema: &Schema) -> Result<(SchemaBuilder, Vec<Slot<()>>)> {
        let mut builder = basics(schema, Schema::structure());
        let mut slots = Vec::new();
        for field in schema.fields() {
            let Some(kept) = self.field(&field.name) else { continue };
            let name = Arc::clone(kept.renamed.unwrap_or(&field.name));
            let Some(inside) = kept.inside else {
                builder = builder.field(name, &field.schema);
                slots.push(Slot::Keep(field.index));
                continue;
            };
            let named = at_field(&field.name);
            if field.schema.ty() != Type::Struct {
                return Err(named(not_inside(&field.schema, "struct")));
            }
            let inner = inside.fields(&field.schema);
            let inner = inner.and_then(|(builder, slots)| Layout::like(builder, slots, &field.schema, &nothing));
            let inner = inner.map_err(named)?;
            builder = builder.field(name, inner.schema());
            slots.push(Slot::Inside(field.index, inner.into()));
        }
        Ok((builder, slots))
    }

    /// Whether all paths lead into maps.
    fn check(&self, entries: &[(Value, Value)]) -> Result<()> {
        if !self.nests() {
            return Ok(());
        }
        for (key, value) in entries {
            let Some(name) = key.as_str() else { continue };
            let Some(Kept { inside: Some(inside), .. }) = self.field(name) else { continue };
            match value {
                Value::Null => {}
                Value::Map(inner) => inside.check(inner).map_err(at_field(name))?,
                other => return Err(at_field(name)(not_inside(other.kind(), "map"))),
            }
        }
        Ok(())
    }

    /// Whether something is to be done inside of fields.
    fn nests(&self) -> bool {
        fn leads_inside<T>(tree: Option<&PathTree<T>>) -> bool {
            tree.is_some_and(|tree| tree.nodes().iter().any(|node| matches!(node.work, Work::Inside(_))))
        }
        leads_inside(self.exclude) || leads_inside(self.include) || leads_inside(self.renames)
    }

    /// Leaves fields of a map out and renames others, which was checked.
    fn entries(&self, map: &mut Map) {
        rekey(map, |key, value| {
            let Some(name) = key.as_str() else { return Some(None) };
            let kept = self.field(name)?;
            if let (Some(inside), Value::Map(inner)) = (kept.inside, value) {
                inside.entries(inner);
            }
            Some(kept.renamed.map(|new| Arc::clone(new).into()))
        });
    }
}
