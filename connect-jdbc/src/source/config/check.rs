//! What is wrong between keys, in Kafka Connect's order: the first kind of mistake found ends the search.

use connect_api::config::{ConfigErrors, did_you_mean};
use connect_api::{Error, Result};

use super::{Isolation, JdbcSourceConfig, Mode, NumericMapping};
use crate::source::tail;

/// Keys of the old way to choose tables and columns.
const LEGACY: [&str; 4] = ["table.whitelist", "table.blacklist", "incrementing.column.name", "timestamp.column.name"];

/// Keys of the new way.
const NEW: [&str; 4] =
    ["table.include.list", "table.exclude.list", "timestamp.columns.mapping", "incrementing.column.mapping"];

/// Keys that have no meaning before there is a mode; Kafka Connect blames them for its absence.
const OF_MODE: [&str; 6] = [
    "incrementing.column.mapping",
    "incrementing.column.name",
    "timestamp.column.name",
    "timestamp.columns.mapping",
    "timestamp.initial",
    "validate.non.null",
];

/// The longest name of a topic.
const TOPIC_CHARS: usize = 249;

impl JdbcSourceConfig {
    /// A table to topics that begin with `topic_prefix`, all else by default.
    #[must_use]
    pub fn new(url: impl Into<String>, mode: Mode, topic_prefix: impl Into<String>) -> Self {
        let properties = [
            ("connection.url".to_owned(), url.into()),
            ("mode".to_owned(), mode.text().to_owned()),
            ("topic.prefix".to_owned(), topic_prefix.into()),
        ];
        // These keys take any text, and the others have defaults; the tests hold this to it.
        match connect_api::config::parse(&properties.into_iter().collect()) {
            Ok(parsed) => parsed.config,
            Err(errors) => unreachable!("{errors}"),
        }
    }

    /// The query, if one is given in place of tables.
    pub(crate) fn query(&self) -> Option<&str> {
        [self.query.trim(), self.query_masked.expose().trim()].into_iter().find(|query| !query.is_empty())
    }

    /// What becomes of NUMERIC columns.
    pub(crate) fn numeric(&self) -> NumericMapping {
        self.numeric_mapping.unwrap_or(match self.numeric_precision_mapping {
            true => NumericMapping::PrecisionOnly,
            false => NumericMapping::None,
        })
    }

    /// How new rows are told; the checks refuse a configuration that does not say.
    pub(crate) fn mode(&self) -> Mode {
        self.mode.unwrap_or(Mode::Bulk)
    }

    /// Where to begin without an offset, in milliseconds since 1970; -1 for the database's present time.
    pub(crate) fn timestamp_start(&self) -> Option<i64> {
        self.timestamp_initial.or(Some(self.timestamp_initial_ms).filter(|initial| *initial != 0))
    }

    /// Whether tables are chosen by regular expressions, and their columns by mappings.
    pub(crate) fn is_new_style(&self) -> bool {
        !self.table_include_list.is_empty()
    }

    /// What is wrong that can be told without the database.
    pub(crate) fn errors(&self) -> ConfigErrors {
        let mut errors = self.value_errors();
        let steps =
            [Self::check_mode, Self::check_isolation, Self::check_styles, Self::check_query, Self::check_new_style];
        for step in steps {
            if !errors.is_empty() {
                break;
            }
            step(self, &mut errors);
        }
        errors
    }

    /// What is wrong with single values that their types do not tell.
    fn value_errors(&self) -> ConfigErrors {
        let mut errors = ConfigErrors::new();
        let prefix = self.topic_prefix.trim();
        let legal = |at: char| at.is_ascii_alphanumeric() || matches!(at, '.' | '_' | '-');
        if prefix.chars().count() > TOPIC_CHARS {
            errors.add("topic.prefix", Some(prefix.into()), format!("must have at most {TOPIC_CHARS} characters"));
        } else if !prefix.chars().all(legal) {
            let message = "must have only ASCII letters, digits, '.', '_' and '-', as topics do";
            errors.add("topic.prefix", Some(prefix.into()), message);
        }
        for (key, value) in [("batch.max.rows", self.batch_max_rows), ("batch.max.bytes", self.batch_max_bytes)] {
            if value < 1 {
                errors.add(key, Some(value.to_string()), "must be at least 1");
            }
        }
        if self.table_types.iter().all(|kind| kind.trim().is_empty()) {
            errors.add("table.types", Some(self.table_types.join(",")), "must name at least one kind of table");
        }
        if self.mode == Some(Mode::Timestamp) && tail::has_limit(&self.query_suffix) {
            let message = "must not cut results off in mode timestamp: rows of the last timestamp would be lost";
            errors.add("query.suffix", Some(self.query_suffix.clone()), message);
        }
        errors.merge(self.connection.errors(&self.connection_url));
        errors
    }

    fn check_mode(&self, errors: &mut ConfigErrors) {
        if self.mode.is_none() {
            for key in OF_MODE {
                let message = "mode must be specified: bulk, timestamp, incrementing or timestamp+incrementing";
                errors.add(key, None, message);
            }
        }
    }

    fn check_isolation(&self, errors: &mut ConfigErrors) {
        if self.isolation == Isolation::SqlServerSnapshot {
            let message = "is possible with SQL Server only, which this connector does not read";
            errors.add("transaction.isolation.mode", Some(self.isolation.text().to_owned()), message);
        }
    }

    /// Whether a key of [`LEGACY`] or [`NEW`] is given.
    fn is_given(&self, key: &str) -> bool {
        match key {
            "table.whitelist" => !self.table_whitelist.is_empty(),
            "table.blacklist" => !self.table_blacklist.is_empty(),
            "incrementing.column.name" => !self.incrementing_column.is_empty(),
            "timestamp.column.name" => !self.timestamp_columns.is_empty(),
            "table.include.list" => !self.table_include_list.is_empty(),
            "table.exclude.list" => !self.table_exclude_list.is_empty(),
            "timestamp.columns.mapping" => !self.timestamp_columns_mapping.is_empty(),
            "incrementing.column.mapping" => !self.incrementing_column_mapping.is_empty(),
            _ => false,
        }
    }

    fn check_styles(&self, errors: &mut ConfigErrors) {
        if self.query().is_some() {
            return;
        }
        let given = |keys: [&'static str; 4]| keys.into_iter().filter(|key| self.is_given(key)).collect::<Vec<_>>();
        let (legacy, new) = (given(LEGACY), given(NEW));
        if !legacy.is_empty() && !new.is_empty() {
            let message = format!("{} cannot be combined with {}", legacy.join(", "), new.join(", "));
            for key in legacy.iter().chain(&new) {
                errors.add(*key, None, message.clone());
            }
        } else if self.is_given("table.whitelist") && self.is_given("table.blacklist") {
            for key in ["table.whitelist", "table.blacklist"] {
                errors.add(key, None, "table.whitelist and table.blacklist exclude each other");
            }
        } else if legacy.is_empty() && new.is_empty() {
            tracing::warn!("no key chooses tables, so all tables are copied");
        }
    }

    fn check_query(&self, errors: &mut ConfigErrors) {
        let both = !self.query.trim().is_empty() && !self.query_masked.expose().trim().is_empty();
        if both {
            for key in ["query", "query.masked"] {
                errors.add(key, None, "query and query.masked exclude each other");
            }
            return;
        }
        let Some(query) = self.query() else { return };
        let key = self.query_key();
        let filters: Vec<_> =
            [LEGACY[0], LEGACY[1], NEW[0], NEW[1]].into_iter().filter(|key| self.is_given(key)).collect();
        if !filters.is_empty() {
            let message = format!("{key} cannot be combined with {}", filters.join(", "));
            for blamed in filters.iter().copied().chain([key]) {
                errors.add(blamed, None, message.clone());
            }
        } else if !query.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("select")) {
            errors.add(key, None, "must start with SELECT");
        } else if self.mode().has_incrementing() && self.incrementing_column.is_empty() {
            let message = format!("must be given with a query in mode {}", self.mode().text());
            errors.add("incrementing.column.name", None, message);
        }
    }

    /// The key that holds the query.
    pub(crate) fn query_key(&self) -> &'static str {
        if self.query.trim().is_empty() { "query.masked" } else { "query" }
    }

    fn check_new_style(&self, errors: &mut ConfigErrors) {
        if self.query().is_some() {
            return;
        }
        if self.is_given("table.exclude.list") && !self.is_given("table.include.list") {
            errors.add("table.exclude.list", None, "needs table.include.list");
            return;
        }
        if !NEW.into_iter().any(|key| self.is_given(key)) {
            return;
        }
        let needs = [
            ("timestamp.columns.mapping", self.mode().has_timestamp()),
            ("incrementing.column.mapping", self.mode().has_incrementing()),
        ];
        for (key, needed) in needs {
            match (needed, self.is_given(key)) {
                (true, false) => errors.add(key, None, format!("must be given in mode {}", self.mode().text())),
                (false, true) => errors.add(key, None, format!("has no meaning in mode {}", self.mode().text())),
                _ => {}
            }
        }
    }

    /// The timestamp columns and the incrementing column of a table (`None` of a query).
    ///
    /// # Errors
    /// A config error when not exactly one pattern of a mapping that is needed matches the table.
    pub(crate) fn columns_of(&self, table: Option<&str>) -> Result<(Vec<String>, Option<String>)> {
        let Some(table) = table.filter(|_| self.is_new_style()) else {
            let timestamps = if self.mode().has_timestamp() { self.timestamp_columns.clone() } else { Vec::new() };
            let incrementing = self.mode().has_incrementing().then(|| self.incrementing_column.clone());
            return Ok((timestamps, incrementing));
        };
        let timestamps = if self.mode().has_timestamp() {
            let found = self.timestamp_columns_mapping.iter().filter(|mapping| mapping.tables.matches(table));
            one("timestamp.columns.mapping", table, found.collect())?.columns.clone()
        } else {
            Vec::new()
        };
        let incrementing = if self.mode().has_incrementing() {
            let found = self.incrementing_column_mapping.iter().filter(|mapping| mapping.tables.matches(table));
            Some(one("incrementing.column.mapping", table, found.collect())?.column.clone())
        } else {
            None
        };
        Ok((timestamps, incrementing))
    }
}

/// The only one.
fn one<'a, T>(key: &str, table: &str, found: Vec<&'a T>) -> Result<&'a T> {
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Error::config(format!("no pattern of {key} matches the table {table}"))),
        more => Err(Error::config(format!("{} patterns of {key} match the table {table}; one may", more.len()))),
    }
}

/// A column that a table does not have, in words.
pub(crate) fn no_such_column(key: &str, column: &str, table: &str, known: &[&str]) -> Error {
    let hint = did_you_mean(column, known.iter().copied());
    Error::config(format!("{key}: {table} has no column {column:?}{hint}; its columns: {}", known.join(", ")))
}
