//! Drops changes of schemas.

use std::collections::BTreeSet;

use connect_api::{Datum, Error, Flow, Record, Result, Transform, TransformPlugin, Value};

use super::envelope::column;
use super::options::one_of;

/// What changes of schemas do.
const KINDS: [(&str, &str); 5] =
    [("CREATE", "CREATE"), ("ALTER", "ALTER"), ("DROP", "DROP"), ("TRUNCATE", "TRUNCATE"), ("DATABASE", "DATABASE")];

const EXCLUDE: &str = "schema.change.event.exclude.list";

connect_api::config! {
    /// Configuration of [`SchemaChangeEventFilter`].
    #[derive(Clone)]
    pub struct SchemaChangeEventFilterConfig {
        /// Kinds of changes to drop: CREATE, ALTER, DROP and TRUNCATE of tables, and DATABASE.
        #[serde(rename = "schema.change.event.exclude.list")]
        #[schemars(length(min = 1))]
        pub schema_change_event_exclude_list: Vec<String>,
    }
}

/// Drops changes of schemas of some kinds, and those that do not say which tables they change. What is no change of a
/// schema goes on.
#[derive(Debug)]
pub struct SchemaChangeEventFilter {
    excluded: BTreeSet<&'static str>,
}

impl TransformPlugin for SchemaChangeEventFilter {
    const NAME: &'static str = "io.debezium.transforms.SchemaChangeEventFilter";
    type Config = SchemaChangeEventFilterConfig;

    fn new(config: SchemaChangeEventFilterConfig) -> Result<Self> {
        let kinds = config.schema_change_event_exclude_list.iter().map(|kind| one_of(EXCLUDE, kind, &KINDS));
        Ok(Self { excluded: kinds.collect::<Result<_>>()? })
    }
}

impl Transform for SchemaChangeEventFilter {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        if !is_schema_change(&record.value) {
            return Ok(Flow::Keep);
        }
        let kind = match column(&record.value.value, "tableChanges")? {
            Value::Null => return Ok(Flow::Drop),
            Value::Array(changes) => match changes.first() {
                None => "DATABASE",
                Some(change) => change.get("type").and_then(Value::as_str).unwrap_or_default(),
            },
            other => {
                let found = other.kind();
                return Err(Error::data(format!("field \"tableChanges\": an array was expected, {found} was found")));
            }
        };
        if !KINDS.iter().any(|(known, _)| *known == kind) {
            return Err(Error::data(format!("a change of a table is of no known type: {kind:?}")));
        }
        Ok(if self.excluded.contains(kind) { Flow::Drop } else { Flow::Keep })
    }
}

/// Whether data says how a schema changed: by the name of its schema, or, of a map, by its entries.
fn is_schema_change(datum: &Datum) -> bool {
    match &datum.value {
        Value::Struct(structure) => structure
            .schema()
            .name()
            .is_some_and(|name| name.ends_with(".SchemaChangeValue") || name.ends_with(".SchemaChangeKey")),
        map @ Value::Map(_) => datum.schema.is_none() && map.get("tableChanges").is_some() && map.get("ddl").is_some(),
        _ => false,
    }
}
