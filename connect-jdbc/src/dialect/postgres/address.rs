//! What a PostgreSQL URL says.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{LoadBalanceHosts, SslMode, SslNegotiation, TargetSessionAttrs};

use super::super::endpoint::{Parameters, wrong};
use super::{Endpoint, Fault};
use crate::dialect::Class;

/// Unless the URL says otherwise.
const CONNECT: Duration = Duration::from_secs(10);

/// When TLS is used, and what of the server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tls {
    Disable,
    /// Without, and with it when that is refused.
    Allow,
    Prefer,
    Require,
    /// The chain, not the name.
    VerifyCa,
    VerifyFull,
}

/// Files of TLS.
#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    pub(super) roots: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

/// Servers, account and settings.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: Tls,
    pub(super) files: Files,
    /// A second choice when no server of the first kind is there.
    pub(super) or_any: bool,
    /// Longest time without an answer from the server.
    pub(super) socket_timeout: Option<Duration>,
}

impl Address {
    pub(super) fn of(endpoint: &Endpoint) -> Result<Self, Fault> {
        let wrong_url = |error: connect_api::Error| Fault::new(Class::Config, error.to_string());
        let network = endpoint.url.network(5432).map_err(wrong_url)?;
        let mut parameters = endpoint.parameters(&network.parameters)?;
        let mut config = Config::new();
        for address in &network.addresses {
            config.host(&address.host).port(address.port);
        }
        let (user, password) = (parameters.text("user"), parameters.text("password"));
        let user = endpoint.user.clone().or(user).or(network.user).unwrap_or_else(|| "postgres".into());
        if !network.database.is_empty() {
            config.dbname(&network.database);
        }
        config.user(user);
        match endpoint.password.as_ref().map(|password| password.expose().clone()).or(password).or(network.password) {
            Some(password) => config.password(password),
            None => &mut config,
        };
        let application = parameters.text("ApplicationName").unwrap_or_else(|| endpoint.application.clone());
        config.application_name(application);
        let seconds = |number: Option<u64>| number.map(Duration::from_secs);
        config.connect_timeout(seconds(parameters.number("connectTimeout")?).unwrap_or(CONNECT));
        let socket_timeout = seconds(parameters.number("socketTimeout")?).filter(|time| !time.is_zero());
        config.keepalives(parameters.flag("tcpKeepAlive")?.unwrap_or(true));
        let options = options(&mut parameters)?;
        if !options.is_empty() {
            config.options(options);
        }
        if parameters.flag("loadBalanceHosts")? == Some(true) {
            config.load_balance_hosts(LoadBalanceHosts::Random);
        }
        let or_any = servers(&mut parameters, &mut config)?;
        let (tls, files) = tls(&mut parameters, &mut config)?;
        refuse_and_ignore(&mut parameters)?;
        parameters.warn_of_rest();
        Ok(Self { config, tls, files, or_any, socket_timeout })
    }
}

/// Settings of the session, as the command line of a server.
fn options(parameters: &mut Parameters) -> Result<String, Fault> {
    let mut options = parameters.text("options").unwrap_or_default();
    let mut set = |name: &str, value: &str| {
        let escaped = value.replace('\\', "\\\\").replace(' ', "\\ ");
        options = format!("{options} -c {name}={escaped}").trim_start().to_owned();
    };
    if let Some(schema) = parameters.text("currentSchema") {
        set("search_path", &schema);
    }
    if parameters.flag("readOnly")? == Some(true) {
        set("default_transaction_read_only", "on");
    }
    Ok(options)
}

fn servers(parameters: &mut Parameters, config: &mut Config) -> Result<bool, Fault> {
    let Some(kind) = parameters.text("targetServerType") else { return Ok(false) };
    let (attributes, or_any) = match kind.to_ascii_lowercase().as_str() {
        "any" => (TargetSessionAttrs::Any, false),
        "primary" | "master" => (TargetSessionAttrs::ReadWrite, false),
        "secondary" | "slave" => (TargetSessionAttrs::ReadOnly, false),
        "prefersecondary" | "preferslave" => (TargetSessionAttrs::ReadOnly, true),
        "preferprimary" => (TargetSessionAttrs::ReadWrite, true),
        _ => {
            let possible = "any, primary, secondary, preferPrimary or preferSecondary";
            return Err(wrong("targetServerType", &kind, possible));
        }
    };
    config.target_session_attrs(attributes);
    Ok(or_any)
}

fn tls(parameters: &mut Parameters, config: &mut Config) -> Result<(Tls, Files), Fault> {
    let mode = parameters.text("sslmode");
    let ssl = parameters.flag("ssl")?;
    let factory = parameters.text("sslfactory");
    let mut tls = match mode.as_deref().map(str::to_ascii_lowercase).as_deref() {
        // What the JDBC driver means by ssl=true.
        None if ssl == Some(true) => Tls::VerifyFull,
        None => Tls::Prefer,
        Some("disable") => Tls::Disable,
        Some("allow") => Tls::Allow,
        Some("prefer") => Tls::Prefer,
        Some("require") => Tls::Require,
        Some("verify-ca") => Tls::VerifyCa,
        Some("verify-full") => Tls::VerifyFull,
        Some(_) => {
            let possible = "disable, allow, prefer, require, verify-ca or verify-full";
            return Err(wrong("sslmode", &mode.unwrap_or_default(), possible));
        }
    };
    if let Some(factory) = factory {
        if factory.ends_with("NonValidatingFactory") {
            tracing::warn!("sslfactory says that the server's certificate is not to be checked");
            tls = Tls::Require;
        } else if !factory.ends_with("LibPQFactory") && !factory.ends_with("DefaultJavaSSLFactory") {
            return Err(wrong("sslfactory", &factory, "LibPQFactory, DefaultJavaSSLFactory or NonValidatingFactory"));
        }
    }
    config.ssl_mode(match tls {
        Tls::Disable | Tls::Allow => SslMode::Disable,
        Tls::Prefer => SslMode::Prefer,
        Tls::Require | Tls::VerifyCa | Tls::VerifyFull => SslMode::Require,
    });
    match parameters.text("sslNegotiation").as_deref() {
        None | Some("postgres") => {}
        Some("direct") => drop(config.ssl_negotiation(SslNegotiation::Direct)),
        Some(other) => return Err(wrong("sslNegotiation", other, "postgres or direct")),
    }
    let mut file = |name: &str| parameters.text(name).map(PathBuf::from);
    let files = Files { roots: file("sslrootcert"), certificate: file("sslcert"), key: file("sslkey") };
    if parameters.text("sslpassword").is_some() {
        return Err(Fault::new(
            Class::Config,
            "encrypted client keys (sslpassword) are not supported; give one that is not",
        ));
    }
    Ok((tls, files))
}

fn refuse_and_ignore(parameters: &mut Parameters) -> Result<(), Fault> {
    for (name, fine) in [("gssEncMode", ["disable", "allow", "prefer"]), ("channelBinding", ["disable", "prefer", ""])]
    {
        if let Some(value) = parameters.text(name)
            && !fine.contains(&value.to_ascii_lowercase().as_str())
        {
            return Err(wrong(name, &value, "disable or prefer"));
        }
    }
    parameters.refuse(&[
        "socketFactory",
        "socketFactoryArg",
        "sslfactoryarg",
        "sslhostnameverifier",
        "sslpasswordcallback",
        "authenticationPluginClassName",
        "jaasApplicationName",
        "loggerFile",
        "xmlFactoryFactory",
    ])?;
    parameters.ignore(&[
        "stringtype",
        "reWriteBatchedInserts",
        "defaultRowFetchSize",
        "prepareThreshold",
        "preferQueryMode",
        "preparedStatementCacheQueries",
        "preparedStatementCacheSizeMiB",
        "binaryTransfer",
        "binaryTransferEnable",
        "binaryTransferDisable",
        "adaptiveFetch",
        "adaptiveFetchMinimum",
        "adaptiveFetchMaximum",
        "autosave",
        "cleanupSavepoints",
        "assumeMinServerVersion",
        "loggerLevel",
        "logUnclosedConnections",
        "loginTimeout",
        "cancelSignalTimeout",
        "tcpNoDelay",
        "hostRecheckSeconds",
        "receiveBufferSize",
        "sendBufferSize",
        "databaseMetadataCacheFields",
        "databaseMetadataCacheFieldsMiB",
        "disableColumnSanitiser",
        "hideUnprivilegedObjects",
        "escapeSyntaxCallMode",
        "logServerErrorDetail",
        "gssResponseTimeout",
        "maxResultBuffer",
    ]);
    Ok(())
}
