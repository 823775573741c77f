use std::collections::BTreeMap;

use tokio_postgres::config::Host;

use super::address::{Address, Tls};
use super::*;
use crate::dialect::Class;
use crate::url::JdbcUrl;

fn address(url: &str) -> Result<Address, Fault> {
    let url = JdbcUrl::parse(url).unwrap();
    let properties = BTreeMap::from([("tcpKeepAlive".to_owned(), "false".to_owned().into())]);
    let password = Some("given".to_owned().into());
    Address::of(&Endpoint {
        url,
        user: Some("alice".into()),
        password,
        properties,
        application: "orders-0".into(),
        factory: None,
    })
}

#[test]
fn a_url_becomes_the_drivers_configuration() {
    let url = "jdbc:postgresql://a:1,b/db?user=bob&password=other&currentSchema=my%20app&readOnly=true\
               &connectTimeout=3&socketTimeout=7&targetServerType=preferSecondary&stringtype=unspecified&sslmode=allow";
    let address = address(url).unwrap();
    let config = &address.config;
    assert_eq!((config.get_user(), config.get_password()), (Some("alice"), Some(&b"given"[..])));
    assert_eq!(config.get_hosts(), [Host::Tcp("a".into()), Host::Tcp("b".into())]);
    assert_eq!((config.get_ports(), config.get_dbname()), (&[1, 5432][..], Some("db")));
    assert_eq!(config.get_options(), Some("-c search_path=my\\ app -c default_transaction_read_only=on"));
    assert_eq!(config.get_connect_timeout().map(std::time::Duration::as_secs), Some(3));
    assert_eq!(config.get_application_name(), Some("orders-0"));
    assert_eq!((address.tls, address.or_any, config.get_keepalives()), (Tls::Allow, true, false));
    assert_eq!(address.socket_timeout.map(|time| time.as_secs()), Some(7));
}

#[test]
fn tls_modes() {
    let rows = [
        ("", Tls::Prefer),
        ("ssl=true", Tls::VerifyFull),
        ("ssl", Tls::VerifyFull),
        ("sslmode=disable", Tls::Disable),
        ("sslmode=REQUIRE", Tls::Require),
        ("sslmode=verify-ca&ssl=true", Tls::VerifyCa),
        ("ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory", Tls::Require),
    ];
    for (query, expect) in rows {
        assert_eq!(address(&format!("jdbc:postgresql://h/d?{query}")).unwrap().tls, expect, "{query}");
    }
}

#[test]
fn what_is_wrong_with_a_url() {
    let rows = [
        ("sslmode=maybe", "verify-full"),
        ("sslfactory=com.evil.Factory", "NonValidatingFactory"),
        ("socketFactory=com.evil.Factory", "not supported"),
        ("targetServerType=both", "preferSecondary"),
        ("connectTimeout=soon", "a whole number"),
        ("channelBinding=require", "prefer"),
        ("sslpassword=x", "encrypted"),
    ];
    for (query, expect) in rows {
        let fault = address(&format!("jdbc:postgresql://h/d?{query}")).unwrap_err();
        assert_eq!(fault.class(), Class::Config);
        assert!(fault.to_string().contains(expect), "{query}: {fault}");
    }
}

#[test]
fn states_have_classes() {
    let rows = [
        ("08006", Class::Connection),
        ("57P01", Class::Connection),
        ("57P03", Class::Transient),
        ("57014", Class::Transient),
        ("40001", Class::Transient),
        ("40P01", Class::Transient),
        ("55P03", Class::Transient),
        ("53300", Class::Transient),
        ("53100", Class::Transient),
        ("21000", Class::Data),
        ("22003", Class::Data),
        ("23505", Class::Data),
        ("P0001", Class::Data),
        ("0A000", Class::Schema),
        ("42P01", Class::Schema),
        ("42703", Class::Schema),
        ("28P01", Class::Config),
        ("3D000", Class::Config),
        ("42501", Class::Fatal),
        ("42601", Class::Fatal),
        ("XX000", Class::Fatal),
    ];
    for (state, expect) in rows {
        assert_eq!(super::fault::class(state), expect, "{state}");
    }
}
