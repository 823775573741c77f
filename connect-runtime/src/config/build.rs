//! From a map of strings to a connector that can be started, or to everything that is wrong with it.

use std::collections::BTreeMap;
use std::time::Duration;

use connect_api::ConverterKind;
use connect_api::config::{self, Config, ConfigErrors};
use connect_transforms::JavaRegex;

use super::common::{
    Common, ExactlyOnce, ReloadAction, Sink, Source, Tolerance, is_common, is_plugin_version, wrong_name,
};
use super::connector::{ErrorOptions, SinkOptions, SourceOptions, TaskOptions, Topics};
use super::topics::TopicRules;
use crate::clients::{ClientSettings, is_override};
use crate::convert::Named;
use crate::plugins::{Instance, PluginKind, Plugins, version};
use crate::providers::{Hidden, guard_sink, guard_source};
use crate::retry::RetryPolicy;
use crate::worker::Job;

pub(super) type Properties = BTreeMap<String, String>;

/// A connector that can be started, and what its operator should hear.
pub(crate) struct Built {
    pub(crate) job: Job,
    pub(crate) warnings: Vec<String>,
    /// Whether it is restarted when values of config providers change.
    pub(crate) reload: bool,
}

/// What is wrong with a configuration, and the connector if its own part could be read: then its own check can still
/// say what it thinks of it.
pub(crate) struct Wrong {
    pub(crate) errors: ConfigErrors,
    pub(crate) instance: Option<Instance>,
}

/// Reads a connector's configuration.
pub(crate) struct Build<'a> {
    pub(super) plugins: &'a Plugins,
    clients: &'a ClientSettings,
    pub(super) properties: &'a Properties,
    hidden: &'a Hidden,
    pub(super) errors: ConfigErrors,
    pub(super) warnings: Vec<String>,
}

impl<'a> Build<'a> {
    /// `properties` are those with the values that are `hidden`.
    pub(crate) fn new(
        plugins: &'a Plugins,
        clients: &'a ClientSettings,
        properties: &'a Properties,
        hidden: &'a Hidden,
    ) -> Self {
        Self { plugins, clients, properties, hidden, errors: ConfigErrors::new(), warnings: Vec::new() }
    }

    /// # Errors
    /// Everything that is wrong, each with its key.
    pub(crate) fn build(mut self) -> Result<Built, Wrong> {
        let common = self.parse::<Common>();
        let instance = self.connector();
        let sink = if self.kind() == Some(PluginKind::Sink) { self.parse::<Sink>() } else { None };
        if self.kind() == Some(PluginKind::Source) {
            self.source();
        }
        self.name(common.as_ref());
        self.versions();
        let tasks = common.as_ref().map(|common| self.tasks(common));
        let topics = match (&sink, &common) {
            (Some(sink), Some(common)) => self.topics(sink, common.dead_letters.trim()),
            _ => None,
        };
        let created = self.clients(common.as_ref());
        if !self.errors.is_empty() {
            return Err(Wrong { errors: self.errors, instance });
        }
        let reload = common.as_ref().is_some_and(|common| common.reload == ReloadAction::Restart);
        let job = match (common, tasks, instance, topics) {
            (Some(common), Some(mut tasks), Some(Instance::Source(connector)), ..) => {
                tasks.topics = created;
                let options = SourceOptions {
                    name: common.name.into(),
                    tasks_max: common.tasks_max,
                    enforce_tasks_max: common.enforce_tasks_max,
                    tasks,
                };
                Job::Source { options, connector }
            }
            (Some(common), Some(tasks), Some(Instance::Sink(connector)), Some(topics)) => {
                let options = SinkOptions { name: common.name.into(), tasks_max: common.tasks_max, tasks, topics };
                Job::Sink { options, connector }
            }
            // Whatever is missing left an error above.
            _ => {
                self.errors.add("", None, "the configuration could not be read");
                return Err(Wrong { errors: self.errors, instance: None });
            }
        };
        Ok(Built { job, warnings: self.warnings, reload })
    }

    /// Reads transforms, predicates and converters, and leaves the rest aside. With them come warnings.
    ///
    /// # Errors
    /// What is wrong with these keys.
    pub(crate) fn chain_alone(mut self) -> Result<(TaskOptions, Vec<String>), ConfigErrors> {
        let tasks = self.parse::<Common>().map(|common| self.tasks(&common));
        let mut errors = ConfigErrors::new();
        let roots = ["transforms", "predicates", "key.converter", "value.converter", "header.converter"];
        for error in self.errors {
            let belongs =
                |root: &&str| error.key.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            if tasks.is_none() || roots.iter().any(belongs) {
                errors.add(error.key, error.value, error.message);
            }
        }
        errors.into_result()?;
        Ok((tasks.unwrap_or_default(), self.warnings))
    }

    /// Reads the keys of the runtime. When some are wrong that is noted, and the others are read all the same, so
    /// that what depends on them is checked too.
    fn parse<C: Config>(&mut self) -> Option<C> {
        self.parse_of::<C>(self.properties)
    }

    fn parse_of<C: Config>(&mut self, properties: &Properties) -> Option<C> {
        let errors = match config::parse_with::<C>(properties, &|_| true) {
            Ok(parsed) => return Some(parsed.config),
            Err(errors) => errors,
        };
        let mut sound = properties.clone();
        for error in &errors {
            sound.remove(&error.key);
        }
        for required in ["name", "connector.class"] {
            sound.entry(required.to_owned()).or_insert_with(|| "unknown".to_owned());
        }
        self.errors.merge(errors);
        config::parse_with::<C>(&sound, &|_| true).ok().map(|parsed| parsed.config)
    }

    /// Checks the keys of every source.
    fn source(&mut self) {
        let mut properties = self.properties.clone();
        for key in Source::ANY_CASE {
            if let Some(value) = properties.get_mut(key) {
                value.make_ascii_lowercase();
            }
        }
        let source = self.parse_of::<Source>(&properties);
        if source.is_some_and(|source| source.exactly_once == ExactlyOnce::Required) {
            let key = "exactly.once.support=required";
            self.warnings.push(format!("{key} has no effect: this worker delivers a source's records at least once"));
        }
    }

    fn name(&mut self, common: Option<&Common>) {
        let Some(name) = common.map(|common| &common.name) else { return };
        if let Some(wrong) = wrong_name(name) {
            self.errors.add("name", Some(name.clone()), wrong);
        }
    }

    /// Checks versions of plugins that are asked for; there is one of each. As in Kafka Connect both keys are wrong, that
    /// of the version and that of the class.
    fn versions(&mut self) {
        for (key, asked) in self.properties.iter().filter(|(key, _)| is_plugin_version(key)) {
            let owner = key.strip_suffix(".plugin.version").unwrap_or(key);
            let (kinds, class): (&[PluginKind], _) = match owner {
                "connector" => (&[PluginKind::Source, PluginKind::Sink], "connector.class".to_owned()),
                "header.converter" => (&[PluginKind::HeaderConverter], owner.to_owned()),
                "key.converter" | "value.converter" => (&[PluginKind::Converter], owner.to_owned()),
                _ if owner.starts_with("transforms.") => (&[PluginKind::Transformation], format!("{owner}.type")),
                _ => (&[PluginKind::Predicate], format!("{owner}.type")),
            };
            let named = self.properties.get(&class);
            let info = named.and_then(|name| kinds.iter().find_map(|kind| Some(self.plugins.keyed(*kind, name)?.0)));
            let Some(info) = info else { continue };
            if let Err(error) = version::check(info.class, info.version, asked) {
                self.errors.add(class, None, error.to_string());
                self.errors.add(key, None, error.to_string());
            }
        }
    }

    fn class_name(&self) -> Option<&'a str> {
        self.properties.get("connector.class").map(|class| class.trim()).filter(|class| !class.is_empty())
    }

    /// Whether the connector is a source or a sink, whatever its configuration says besides.
    fn kind(&self) -> Option<PluginKind> {
        Some(self.plugins.connector(self.class_name()?).ok()?.info.kind)
    }

    fn connector(&mut self) -> Option<Instance> {
        let class = self.class_name()?;
        let plugin = match self.plugins.connector(class) {
            Ok(plugin) => plugin,
            Err(error) => {
                self.errors.add("connector.class", Some(class.to_owned()), error.to_string());
                return None;
            }
        };
        match (plugin.configure)(self.properties, &is_common) {
            Ok((instance, warnings)) => {
                self.warnings.extend(warnings);
                Some(match instance {
                    Instance::Source(source) => Instance::Source(guard_source(source, self.hidden)),
                    Instance::Sink(sink) => Instance::Sink(guard_sink(sink, self.hidden)),
                })
            }
            Err(errors) => {
                self.errors.merge(errors);
                None
            }
        }
    }

    /// Checks what the connector's clients are told. Gives how a source's topics are made.
    fn clients(&mut self, common: Option<&Common>) -> Option<TopicRules> {
        let kind = self.kind()?;
        let (errors, warnings) = self.clients.check(self.properties, kind);
        self.errors.merge(errors);
        self.warnings.extend(warnings);
        if kind == PluginKind::Sink {
            let key = "consumer.override.group.instance.id";
            if common.is_some_and(|common| common.tasks_max > 1) && self.properties.contains_key(key) {
                self.errors.add(key, None, "several tasks would have the same one; it needs tasks.max=1");
            }
            return None;
        }
        let rules = TopicRules::read(self.properties);
        match rules {
            Ok(Some(_)) if !self.clients.topic_creation() => {
                self.warnings.push("topic.creation.* has no effect: the worker has topic.creation.enable=false".into());
                None
            }
            Ok(Some((rules, warnings))) => {
                self.warnings.extend(warnings);
                Some(rules)
            }
            Ok(None) => None,
            Err(errors) => {
                self.errors.merge(errors);
                None
            }
        }
    }

    fn tasks(&mut self, common: &Common) -> TaskOptions {
        let mut tasks = TaskOptions {
            errors: errors(common),
            progress_deadline: common.progress_deadline.map(millis),
            restart: common.restart.then(|| RetryPolicy {
                first: Duration::from_secs(1),
                longest: millis(common.restart_backoff_max),
                budget: None,
            }),
            overrides: self.properties.clone().into_iter().filter(|(key, _)| is_override(key)).collect(),
            hidden: self.hidden.clone(),
            ..TaskOptions::default()
        };
        tasks.key_converter = self.converter(common.key_converter.as_deref(), "key.converter", ConverterKind::Key);
        tasks.value_converter =
            self.converter(common.value_converter.as_deref(), "value.converter", ConverterKind::Value);
        if let Some(class) = &common.header_converter {
            let made = self.plugins.make_header_converter(class, &prefixed(self.properties, "header.converter."));
            tasks.header_converter =
                self.made(made, "header.converter").map(|made| Named::new(self.plugins.class_of(class), made));
        }
        tasks.chain = self.chain(common);
        tasks
    }

    fn topics(&mut self, sink: &Sink, dead_letters: &str) -> Option<Topics> {
        let regex = sink.topics_regex.trim();
        match (sink.topics.is_empty(), regex.is_empty()) {
            (false, false) | (true, true) => {
                let message = if regex.is_empty() {
                    "one of topics and topics.regex is required"
                } else {
                    "only one of topics and topics.regex can be set"
                };
                self.errors.add("topics", None, message);
                self.errors.add("topics.regex", None, message);
                None
            }
            (false, true) => {
                if !dead_letters.is_empty() && sink.topics.iter().any(|topic| topic == dead_letters) {
                    self.errors.add(
                        "topics",
                        None,
                        format!("the dead letter topic {dead_letters:?} cannot be read by the sink that writes it"),
                    );
                }
                Some(Topics::List(sink.topics.iter().map(|topic| topic.as_str().into()).collect()))
            }
            (true, false) => match JavaRegex::new(regex) {
                Ok(matcher) => {
                    if !dead_letters.is_empty() && matcher.matches(dead_letters).unwrap_or(false) {
                        self.errors.add(
                            "topics.regex",
                            Some(regex.to_owned()),
                            format!("matches the dead letter topic {dead_letters:?}"),
                        );
                    }
                    Some(Topics::Regex(matcher))
                }
                Err(error) => {
                    self.errors.add("topics.regex", Some(regex.to_owned()), error.to_string());
                    None
                }
            },
        }
    }
}

fn errors(common: &Common) -> ErrorOptions {
    let name = common.dead_letters.trim();
    ErrorOptions {
        retry: RetryPolicy {
            longest: millis(common.retry_delay_max),
            budget: u64::try_from(common.retry_timeout).ok().map(Duration::from_millis),
            ..RetryPolicy::NONE
        },
        tolerate: common.tolerance == Tolerance::All,
        log: common.log,
        log_records: common.log_records,
        dead_letters: (!name.is_empty()).then(|| name.into()),
        dead_letter_replication: common.dead_letter_replication,
        dead_letter_headers: common.dead_letter_headers,
    }
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// The properties under a prefix, without it.
pub(crate) fn prefixed(properties: &Properties, prefix: &str) -> Properties {
    let under = properties.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
    under.map(|(key, value)| (key[prefix.len()..].to_owned(), value.clone())).collect()
}
