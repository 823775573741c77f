//! Changes topics by a regular expression.

use connect_api::{Flow, Record, Result, Transform, TransformPlugin};

use crate::java_regex::{JavaRegex, Replacement};

connect_api::config! {
    /// Configuration of [`RegexRouter`].
    #[derive(Clone)]
    pub struct RegexRouterConfig {
        /// A Java regular expression that matches the whole name of the topic.
        #[schemars(extend("x-verbatim" = true))]
        pub regex: JavaRegex,
        /// The new name; `$1` and `${name}` stand for groups of the expression, `\` makes the next character plain.
        #[schemars(extend("x-verbatim" = true))]
        pub replacement: String,
    }
}

/// Gives a record whose whole topic matches another topic.
///
/// As in Java the expression is searched for once more to replace what it finds, so that a lazy one may replace less
/// than the whole name.
#[derive(Debug)]
pub struct RegexRouter {
    regex: JavaRegex,
    replacement: Replacement,
}

impl TransformPlugin for RegexRouter {
    const NAME: &'static str = "org.apache.kafka.connect.transforms.RegexRouter";
    type Config = RegexRouterConfig;

    fn new(config: RegexRouterConfig) -> Result<Self> {
        let replacement = Replacement::new(&config.replacement, &config.regex);
        Ok(Self { regex: config.regex, replacement })
    }
}

impl Transform for RegexRouter {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let context = |error: connect_api::Error| error.context(format_args!("topic {:?}", record.topic));
        if self.regex.matches(&record.topic).map_err(context)? {
            record.topic = self.regex.replace_first(&record.topic, &self.replacement).map_err(context)?.into();
        }
        Ok(Flow::Keep)
    }
}
