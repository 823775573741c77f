//! The keys that source and sink have in common.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::config::{ConfigErrors, Group, Millis, Secret};
use connect_api::{Deserialize, JsonSchema, Result, StopSignal, TaskId};

use crate::choice::choice;
use crate::dialect::{Attempts, Dialect, Endpoint, Quoting, Session, choose, named};
use crate::factory::ConnectionFactory;
use crate::url::JdbcUrl;

choice! {
    /// When identifiers are quoted.
    #[derive(Default)]
    pub enum Quote {
        /// Every one.
        #[default]
        Always = "ALWAYS",
        /// Only those that would be none without quotes.
        Never = "NEVER",
    }
}

/// The one provider there is: user and password of the configuration.
const CREDENTIALS: &str = "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider";

/// How the database is reached and spoken to, beside `connection.url`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(crate = "connect_api::serde")]
#[schemars(crate = "connect_api::schemars", transform = Group("Database"))]
pub struct ConnectionConfig {
    /// User of the database.
    #[serde(rename = "connection.user", default)]
    #[schemars(extend("x-importance" = "high", "x-display-name" = "JDBC User"))]
    pub user: Option<String>,
    /// Password of the user.
    #[serde(rename = "connection.password", default)]
    #[schemars(extend("x-importance" = "high", "x-display-name" = "JDBC Password"))]
    pub password: Option<Secret<String>>,
    /// Where user and password come from. Only the default is there: from this configuration.
    #[serde(rename = "jdbc.credentials.provider.class", default = "defaults::credentials")]
    #[schemars(extend("x-importance" = "low", "x-type" = "class"))]
    pub credentials_provider: String,
    /// How often a connection is tried before the database counts as away.
    #[serde(rename = "connection.attempts", default = "defaults::attempts")]
    #[schemars(range(min = 1), extend("x-importance" = "low"))]
    pub attempts: i32,
    /// How long to wait between two such attempts.
    #[serde(rename = "connection.backoff.ms", default = "defaults::backoff")]
    #[schemars(extend("x-importance" = "low"))]
    pub backoff: Millis,
    /// The dialect, such as `PostgreSqlDatabaseDialect`; the URL's when empty.
    #[serde(rename = "dialect.name", default)]
    #[schemars(extend("x-importance" = "low"))]
    pub dialect_name: String,
    /// When table and column names are quoted in statements.
    #[serde(rename = "quote.sql.identifiers", default)]
    #[schemars(extend("x-importance" = "medium"))]
    pub quote: Quote,
    /// Aiven's spelling of the same: `false` is `never`.
    #[serde(rename = "sql.quote.identifiers", default)]
    #[schemars(extend("x-importance" = "low"))]
    pub aiven_quote: Option<bool>,
    /// Further parameters of the connection: `connection.sslmode` is the URL's `sslmode`.
    #[serde(default)]
    pub connection: BTreeMap<String, Secret<String>>,
    /// Opens connections in the connector's stead; the URL then only says which database it is. A configuration of
    /// texts has none.
    #[serde(skip)]
    #[schemars(skip)]
    pub factory: Option<ConnectionFactory>,
}

mod defaults {
    use connect_api::config::Millis;

    pub(super) fn credentials() -> String {
        super::CREDENTIALS.to_owned()
    }

    pub(super) const fn attempts() -> i32 {
        3
    }

    pub(super) const fn backoff() -> Millis {
        Millis::new(10_000)
    }
}

impl Default for ConnectionConfig {
    fn default() -> Self {
        Self {
            user: None,
            password: None,
            credentials_provider: defaults::credentials(),
            attempts: defaults::attempts(),
            backoff: defaults::backoff(),
            dialect_name: String::new(),
            quote: Quote::default(),
            aiven_quote: None,
            connection: BTreeMap::new(),
            factory: None,
        }
    }
}

impl ConnectionConfig {
    /// The dialect of a URL under this configuration.
    ///
    /// # Errors
    /// A config error that lists what there is.
    pub(crate) fn dialect(&self, url: &str) -> Result<&'static dyn Dialect> {
        choose(&self.dialect_name, &JdbcUrl::parse(url)?)
    }

    /// How identifiers are written.
    pub(crate) fn quoting(&self, dialect: &dyn Dialect) -> Quoting {
        let always = self.aiven_quote.unwrap_or(self.quote == Quote::Always);
        Quoting { quote: dialect.quote(), always }
    }

    /// What is wrong with these keys and the URL, without connecting.
    pub(crate) fn errors(&self, url: &str) -> ConfigErrors {
        let mut errors = ConfigErrors::new();
        if self.attempts < 1 {
            errors.add("connection.attempts", Some(self.attempts.to_string()), "must be at least 1");
        }
        if !CREDENTIALS.ends_with(self.credentials_provider.trim()) {
            errors.add(
                "jdbc.credentials.provider.class",
                Some(self.credentials_provider.clone()),
                format!("only {CREDENTIALS} is there; a config provider can name user and password"),
            );
        }
        let name = self.dialect_name.trim();
        if !name.is_empty()
            && let Err(error) = named(name)
        {
            errors.add("dialect.name", Some(name.to_owned()), error.to_string());
        }
        let url_is_good = self.dialect(url).and_then(|dialect| Ok(dialect.check(&self.endpoint(url, "validate")?)?));
        if let Err(error) = url_is_good
            && errors.of("dialect.name").next().is_none()
        {
            // Its value may hold a password.
            errors.add("connection.url", None, error.to_string());
        }
        errors
    }

    /// A task's session with the database; it connects when it is first used.
    ///
    /// # Errors
    /// A config error when the URL or the dialect is none.
    pub(crate) fn session(&self, url: &str, id: &TaskId, stop: StopSignal) -> Result<Session> {
        let endpoint = Arc::new(self.endpoint(url, &id.to_string())?);
        let count = u32::try_from(self.attempts).unwrap_or(1).max(1);
        let attempts = Attempts { count, backoff: self.backoff.duration() };
        Ok(Session::new(self.dialect(url)?, endpoint, attempts, stop))
    }

    fn endpoint(&self, url: &str, application: &str) -> Result<Endpoint> {
        Ok(Endpoint {
            url: JdbcUrl::parse(url)?,
            user: self.user.clone().filter(|user| !user.is_empty()),
            password: self.password.clone(),
            properties: self.connection.clone(),
            application: application.to_owned(),
            factory: self.factory.clone(),
        })
    }
}
