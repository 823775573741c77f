//! Schemas from JSON.

use std::borrow::Cow;
use std::sync::Arc;

use connect_api::{Error, Result, Schema, SchemaBuilder, Type};

use super::cursor::{Cursor, Kind};
use super::read::Reader;
use super::schema_write::type_name;

/// The members of a JSON object, values unread. Schemas are read once and then known by their text, so reading
/// inner parts once more on each level does not matter.
struct Parts<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Parts<'a> {
    fn of(text: &'a str, what: &str) -> Result<Self> {
        let mut cursor = Cursor::new(text);
        if cursor.kind()? != Kind::Object {
            return Err(Error::data(format!("{what} is not an object: {text}")));
        }
        let mut parts = Vec::new();
        cursor.object(|cursor, key| {
            parts.push((key, cursor.skip()?));
            Ok(())
        })?;
        Ok(Self(parts))
    }

    /// The last one of this name.
    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rfind(|(key, _)| key == name).map(|(_, text)| *text)
    }

    /// A member that is a string; any other is as good as none.
    fn string(&self, name: &str) -> Result<Option<Cow<'a, str>>> {
        match self.get(name).filter(|text| text.starts_with('"')) {
            Some(text) => Cursor::new(text).string().map(Some),
            None => Ok(None),
        }
    }
}

impl Reader {
    /// The schema of a text, which is JSON; `None` for null.
    pub(super) fn schema(self, text: &str) -> Result<Option<Arc<Schema>>> {
        if text == "null" {
            return Ok(None);
        }
        let parts = Parts::of(text, "the schema")?;
        let names = || Type::ALL.map(type_name).join(", ");
        let name = parts.string("type")?.ok_or_else(|| Error::data("a schema has no \"type\" that is a string"))?;
        let ty = Type::ALL
            .into_iter()
            .find(|ty| type_name(*ty) == name)
            .ok_or_else(|| Error::data(format!("no schema type {name:?}; possible: {}", names())))?;
        let builder = match ty {
            Type::Array => Schema::array(self.part(&parts, "items")?),
            Type::Map => Schema::map(self.part(&parts, "keys")?, self.part(&parts, "values")?),
            Type::Struct => self.fields(&parts)?,
            _ => Schema::builder(ty),
        };
        let schema = describe(builder, &parts)?.build()?;
        let default = match parts.get("default") {
            Some(default) => self
                .value(Some(&schema), &mut Cursor::new(default))
                .map_err(|error| error.context(format_args!("the default of type {schema}")))?,
            None => return Ok(Some(schema)),
        };
        if default.is_null() {
            return Ok(Some(schema));
        }
        schema.to_builder().default_value(default).build().map(Some)
    }

    fn part(self, parts: &Parts<'_>, name: &str) -> Result<Arc<Schema>> {
        let schema = parts.get(name).map(|text| self.schema(text)).transpose()?.flatten();
        schema.ok_or_else(|| Error::data(format!("the schema does not say its {name:?}")))
    }

    fn fields(self, parts: &Parts<'_>) -> Result<SchemaBuilder> {
        let missing = || Error::data("the schema of a struct has no array \"fields\"");
        let mut cursor = Cursor::new(parts.get("fields").ok_or_else(missing)?);
        if cursor.kind()? != Kind::Array {
            return Err(missing());
        }
        let mut fields = Vec::new();
        cursor.array(|cursor| {
            let text = cursor.skip()?;
            let name = Parts::of(text, "a field")?.string("field")?;
            let name = name.ok_or_else(|| Error::data("a field has no \"field\" that is a string"))?;
            let schema = self.schema(text).map_err(|error| error.context(format_args!("field {name:?}")))?;
            let schema = schema.ok_or_else(|| Error::data(format!("field {name:?} has no schema")))?;
            fields.push((name, schema));
            Ok(())
        })?;
        Ok(fields.into_iter().fold(Schema::structure(), |builder, (name, schema)| builder.field(name, schema)))
    }
}

/// What a schema of any type may have. What is of the wrong type is ignored, as in Kafka.
fn describe(mut builder: SchemaBuilder, parts: &Parts<'_>) -> Result<SchemaBuilder> {
    if parts.get("optional") == Some("true") {
        builder = builder.optional();
    }
    if let Some(name) = parts.string("name")? {
        builder = builder.name(name);
    }
    if let Some(version) = parts.get("version").and_then(|text| text.parse().ok()) {
        builder = builder.version(version);
    }
    if let Some(doc) = parts.string("doc")? {
        builder = builder.doc(doc);
    }
    if let Some(text) = parts.get("parameters").filter(|text| text.starts_with('{')) {
        let parameters = Parts::of(text, "the parameters")?;
        for (name, _) in &parameters.0 {
            let value = parameters.string(name)?;
            let value = value.ok_or_else(|| Error::data(format!("the parameter {name:?} is not a string")))?;
            builder = builder.parameter(&**name, value);
        }
    }
    Ok(builder)
}
