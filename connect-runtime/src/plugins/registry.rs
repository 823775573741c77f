//! The registry of a worker.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use connect_api::config::{self, ConfigErrors, ConfigKey};
use connect_api::{
    Converter, ConverterKind, ConverterPlugin, Error, HeaderConverter, HeaderConverterPlugin, Predicate,
    PredicatePlugin, Result, SinkConnector, SourceConnector, Transform, TransformPlugin,
};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::connector::{ConnectorEntry, Properties};
use super::version::KAFKA_VERSION;

/// What kind of plugin it is. Prints as Connect's name of the kind, such as `header_converter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum PluginKind {
    Sink,
    Source,
    Transformation,
    Predicate,
    Converter,
    HeaderConverter,
}

impl fmt::Display for PluginKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sink => "sink",
            Self::Source => "source",
            Self::Transformation => "transformation",
            Self::Predicate => "predicate",
            Self::Converter => "converter",
            Self::HeaderConverter => "header_converter",
        })
    }
}

/// What a plugin is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PluginInfo {
    /// Its kind.
    pub kind: PluginKind,
    /// Its name, a Java class name for what Kafka Connect has too.
    pub class: &'static str,
    /// Other names it goes by.
    pub aliases: &'static [&'static str],
    /// Its version.
    pub version: &'static str,
}

impl Serialize for PluginInfo {
    /// As `GET /connector-plugins` shows it; without a version that says nothing.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = !matches!(self.version, "" | "undefined");
        let mut map = serializer.serialize_map(Some(2 + usize::from(known)))?;
        map.serialize_entry("class", self.class)?;
        map.serialize_entry("type", &self.kind.to_string())?;
        if known {
            map.serialize_entry("version", self.version)?;
        }
        map.end()
    }
}

type Made<T> = Result<(Arc<T>, Vec<String>), ConfigErrors>;
type Make<T> = Arc<dyn Fn(&Properties, ConverterKind) -> Made<T> + Send + Sync>;
type Table<T> = BTreeMap<&'static str, Entry<T>>;

/// A transform, predicate or converter as it stands in the registry.
struct Entry<T: ?Sized> {
    info: PluginInfo,
    definitions: fn() -> Vec<ConfigKey>,
    make: Make<T>,
}

impl<T: ?Sized> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self { info: self.info.clone(), definitions: self.definitions, make: Arc::clone(&self.make) }
    }
}

/// The plugins a worker knows. Nothing is registered by itself; two workers may know different ones.
///
/// A plugin is found by its name or an alias, exactly, or by its name without a package, and without the word
/// of its kind at the end, as long as that is unambiguous.
#[derive(Clone, Default)]
pub struct Plugins {
    connectors: BTreeMap<&'static str, ConnectorEntry>,
    transforms: Table<dyn Transform>,
    predicates: Table<dyn Predicate>,
    converters: Table<dyn Converter>,
    header_converters: Table<dyn HeaderConverter>,
}

impl Plugins {
    /// A registry of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a source.
    #[must_use]
    pub fn source<C: SourceConnector>(mut self, connector: C) -> Self {
        self.connectors.insert(C::NAME, ConnectorEntry::source(connector));
        self
    }

    /// Adds a sink.
    #[must_use]
    pub fn sink<C: SinkConnector>(mut self, connector: C) -> Self {
        self.connectors.insert(C::NAME, ConnectorEntry::sink(connector));
        self
    }

    /// Adds a transform.
    #[must_use]
    pub fn transform<T: TransformPlugin>(mut self) -> Self {
        let make: Make<dyn Transform> =
            Arc::new(|properties, _| make(properties, |config| Ok(Arc::new(T::new(config)?) as Arc<dyn Transform>)));
        let info = info(PluginKind::Transformation, T::NAME, T::ALIASES);
        self.transforms.insert(T::NAME, Entry { info, definitions: config::definitions::<T::Config>, make });
        self
    }

    /// Adds a predicate.
    #[must_use]
    pub fn predicate<T: PredicatePlugin>(mut self) -> Self {
        let make: Make<dyn Predicate> =
            Arc::new(|properties, _| make(properties, |config| Ok(Arc::new(T::new(config)?) as Arc<dyn Predicate>)));
        let info = info(PluginKind::Predicate, T::NAME, T::ALIASES);
        self.predicates.insert(T::NAME, Entry { info, definitions: config::definitions::<T::Config>, make });
        self
    }

    /// Adds a converter of keys and values.
    #[must_use]
    pub fn converter<T: ConverterPlugin>(mut self) -> Self {
        let make: Make<dyn Converter> = Arc::new(|properties, kind| {
            make(properties, |config| Ok(Arc::new(T::new(config, kind)?) as Arc<dyn Converter>))
        });
        let info = info(PluginKind::Converter, T::NAME, T::ALIASES);
        self.converters.insert(T::NAME, Entry { info, definitions: config::definitions::<T::Config>, make });
        self
    }

    /// Adds a converter of headers.
    #[must_use]
    pub fn header_converter<T: HeaderConverterPlugin>(mut self) -> Self {
        let make: Make<dyn HeaderConverter> = Arc::new(|properties, _| {
            make(properties, |config| Ok(Arc::new(T::new(config)?) as Arc<dyn HeaderConverter>))
        });
        let info = info(PluginKind::HeaderConverter, T::NAME, T::ALIASES);
        self.header_converters.insert(T::NAME, Entry { info, definitions: config::definitions::<T::Config>, make });
        self
    }

    /// All plugins: sinks, sources, transformations, predicates, converters, header converters, each by name.
    #[must_use]
    pub fn list(&self) -> Vec<PluginInfo> {
        let mut all: Vec<_> = self.connectors.values().map(|plugin| plugin.info.clone()).collect();
        all.extend(self.transforms.values().map(|entry| entry.info.clone()));
        all.extend(self.predicates.values().map(|entry| entry.info.clone()));
        all.extend(self.converters.values().map(|entry| entry.info.clone()));
        all.extend(self.header_converters.values().map(|entry| entry.info.clone()));
        all.sort();
        all
    }

    /// The keys of a connector's own configuration.
    ///
    /// # Errors
    /// A config error that lists the connectors there are.
    pub fn definitions(&self, class: &str) -> Result<Vec<ConfigKey>> {
        Ok((self.connector(class)?.definitions)())
    }

    /// A connector's keys as a Markdown table.
    ///
    /// # Errors
    /// A config error that lists the connectors there are.
    pub fn documentation(&self, class: &str) -> Result<String> {
        Ok((self.connector(class)?.documentation)())
    }

    /// A plugin of this kind and the keys of its own configuration.
    pub(crate) fn keyed(&self, kind: PluginKind, class: &str) -> Option<(&PluginInfo, Vec<ConfigKey>)> {
        fn of<T: ?Sized>(entry: &Entry<T>) -> (&PluginInfo, Vec<ConfigKey>) {
            (&entry.info, (entry.definitions)())
        }
        match kind {
            PluginKind::Sink | PluginKind::Source => {
                let plugin = self.connector(class).ok().filter(|plugin| plugin.info.kind == kind)?;
                Some((&plugin.info, (plugin.definitions)()))
            }
            PluginKind::Transformation => find(class, "", "transform", &self.transforms, aliases).ok().map(of),
            PluginKind::Predicate => find(class, "", "predicate", &self.predicates, aliases).ok().map(of),
            PluginKind::Converter => find(class, "Converter", "converter", &self.converters, aliases).ok().map(of),
            PluginKind::HeaderConverter => {
                find(class, "Converter", "header converter", &self.header_converters, aliases).ok().map(of)
            }
        }
    }

    /// Names of the plugins of this kind, sorted.
    pub(crate) fn classes(&self, kind: PluginKind) -> Vec<String> {
        let of_kind = |info: &PluginInfo| info.kind == kind;
        self.list().into_iter().filter(of_kind).map(|info| info.class.to_owned()).collect()
    }

    pub(crate) fn connector(&self, class: &str) -> Result<&ConnectorEntry> {
        find(class, "Connector", "connector", &self.connectors, |plugin| plugin.info.aliases)
    }

    pub(crate) fn make_transform(&self, class: &str, properties: &Properties) -> Made<dyn Transform> {
        let entry = find_in("type", class, "", "transform", &self.transforms)?;
        (entry.make)(properties, ConverterKind::Value)
    }

    pub(crate) fn make_predicate(&self, class: &str, properties: &Properties) -> Made<dyn Predicate> {
        let entry = find_in("type", class, "", "predicate", &self.predicates)?;
        (entry.make)(properties, ConverterKind::Value)
    }

    pub(crate) fn make_converter(
        &self,
        class: &str,
        properties: &Properties,
        kind: ConverterKind,
    ) -> Made<dyn Converter> {
        let entry = find_in("", class, "Converter", "converter", &self.converters)?;
        (entry.make)(properties, kind)
    }

    pub(crate) fn make_header_converter(&self, class: &str, properties: &Properties) -> Made<dyn HeaderConverter> {
        let entry = find_in("", class, "Converter", "header converter", &self.header_converters)?;
        (entry.make)(properties, ConverterKind::Header)
    }

    /// The full name of a transform, predicate or converter, as it is known or as it was given.
    pub(crate) fn class_of(&self, class: &str) -> String {
        let tables = [
            find(class, "", "transform", &self.transforms, aliases).ok().map(|entry| entry.info.class),
            find(class, "Converter", "converter", &self.converters, aliases).ok().map(|entry| entry.info.class),
            find(class, "Converter", "converter", &self.header_converters, aliases).ok().map(|entry| entry.info.class),
        ];
        tables.into_iter().flatten().next().unwrap_or(class).to_owned()
    }
}

impl fmt::Debug for Plugins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list().iter().map(|info| info.class)).finish()
    }
}

fn info(kind: PluginKind, class: &'static str, aliases: &'static [&'static str]) -> PluginInfo {
    // A plugin with a name of Kafka's does what that does, so it has the version of that.
    let kafkas = class.starts_with("org.apache.kafka.");
    PluginInfo { kind, class, aliases, version: if kafkas { KAFKA_VERSION } else { env!("CARGO_PKG_VERSION") } }
}

fn aliases<T: ?Sized>(entry: &Entry<T>) -> &'static [&'static str] {
    entry.info.aliases
}

fn make<C: config::Config, T: ?Sized>(properties: &Properties, new: impl Fn(C) -> Result<Arc<T>>) -> Made<T> {
    // `type`, `predicate` and `negate` belong to the chain, the others to the runtime.
    let known = |key: &str| matches!(key, "type" | "predicate" | "negate" | "converter.type" | "plugin.version");
    let parsed = config::parse_with::<C>(properties, &known)?;
    match new(parsed.config) {
        Ok(made) => Ok((made, parsed.warnings)),
        Err(error) => {
            let mut errors = ConfigErrors::new();
            errors.add("", None, error.to_string());
            Err(errors)
        }
    }
}

fn find_in<'a, T: ?Sized>(
    key: &str,
    class: &str,
    suffix: &str,
    what: &str,
    table: &'a Table<T>,
) -> Result<&'a Entry<T>, ConfigErrors> {
    find(class, suffix, what, table, aliases).map_err(|error| {
        let mut errors = ConfigErrors::new();
        errors.add(key, Some(class.to_owned()), error.to_string());
        errors
    })
}

/// By full name, by alias, then by simple name with or without the suffix of the kind.
fn find<'a, V>(
    class: &str,
    suffix: &str,
    what: &str,
    table: &'a BTreeMap<&'static str, V>,
    aliases: impl Fn(&V) -> &'static [&'static str],
) -> Result<&'a V> {
    let class = class.trim();
    if let Some(found) = table.get(class) {
        return Ok(found);
    }
    let simple = |name: &'static str| name.rsplit('.').next().unwrap_or(name);
    let short = |name: &'static str| simple(name).strip_suffix(suffix).unwrap_or(simple(name));
    let is_alias = |value: &V| aliases(value).contains(&class);
    // Who says that it goes by a name goes before others that could be shortened to it.
    let claimed = table.values().any(is_alias);
    let mut hits = table.iter().filter(|(name, value)| match claimed {
        true => is_alias(value),
        false => simple(name) == class || (!suffix.is_empty() && short(name) == class),
    });
    match (hits.next(), hits.next()) {
        (Some((_, found)), None) => Ok(found),
        (Some((one, _)), Some((other, _))) => {
            Err(Error::config(format!("{what} {class:?} is ambiguous: {one}, {other}; use the full name")))
        }
        (None, _) => {
            let known: Vec<_> = table.keys().copied().collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Err(Error::config(format!("no {what} named {class:?}; registered: {known}")))
        }
    }
}
