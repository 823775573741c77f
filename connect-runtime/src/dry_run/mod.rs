//! Trying a connector's transforms on records without running the connector.
//!
//! A [`DryRun`] is made by [`Worker::dry_run`](crate::Worker::dry_run) of a Connect configuration; it says of each record
//! what every step of the chain did to it. No broker, no system and no connector is asked.
//!
//! Records are given as JSON, one after another or in an array. All of a record's members may be left out:
//!
//! | member | |
//! |---|---|
//! | `topic`, `partition`, `offset`, `timestamp` | text and numbers; the topic is `records` unless told |
//! | `key`, `value` | any JSON; with a schema when it is `{"schema": ..., "payload": ...}` |
//! | `keySchema`, `valueSchema` | the schema of `key`, `value`, as the JSON converter writes it |
//! | `rawKey`, `rawValue` | text that the configuration's converters read, or the worker's |
//! | `headers` | `[{"key": ..., "value": ..., "schema": ...}]` |
//!
//! Values of config providers are shown as their variables here too, also where a transform puts them into a record.

mod input;
mod json;
mod parts;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::config::ConfigErrors;
use connect_api::{Converter, ConverterKind, ConverterPlugin as _, Error, Flow, Record, Result};
use connect_converters::{JsonConverter, JsonConverterConfig};

use crate::chain::Chain;
use crate::config::Build;
use crate::providers::{Hidden, Resolved};
use crate::worker::Environment;

/// The transforms of a configuration, to be tried on records.
pub struct DryRun {
    chain: Chain,
    key: Arc<dyn Converter>,
    value: Arc<dyn Converter>,
    shared: Arc<Shared>,
    warnings: Vec<String>,
}

/// What reading and showing need.
struct Shared {
    with_schemas: JsonConverter,
    without: JsonConverter,
    hidden: Hidden,
}

/// What became of a record, step by step. It prints itself for people; [`to_json`](Self::to_json) is for machines.
pub struct Trace {
    number: usize,
    /// The record, or why it could not be read.
    input: Result<Record>,
    steps: Vec<Step>,
    shared: Arc<Shared>,
}

/// A step of the chain.
struct Step {
    alias: Arc<str>,
    class: Arc<str>,
    did: Did,
    /// The record after it; half changed when the step failed.
    after: Record,
}

enum Did {
    Changed,
    Nothing,
    /// For the answer of this predicate.
    Skipped {
        predicate: Arc<str>,
        answer: bool,
    },
    Dropped,
    Failed(Error),
}

/// How a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It would go on.
    Kept,
    /// A step dropped it.
    Dropped,
    /// A step, or its reading, failed.
    Failed,
}

impl DryRun {
    pub(crate) async fn new(
        environment: &Environment,
        properties: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigErrors> {
        let Resolved { properties, mut warnings, hidden, .. } = environment.providers.resolve(properties).await?;
        let (tasks, more) = Build::new(&environment.plugins, &environment.clients, &properties, &hidden)
            .chain_alone()
            .map_err(|errors| hidden.config_errors(errors))?;
        warnings.extend(more.iter().map(|warning| hidden.text(warning)));
        let json = |schemas_enable| {
            let config = JsonConverterConfig { schemas_enable, ..JsonConverterConfig::default() };
            JsonConverter::new(config, ConverterKind::Value).map_err(|error| {
                let mut errors = ConfigErrors::new();
                errors.add("", None, error.to_string());
                errors
            })
        };
        let shared = Shared { with_schemas: json(true)?, without: json(false)?, hidden };
        Ok(Self {
            chain: tasks.chain,
            key: tasks.key_converter.unwrap_or_else(|| environment.key_converter.clone()).plugin,
            value: tasks.value_converter.unwrap_or_else(|| environment.value_converter.clone()).plugin,
            shared: Arc::new(shared),
            warnings,
        })
    }

    /// What an operator should hear of the configuration.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Tries records given as JSON text; see the [module](self) for its form. Each is tried when it is asked for.
    ///
    /// # Errors
    /// A data error when the text is not of that form. A key or value that cannot be converted is in its record's trace.
    pub fn records(&self, text: &str) -> Result<impl Iterator<Item = Trace> + use<'_>> {
        let inputs = input::parse(text)?;
        Ok(inputs.into_iter().enumerate().map(|(index, input)| self.trace(index + 1, input.record(self))))
    }

    /// Tries a record.
    #[must_use]
    pub fn record(&self, record: Record) -> Trace {
        self.trace(1, Ok(record))
    }

    fn trace(&self, number: usize, input: Result<Record>) -> Trace {
        let input = input.map_err(|error| self.shared.hidden.error(error));
        let mut steps: Vec<Step> = Vec::new();
        if let Ok(record) = &input {
            let mut record = record.clone();
            for stage in self.chain.stages() {
                let before = record.clone();
                let did = match stage.skipped_by(&record) {
                    Some((predicate, answer)) => Did::Skipped { predicate, answer },
                    None => match stage.transform(&mut record) {
                        Ok(Flow::Keep) if record == before => Did::Nothing,
                        Ok(Flow::Keep) => Did::Changed,
                        Ok(Flow::Drop) => Did::Dropped,
                        Err(failed) => {
                            Did::Failed(self.shared.hidden.error(failed.error.context(place(number, &before))))
                        }
                    },
                };
                let last = matches!(did, Did::Dropped | Did::Failed(_));
                let (alias, class) = (Arc::clone(stage.alias()), Arc::clone(stage.class()));
                steps.push(Step { alias, class, did, after: record.clone() });
                if last {
                    break;
                }
            }
        }
        Trace { number, input, steps, shared: Arc::clone(&self.shared) }
    }
}

/// The record in a few words, for errors: never its content.
fn place(number: usize, record: &Record) -> String {
    let partition = record.partition.map_or_else(String::new, |partition| format!(", partition {partition}"));
    let offset = record.kafka_offset().map_or_else(String::new, |offset| format!(", offset {offset}"));
    format!("record {number} at topic {:?}{partition}{offset}", record.topic)
}

impl Trace {
    /// How the record ended.
    #[must_use]
    pub fn ended(&self) -> Ended {
        match (&self.input, self.steps.last().map(|step| &step.did)) {
            (Err(_), _) | (_, Some(Did::Failed(_))) => Ended::Failed,
            (_, Some(Did::Dropped)) => Ended::Dropped,
            _ => Ended::Kept,
        }
    }

    /// The record as it would go on.
    #[must_use]
    pub fn output(&self) -> Option<&Record> {
        let record = self.steps.last().map_or(self.input.as_ref().ok(), |step| Some(&step.after));
        record.filter(|_| self.ended() == Ended::Kept)
    }

    /// Why it failed, if it did.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match (&self.input, self.steps.last().map(|step| &step.did)) {
            (Err(error), _) | (_, Some(Did::Failed(error))) => Some(error),
            _ => None,
        }
    }

    /// Each step with the record before and after it.
    fn transitions(&self) -> impl Iterator<Item = (&Record, &Step)> {
        let input = self.input.as_ref().ok();
        let befores = input.into_iter().chain(self.steps.iter().map(|step| &step.after));
        befores.zip(&self.steps)
    }
}

impl std::fmt::Debug for DryRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DryRun").field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trace").field("number", &self.number).field("ended", &self.ended()).finish_non_exhaustive()
    }
}
