//! What a MySQL or MariaDB URL says.

use std::path::PathBuf;
use std::time::Duration;

use mysql_async::{ClientIdentity, Compression, OptsBuilder, SslOpts};

use super::super::endpoint::{Parameters, wrong};
use super::{Endpoint, Fault};
use crate::dialect::Class;
use crate::url::Address as Server;

/// Statements that the driver keeps prepared.
const STATEMENTS: usize = 64;

/// Values that do not fit are errors in every session, and a backslash means the same in every string.
const STRICT: &str =
    "SET SESSION sql_mode = CONCAT(REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''), ',STRICT_TRANS_TABLES')";

/// Servers to be tried in order, and how.
pub(super) struct Address {
    pub(super) servers: Vec<Server>,
    pub(super) options: OptsBuilder,
    /// What a session begins with; the options have it too.
    pub(super) setup: Vec<String>,
    /// `None`: no TLS.
    pub(super) tls: Option<SslOpts>,
    /// `PREFERRED`: go on without TLS where the server has none.
    pub(super) or_plain: bool,
    pub(super) connect_timeout: Option<Duration>,
    /// Longest time without an answer from the server.
    pub(super) socket_timeout: Option<Duration>,
    /// Meanings of types that a source asks for.
    pub(super) reading: Reading,
}

/// How columns are read, in Connector/J's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    /// `tinyInt1isBit`
    pub(crate) tiny_is_bit: bool,
    /// `transformedBitIsBoolean`
    pub(crate) bit_is_boolean: bool,
    /// `yearIsDateType`
    pub(crate) year_is_date: bool,
    /// `zeroDateTimeBehavior`
    pub(crate) zero_date: ZeroDate,
}

/// What a date of zeros is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ZeroDate {
    /// An error.
    Fail,
    /// Null.
    Null,
    /// Year 1, month 1, day 1.
    Round,
}

impl Address {
    pub(super) fn of(endpoint: &Endpoint) -> Result<Self, Fault> {
        let wrong_url = |error: connect_api::Error| Fault::new(Class::Config, error.to_string());
        let network = endpoint.url.network(3306).map_err(wrong_url)?;
        let mut parameters = endpoint.parameters(&network.parameters)?;
        let (user, password) = (parameters.text("user"), parameters.text("password"));
        let password =
            endpoint.password.as_ref().map(|password| password.expose().clone()).or(password).or(network.password);
        let setup = setup(&mut parameters)?;
        let mut options = OptsBuilder::default()
            .user(endpoint.user.clone().or(user).or(network.user))
            .pass(password)
            .db_name(Some(network.database).filter(|database| !database.is_empty()))
            .prefer_socket(false)
            .tcp_nodelay(true)
            .stmt_cache_size(STATEMENTS)
            .client_found_rows(!parameters.flag("useAffectedRows")?.unwrap_or(false))
            .setup(setup.clone());
        if parameters.flag("useCompression")? == Some(true) {
            options = options.compression(Compression::default());
        }
        if parameters.flag("tcpKeepAlive")?.unwrap_or(true) {
            options = options.tcp_keepalive(Some(Duration::from_secs(60)));
        }
        let millis = |number: Option<u64>| number.filter(|millis| *millis > 0).map(Duration::from_millis);
        let connect_timeout = millis(parameters.number("connectTimeout")?);
        let socket_timeout = millis(parameters.number("socketTimeout")?);
        let reading = reading(&mut parameters)?;
        let (tls, or_plain) = tls(&mut parameters)?;
        refuse_and_ignore(&mut parameters)?;
        parameters.warn_of_rest();
        let servers = network.addresses;
        Ok(Self { servers, setup, options, tls, or_plain, connect_timeout, socket_timeout, reading })
    }
}

/// What the session begins with.
fn setup(parameters: &mut Parameters) -> Result<Vec<String>, Fault> {
    let mut setup = vec![STRICT.to_owned()];
    let zone = parameters.text("connectionTimeZone").or_else(|| parameters.text("serverTimezone"));
    if parameters.flag("forceConnectionTimeZoneToSession")? == Some(true)
        && let Some(zone) = zone
    {
        if !zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-:/".contains(&byte)) {
            return Err(wrong("connectionTimeZone", &zone, "the name of a time zone or an offset"));
        }
        let zone = if zone.eq_ignore_ascii_case("UTC") { "+00:00".to_owned() } else { zone };
        setup.push(format!("SET SESSION time_zone = '{zone}'"));
    }
    if let Some(variables) = parameters.text("sessionVariables") {
        for variable in variables.split([',', ';']).map(str::trim).filter(|variable| !variable.is_empty()) {
            let scope = if variable.starts_with('@') { "" } else { "SESSION " };
            setup.push(format!("SET {scope}{variable}"));
        }
    }
    Ok(setup)
}

fn reading(parameters: &mut Parameters) -> Result<Reading, Fault> {
    let zero = parameters.text("zeroDateTimeBehavior").unwrap_or_else(|| "EXCEPTION".into());
    let zero_date = match zero.to_ascii_uppercase().as_str() {
        "EXCEPTION" => ZeroDate::Fail,
        "CONVERT_TO_NULL" | "CONVERTTONULL" => ZeroDate::Null,
        "ROUND" => ZeroDate::Round,
        _ => return Err(wrong("zeroDateTimeBehavior", &zero, "EXCEPTION, CONVERT_TO_NULL or ROUND")),
    };
    Ok(Reading {
        tiny_is_bit: parameters.flag("tinyInt1isBit")?.unwrap_or(true),
        bit_is_boolean: parameters.flag("transformedBitIsBoolean")?.unwrap_or(false),
        year_is_date: parameters.flag("yearIsDateType")?.unwrap_or(true),
        zero_date,
    })
}

fn tls(parameters: &mut Parameters) -> Result<(Option<SslOpts>, bool), Fault> {
    let mode = parameters.text("sslMode");
    let (used, required) = (parameters.flag("useSSL")?, parameters.flag("requireSSL")?);
    let verified = parameters.flag("verifyServerCertificate")?;
    let mode = match mode.as_deref().map(|mode| mode.to_ascii_uppercase().replace('-', "_")).as_deref() {
        // The older spelling of the same.
        None if used == Some(false) => "DISABLED",
        None if verified == Some(true) => "VERIFY_CA",
        None if required == Some(true) || used == Some(true) => "REQUIRED",
        None | Some("PREFERRED" | "PREFER") => "PREFERRED",
        Some("DISABLED" | "DISABLE") => "DISABLED",
        // The last one is MariaDB's name for it.
        Some("REQUIRED" | "REQUIRE" | "TRUST") => "REQUIRED",
        Some("VERIFY_CA") => "VERIFY_CA",
        Some("VERIFY_IDENTITY" | "VERIFY_FULL") => "VERIFY_IDENTITY",
        Some(_) => {
            let possible = "DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY";
            return Err(wrong("sslMode", &mode.unwrap_or_default(), possible));
        }
    };
    let mut tls = SslOpts::default();
    match mode {
        "DISABLED" => {}
        "VERIFY_IDENTITY" => {}
        "VERIFY_CA" => tls = tls.with_danger_skip_domain_validation(true),
        _ => tls = tls.with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true),
    }
    if let Some(roots) = pem(parameters, "trustCertificateKeyStoreUrl")?.or(pem(parameters, "serverSslCert")?) {
        tls = tls.with_root_certs(vec![roots.into()]).with_disable_built_in_roots(true);
    }
    if let Some(identity) = pem(parameters, "clientCertificateKeyStoreUrl")? {
        // Certificate and key stand in one PEM file.
        tls = tls.with_client_identity(Some(ClientIdentity::new(identity.clone().into(), identity.into())));
    }
    parameters.ignore(&["fallbackToSystemTrustStore", "fallbackToSystemKeyStore", "tlsVersions", "tlsCiphersuites"]);
    Ok(((mode != "DISABLED").then_some(tls), mode == "PREFERRED"))
}

/// The file of a key store, which must be PEM.
fn pem(parameters: &mut Parameters, name: &str) -> Result<Option<PathBuf>, Fault> {
    let kind = parameters.text(&name.replace("Url", "Type"));
    let password = parameters.text(&name.replace("Url", "Password"));
    let Some(url) = parameters.text(name) else { return Ok(None) };
    let path = url.strip_prefix("file:").unwrap_or(&url);
    let path = path.strip_prefix("//").unwrap_or(path);
    let other_kind = kind.is_some_and(|kind| !kind.eq_ignore_ascii_case("PEM"));
    if other_kind || password.is_some() || path.ends_with(".jks") || path.ends_with(".p12") {
        return Err(Fault::new(
            Class::Config,
            format!(
                "{name}: key stores must be PEM files; `openssl pkcs12 -in {path} -nodes` writes one of a PKCS#12 store"
            ),
        ));
    }
    Ok(Some(PathBuf::from(path)))
}

fn refuse_and_ignore(parameters: &mut Parameters) -> Result<(), Fault> {
    parameters.refuse(&[
        "allowLoadLocalInfile",
        "allowLoadLocalInfileInPath",
        "allowUrlInLocalInfile",
        "allowMultiQueries",
        "autoDeserialize",
        "propertiesTransform",
        "queryInterceptors",
        "statementInterceptors",
        "exceptionInterceptors",
        "connectionLifecycleInterceptors",
        "socketFactory",
        "authenticationPlugins",
        "defaultAuthenticationPlugin",
        "serverAffinityOrder",
        "loadBalanceStrategy",
        "logger",
        "profilerEventHandler",
    ])?;
    parameters.ignore(&[
        "useCursorFetch",
        "defaultFetchSize",
        "rewriteBatchedStatements",
        "useBulkStmts",
        "useServerPrepStmts",
        "cachePrepStmts",
        "prepStmtCacheSize",
        "prepStmtCacheSqlLimit",
        "cacheServerConfiguration",
        "characterEncoding",
        "useUnicode",
        "connectionCollation",
        "characterSetResults",
        "allowPublicKeyRetrieval",
        "preserveInstants",
        "useLegacyDatetimeCode",
        "useTimezone",
        "autoReconnect",
        "maxReconnects",
        "databaseTerm",
        "nullDatabaseMeansCurrent",
        "nullCatalogMeansCurrent",
        "jdbcCompliantTruncation",
        "maxAllowedPacket",
        "maintainTimeStats",
        "elideSetAutoCommits",
        "useLocalSessionState",
        "paranoid",
        "noAccessToProcedureBodies",
    ]);
    Ok(())
}
