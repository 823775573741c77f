//! Whether a record's topic is one of some.

use connect_api::{Predicate, PredicatePlugin, Record, Result};

use crate::java_regex::JavaRegex;

connect_api::config! {
    /// Configuration of [`TopicNameMatches`].
    #[derive(Clone)]
    pub struct TopicNameMatchesConfig {
        /// A Java regular expression that matches the whole name of the topic.
        #[schemars(extend("x-verbatim" = true, "x-importance" = "medium"))]
        pub pattern: JavaRegex,
    }
}

/// Holds for records whose topic's whole name matches.
///
/// A name on which the expression would take out of proportion long does not match.
#[derive(Debug)]
pub struct TopicNameMatches {
    pattern: JavaRegex,
}

impl PredicatePlugin for TopicNameMatches {
    const NAME: &'static str = "org.apache.kafka.connect.transforms.predicates.TopicNameMatches";
    type Config = TopicNameMatchesConfig;

    fn new(config: TopicNameMatchesConfig) -> Result<Self> {
        if config.pattern.as_str().is_empty() {
            return Err(connect_api::Error::config("pattern: a regular expression was expected, it is empty"));
        }
        Ok(Self { pattern: config.pattern })
    }
}

impl Predicate for TopicNameMatches {
    fn test(&self, record: &Record) -> bool {
        // A predicate has no way to fail.
        self.pattern.matches(&record.topic).unwrap_or(false)
    }
}
