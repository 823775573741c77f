//! One check for all rows: transforms and records as JSON.
//!
//! A record is listed by what differs from the base record: `topic`, `partition`, `ts`, the key `k` of schema `ks`, the
//! value `v` of schema `vs`, headers `h` as `[name, schema, value]`, and `sink`. Without a schema values say their type.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{
    Flow, Header, PredicatePlugin, Record, Result, SinkRecord, TimestampType, TopicPartition, Transform,
    TransformPlugin, config,
};
use connect_transforms::{Registry, register};
use serde_json::Value as Json;

use crate::notation::{datum, described};

/// What a transform makes of a record: the parts that differ, or an error that holds this text.
#[track_caller]
pub(crate) fn check(class: &str, settings: &Json, input: &Json, expect: Result<Json, &str>) {
    let made = transform(class, settings).unwrap_or_else(|| panic!("no transform {class:?}"));
    let before = record(input);
    let mut after = before.clone();
    let outcome = made.and_then(|transform| transform.transform(&mut after));
    match (outcome, expect) {
        (Ok(Flow::Keep), Ok(output)) => assert_eq!(described(&after), described(&changed(input, &output)), "{input}"),
        (Ok(Flow::Drop), _) => panic!("{input} was dropped"),
        (Err(error), Err(text)) => {
            let said = format!("{error:?}");
            assert!(said.contains(text), "{input}: {said:?} should say {text:?}");
            assert_eq!(after, before, "{input} failed and was changed");
        }
        (Err(error), Ok(_)) => panic!("{input} failed: {error:?}"),
        (Ok(_), Err(text)) => panic!("{input} became {}, expected an error with {text:?}", described(&after)),
    }
}

/// A record that a transform drops.
#[track_caller]
pub(crate) fn dropped(class: &str, settings: &Json, input: &Json) {
    let made = transform(class, settings).unwrap_or_else(|| panic!("no transform {class:?}"));
    let outcome = made.and_then(|transform| transform.transform(&mut record(input)));
    assert!(matches!(outcome, Ok(Flow::Drop)), "{input} was not dropped: {outcome:?}");
}

/// A configuration that is refused with all of these texts.
#[track_caller]
pub(crate) fn refuse(class: &str, settings: &Json, texts: &[&str]) {
    let Some(Err(error)) = transform(class, settings) else { panic!("{class} took {settings}") };
    assert_eq!(error.kind(), connect_api::ErrorKind::Config);
    for text in texts {
        assert!(error.to_string().contains(text), "{error} should say {text:?}");
    }
}

/// The record of `input` with the parts that `output` lists.
fn changed(input: &Json, output: &Json) -> Record {
    let mut whole = input.clone();
    for (part, value) in output.as_object().unwrap() {
        whole[part] = value.clone();
    }
    // A part without a schema has none, whatever it had before.
    for (part, schema) in [("v", "vs"), ("k", "ks")] {
        if output.get(part).is_some() && output.get(schema).is_none() {
            whole[schema] = Json::Null;
        }
    }
    record(&whole)
}

type Settings = BTreeMap<String, String>;
type Make = fn(&Settings) -> Result<Box<dyn Transform>>;

/// All transforms by name.
#[derive(Default)]
struct Makers(Vec<(&'static str, Make)>);

impl Registry for Makers {
    fn transform<T: TransformPlugin>(mut self) -> Self {
        let make: Make = |settings| Ok(Box::new(T::new(config::parse::<T::Config>(settings)?.config)?));
        self.0.push((T::NAME, make));
        self
    }

    fn predicate<P: PredicatePlugin>(self) -> Self {
        self
    }
}

/// The transform of this class, its package left out; `None` when there is none of the name.
pub(crate) fn transform(class: &str, settings: &Json) -> Option<Result<Box<dyn Transform>>> {
    let settings = settings.as_object().into_iter().flatten();
    let settings = settings.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect();
    let makers = register(Makers::default()).0;
    let (_, make) = makers.into_iter().find(|(name, _)| name.rsplit('.').next() == Some(class))?;
    Some(make(&settings))
}

/// The record that vectors start from, with the parts that are given.
pub(crate) fn record(parts: &Json) -> Record {
    let text = parts["topic"].as_str().unwrap_or("orders");
    let mut record = Record::new(text, datum(&parts["vs"], &parts["v"])).with_key(datum(&parts["ks"], &parts["k"]));
    record.partition = integer(parts, "partition", 3).and_then(|partition| partition.try_into().ok());
    record.timestamp = integer(parts, "ts", 1_566_570_894_346);
    record.headers = parts["h"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|header| Header { key: header[0].as_str().unwrap().into(), value: datum(&header[1], &header[2]) })
        .collect();
    if parts["sink"] == false {
        return record;
    }
    let origin = Arc::new(TopicPartition::new("orders", 3));
    SinkRecord::new(record, origin, 42, TimestampType::CreateTime).record
}

fn integer(parts: &Json, name: &str, default: i64) -> Option<i64> {
    parts.get(name).map_or(Some(default), Json::as_i64)
}
