//! Sends the changes of several tables to one topic.

use std::sync::Arc;

use connect_api::{
    Datum, Error, Flow, Record, Result, Schema, SchemaBuilder, Struct, Transform, TransformPlugin, Type, Value,
};

use super::envelope::{AFTER, BEFORE, is_envelope};
use super::options::one_of;
use super::schema_names::NameAdjustment;
use crate::java_regex::{JavaRegex, Replacement};
use crate::layout::{Layout, Slot};
use crate::maps::{position, put};
use crate::plans::Plans;

connect_api::config! {
    /// Configuration of [`ByLogicalTableRouter`].
    #[derive(Clone)]
    pub struct ByLogicalTableRouterConfig {
        /// A Java regular expression that matches the whole name of the topic of a table.
        #[serde(rename = "topic.regex")]
        #[schemars(extend("x-verbatim" = true))]
        pub topic_regex: JavaRegex,
        /// The new topic; $1 and ${name} stand for groups of the expression.
        #[serde(rename = "topic.replacement")]
        #[schemars(extend("x-verbatim" = true), length(min = 1))]
        pub topic_replacement: String,
        /// Whether the key gets a field that says which table it is from.
        #[serde(rename = "key.enforce.uniqueness", default = "crate::options::yes")]
        pub key_enforce_uniqueness: bool,
        /// Name of that field.
        #[serde(rename = "key.field.name", default = "key_field_name")]
        #[schemars(extend("x-verbatim" = true), length(min = 1))]
        pub key_field_name: String,
        /// A Java regular expression for the old topic, of which that field is made; the whole topic when it does not
        /// match, or is not given.
        #[serde(rename = "key.field.regex")]
        #[schemars(extend("x-verbatim" = true))]
        pub key_field_regex: Option<JavaRegex>,
        /// What the field holds when the expression matches. Required with key.field.regex.
        #[serde(rename = "key.field.replacement", default)]
        #[schemars(extend("x-verbatim" = true))]
        pub key_field_replacement: String,
        /// What is done to names of schemas that Avro does not know: none, avro (underscores), avro_unicode.
        #[serde(rename = "schema.name.adjustment.mode", default = "none")]
        #[schemars(extend("x-recommended" = ["none", "avro", "avro_unicode"]))]
        pub schema_name_adjustment_mode: String,
        /// Without effect: what is known of schemas is kept for as many of them as there usually are.
        #[serde(rename = "logical.table.cache.size", default = "sixteen")]
        pub logical_table_cache_size: i32,
    }
}

fn key_field_name() -> String {
    "__dbz__physicalTableIdentifier".into()
}

fn none() -> String {
    "none".into()
}

const fn sixteen() -> i32 {
    16
}

/// Gives a record whose whole topic matches another topic, tells the rows of different tables apart in the key, and
/// names the schemas of key and value after the new topic.
#[derive(Debug)]
pub struct ByLogicalTableRouter {
    regex: JavaRegex,
    replacement: Replacement,
    key: Option<KeyField>,
    adjustment: NameAdjustment,
    keys: Plans<(Arc<str>, Layout<()>)>,
    envelopes: Plans<(Arc<str>, Renamed)>,
}

/// The field of the key that says which table it is from.
#[derive(Debug)]
struct KeyField {
    name: Arc<str>,
    regex: Option<(JavaRegex, Replacement)>,
}

/// The schema of an envelope under its new name.
#[derive(Debug)]
struct Renamed {
    schema: Arc<Schema>,
    /// Where the rows are, and their schemas under the new name.
    rows: Vec<(usize, Arc<Schema>)>,
}

impl TransformPlugin for ByLogicalTableRouter {
    const NAME: &'static str = "io.debezium.transforms.ByLogicalTableRouter";
    type Config = ByLogicalTableRouterConfig;

    fn new(config: ByLogicalTableRouterConfig) -> Result<Self> {
        let regex = config.key_field_regex.filter(|regex| !regex.as_str().trim().is_empty());
        if regex.is_some() && config.key_field_replacement.trim().is_empty() {
            return Err(Error::config("key.field.replacement: missing; key.field.regex needs it"));
        }
        let regex = regex.map(|regex| {
            let replacement = Replacement::new(&config.key_field_replacement, &regex);
            (regex, replacement)
        });
        let mode = &config.schema_name_adjustment_mode;
        Ok(Self {
            adjustment: one_of("schema.name.adjustment.mode", mode, &NameAdjustment::ALL)?,
            replacement: Replacement::new(&config.topic_replacement, &config.topic_regex),
            regex: config.topic_regex,
            key: config.key_enforce_uniqueness.then(|| KeyField { name: config.key_field_name.into(), regex }),
            keys: Plans::new(),
            envelopes: Plans::new(),
        })
    }
}

impl Transform for ByLogicalTableRouter {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let context = |error: Error| error.context(format_args!("topic {:?}", record.topic));
        if !self.regex.matches(&record.topic).map_err(context)? {
            return Ok(Flow::Keep);
        }
        let topic: Arc<str> = self.regex.replace_first(&record.topic, &self.replacement).map_err(context)?.into();
        if topic.is_empty() {
            tracing::warn!(topic = %record.topic, "topic.replacement makes an empty topic; the record keeps its own");
            return Ok(Flow::Keep);
        }
        let key = self.routed_key(record, &topic)?;
        if is_envelope(&record.value)
            && let Value::Struct(envelope) = &record.value.value
        {
            record.value = self.routed_envelope(envelope.clone(), &topic)?;
        }
        record.key = key;
        record.topic = topic;
        Ok(Flow::Keep)
    }
}

impl ByLogicalTableRouter {
    /// The key under its new name, with the table in it. A table without a primary key has none.
    fn routed_key(&self, record: &Record, topic: &Arc<str>) -> Result<Datum> {
        match &record.key.value {
            Value::Null => Ok(Datum::NULL),
            Value::Struct(key) => {
                let mut key = key.clone();
                let table = self.table(&record.topic)?;
                let plan = self.keys.get(key.schema(), |schema| self.key_plan(schema, topic))?;
                let other;
                let layout = if plan.0 == *topic {
                    &plan.1
                } else {
                    other = self.key_plan(key.schema(), topic)?;
                    &other.1
                };
                layout.apply(&mut key, false, &|(), _| Ok(table.clone()))?;
                Ok(key.into())
            }
            Value::Map(entries) if record.key.schema.is_none() => {
                let mut entries = entries.to_vec();
                if let Some(field) = &self.key {
                    let place = position(&entries, &field.name);
                    put(&mut entries, place, &field.name, self.table(&record.topic)?);
                }
                Ok(Datum::schemaless(entries))
            }
            other => Err(Error::data(format!("the key is {}, a struct or map was expected", other.kind()))),
        }
    }

    /// What the key says of the table; null when it says nothing.
    fn table(&self, topic: &Arc<str>) -> Result<Value> {
        Ok(match &self.key {
            None => Value::Null,
            Some(KeyField { regex: Some((regex, replacement)), .. }) if regex.matches(topic)? => {
                regex.replace_first(topic, replacement)?.into()
            }
            Some(_) => Arc::clone(topic).into(),
        })
    }

    fn key_plan(&self, schema: &Arc<Schema>, topic: &Arc<str>) -> Result<(Arc<str>, Layout<()>)> {
        let mut builder = self.renamed(schema, &format!("{topic}.Key"));
        let mut slots = Vec::new();
        for field in schema.fields() {
            builder = builder.field(Arc::clone(&field.name), &field.schema);
            slots.push(Slot::Keep(field.index));
        }
        if let Some(field) = &self.key {
            builder = builder.field(Arc::clone(&field.name), Schema::required(Type::String));
            slots.push(Slot::New(()));
        }
        Ok((Arc::clone(topic), Layout::new(builder.build()?, slots, schema)))
    }

    fn routed_envelope(&self, mut envelope: Struct, topic: &Arc<str>) -> Result<Datum> {
        let plan = self.envelopes.get(envelope.schema(), |schema| self.envelope_plan(schema, topic))?;
        let other;
        let renamed = if plan.0 == *topic {
            &plan.1
        } else {
            other = self.envelope_plan(envelope.schema(), topic)?;
            &other.1
        };
        for (index, schema) in &renamed.rows {
            if let Some(Value::Struct(row)) = envelope.values_mut().get_mut(*index) {
                row.set_schema(schema);
            }
        }
        envelope.set_schema(&renamed.schema);
        Ok(envelope.into())
    }

    fn envelope_plan(&self, schema: &Arc<Schema>, topic: &Arc<str>) -> Result<(Arc<str>, Renamed)> {
        let mut builder = self.renamed(schema, &format!("{topic}.Envelope"));
        let mut rows = Vec::new();
        for field in schema.fields() {
            let name = Arc::clone(&field.name);
            if matches!(&*name, BEFORE | AFTER) && field.schema.ty() == Type::Struct {
                let fields = field.schema.fields().iter();
                let row = fields.fold(self.renamed(&field.schema, &format!("{topic}.Value")), |row, field| {
                    row.field(Arc::clone(&field.name), &field.schema)
                });
                let row = row.build()?;
                builder = builder.field(name, &row);
                rows.push((field.index, row));
            } else {
                builder = builder.field(name, &field.schema);
            }
        }
        Ok((Arc::clone(topic), Renamed { schema: builder.build()?, rows }))
    }

    /// A struct described as the old one, under a new name, without fields.
    fn renamed(&self, old: &Schema, name: &str) -> SchemaBuilder {
        let mut builder = Schema::structure().name(self.adjustment.adjust(name));
        if let Some(version) = old.version() {
            builder = builder.version(version);
        }
        if let Some(doc) = old.doc() {
            builder = builder.doc(doc);
        }
        for (name, value) in old.parameters() {
            builder = builder.parameter(Arc::clone(name), Arc::clone(value));
        }
        if old.is_optional() { builder.optional() } else { builder }
    }
}
