//! `topic.creation.*`: the topics that a source makes for itself (KIP-158).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connect_api::Result;
use connect_api::config::ConfigErrors;
use connect_kafka::NewTopic;
use connect_transforms::JavaRegex;

type Properties = BTreeMap<String, String>;

const PREFIX: &str = "topic.creation.";
const DEFAULT: &str = "default";

/// Which topics get what, when they are not there.
#[derive(Debug, Clone)]
pub(crate) struct TopicRules {
    groups: Vec<Group>,
    default: Shape,
}

#[derive(Debug, Clone)]
struct Group {
    include: Vec<JavaRegex>,
    exclude: Vec<JavaRegex>,
    shape: Shape,
}

#[derive(Debug, Clone, Default)]
struct Shape {
    partitions: i32,
    replication_factor: i16,
    configs: BTreeMap<String, String>,
}

impl TopicRules {
    /// What a connector's configuration says of it; none when it says nothing. With it come warnings.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(super) fn read(properties: &Properties) -> Result<Option<(Self, Vec<String>)>, ConfigErrors> {
        if !properties.keys().any(|key| key.starts_with(PREFIX)) {
            return Ok(None);
        }
        let mut reader =
            Reader { properties, errors: ConfigErrors::new(), read: BTreeSet::new(), warnings: Vec::new() };
        let names = reader.names();
        let default = reader.shape(DEFAULT, None);
        let groups = names.iter().map(|name| reader.group(name, &default)).collect();
        reader.unread(&names);
        reader.errors.into_result()?;
        Ok(Some((Self { groups, default }, reader.warnings)))
    }

    /// The topic as it is to be made: by the first group that includes it and does not exclude it.
    pub(crate) fn topic(&self, name: &Arc<str>) -> NewTopic {
        let found = self.groups.iter().find(|group| group.has(name));
        let shape = found.map_or(&self.default, |group| &group.shape);
        NewTopic {
            name: Arc::clone(name),
            partitions: shape.partitions,
            replication_factor: shape.replication_factor,
            configs: shape.configs.clone(),
        }
    }
}

impl Group {
    fn has(&self, topic: &str) -> bool {
        let matches = |regexes: &[JavaRegex]| regexes.iter().any(|regex| regex.matches(topic).unwrap_or(false));
        matches(&self.include) && !matches(&self.exclude)
    }
}

struct Reader<'a> {
    properties: &'a Properties,
    errors: ConfigErrors,
    read: BTreeSet<String>,
    warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    fn get(&mut self, key: &str) -> Option<&'a str> {
        self.read.insert(key.to_owned());
        self.properties.get(key).map(|value| value.trim())
    }

    fn names(&mut self) -> Vec<String> {
        let key = format!("{PREFIX}groups");
        let mut names: Vec<String> = Vec::new();
        for name in self.get(&key).unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if names.iter().any(|known| known == name) {
                self.errors.add(&key, None, format!("group {name:?} is there twice"));
            } else if name == DEFAULT {
                self.warnings.push(format!("key {key:?}: the group {DEFAULT:?} is always there and always last"));
            } else {
                names.push(name.to_owned());
            }
        }
        names
    }

    fn group(&mut self, name: &str, default: &Shape) -> Group {
        let (include, exclude) = (self.regex(name, "include"), self.regex(name, "exclude"));
        if include.is_empty() && !self.properties.contains_key(&format!("{PREFIX}{name}.include")) {
            self.warnings.push(format!("topic creation group {name:?} has no include, so no topic is made by it"));
        }
        Group { include, exclude, shape: self.shape(name, Some(default)) }
    }

    /// The alternatives of a list, each of which is to match the whole name.
    fn regex(&mut self, group: &str, which: &str) -> Vec<JavaRegex> {
        let key = format!("{PREFIX}{group}.{which}");
        let Some(text) = self.get(&key).filter(|text| !text.is_empty()) else { return Vec::new() };
        let read: Result<Vec<_>> = text.split(',').map(|part| JavaRegex::new(part.trim())).collect();
        read.unwrap_or_else(|error| {
            self.errors.add(key, Some(text.to_owned()), error.to_string());
            Vec::new()
        })
    }

    /// What topics of a group are like; what it does not say is as in the default group, which must say it.
    fn shape(&mut self, group: &str, default: Option<&Shape>) -> Shape {
        let partitions = self.number(group, "partitions", default.map(|default| default.partitions));
        let replicas =
            self.number(group, "replication.factor", default.map(|default| default.replication_factor.into()));
        let prefix = format!("{PREFIX}{group}.");
        let mut configs = BTreeMap::new();
        for (key, value) in self.properties.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix)) {
            let name = &key[prefix.len()..];
            self.read.insert(key.clone());
            if !["partitions", "replication.factor", "include", "exclude"].contains(&name) {
                configs.insert(name.to_owned(), value.trim().to_owned());
            }
        }
        Shape { partitions, replication_factor: i16::try_from(replicas).unwrap_or(-1), configs }
    }

    fn number(&mut self, group: &str, which: &str, default: Option<i32>) -> i32 {
        let key = format!("{PREFIX}{group}.{which}");
        let most = if which == "partitions" { i32::MAX } else { i16::MAX.into() };
        let Some(text) = self.get(&key) else {
            return default.unwrap_or_else(|| {
                let message = format!("is required as soon as there is any {PREFIX}* key; -1 is the broker's default");
                self.errors.add(key, None, message);
                -1
            });
        };
        match text.parse() {
            Ok(number) if number == -1 || (1..=most).contains(&number) => number,
            _ => {
                self.errors.add(key, Some(text.to_owned()), format!("expected -1 or a whole number from 1 to {most}"));
                -1
            }
        }
    }

    fn unread(&mut self, names: &[String]) {
        for key in self.properties.keys().filter(|key| key.starts_with(PREFIX) && !self.read.contains(*key)) {
            let known = names.iter().map(String::as_str).chain([DEFAULT]).collect::<Vec<_>>().join(", ");
            self.warnings.push(format!("key {key:?} belongs to no topic creation group; groups: {known}"));
        }
    }
}
