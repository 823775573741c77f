use std::collections::BTreeMap;

use mysql_async::Opts;

use super::address::{Address, ZeroDate};
use super::*;
use crate::dialect::Class;
use crate::url::JdbcUrl;

fn address(url: &str) -> Result<Address, Fault> {
    let url = JdbcUrl::parse(url).unwrap();
    Address::of(&Endpoint {
        url,
        user: None,
        password: None,
        properties: BTreeMap::new(),
        application: "t".into(),
        factory: None,
    })
}

#[test]
fn a_url_becomes_the_drivers_configuration() {
    let url = "jdbc:mysql://bob:pw@a:1,b/db?useCompression=true&socketTimeout=7&sessionVariables=a=1,@b=2\
               &forceConnectionTimeZoneToSession=true&connectionTimeZone=UTC&zeroDateTimeBehavior=convertToNull";
    let address = address(url).unwrap();
    let options = Opts::from(address.options);
    assert_eq!((options.user(), options.pass(), options.db_name()), (Some("bob"), Some("pw"), Some("db")));
    let setup = options.setup();
    assert_eq!(setup[1..], ["SET SESSION time_zone = '+00:00'", "SET SESSION a=1", "SET @b=2"]);
    assert!(options.client_found_rows() && options.compression().is_some());
    let servers: Vec<_> = address.servers.iter().map(|server| format!("{}:{}", server.host, server.port)).collect();
    assert_eq!(servers, ["a:1", "b:3306"]);
    assert_eq!(address.socket_timeout.map(|time| time.as_millis()), Some(7));
    assert_eq!(address.reading.zero_date, ZeroDate::Null);
}

#[test]
fn tls_modes() {
    // Mode, whether TLS is used, whether any certificate will do, whether any name will do, whether plain will do.
    let rows = [
        ("", true, true, true, true),
        ("useSSL=false", false, false, false, false),
        ("useSSL=true", true, true, true, false),
        ("sslMode=DISABLED", false, false, false, false),
        ("sslMode=required", true, true, true, false),
        ("sslMode=verify-ca", true, false, true, false),
        ("sslMode=VERIFY_IDENTITY", true, false, false, false),
        ("useSSL=true&verifyServerCertificate=true", true, false, true, false),
    ];
    for (query, used, any, any_name, plain) in rows {
        let address = address(&format!("jdbc:mariadb://h/d?{query}")).unwrap();
        let tls = address.tls.as_ref();
        let flags = tls.map_or((false, false), |tls| (tls.accept_invalid_certs(), tls.skip_domain_validation()));
        assert_eq!((tls.is_some(), flags, address.or_plain), (used, (any, any_name), plain), "{query}");
    }
}

#[test]
fn what_is_wrong_with_a_url() {
    let rows = [
        ("sslMode=maybe", "VERIFY_IDENTITY"),
        ("allowLoadLocalInfile=true", "not supported"),
        ("autoDeserialize=true", "not supported"),
        ("trustCertificateKeyStoreUrl=file:/x.jks", "PEM"),
        ("connectionTimeZone=x';DROP&forceConnectionTimeZoneToSession=true", "time zone"),
        ("zeroDateTimeBehavior=no", "CONVERT_TO_NULL"),
    ];
    for (query, expect) in rows {
        let fault = address(&format!("jdbc:mysql://h/d?{query}")).err().unwrap();
        assert_eq!(fault.class(), Class::Config);
        assert!(fault.to_string().contains(expect), "{query}: {fault}");
    }
    address("jdbc:mysql://h/d?allowLoadLocalInfile=false").unwrap();
}

#[test]
fn numbers_have_classes() {
    let rows = [
        (1213, "40001", Class::Transient),
        (1205, "HY000", Class::Transient),
        (2006, "HY000", Class::Connection),
        (1053, "08S01", Class::Connection),
        (1062, "23000", Class::Data),
        (1264, "22003", Class::Data),
        (1366, "22007", Class::Data),
        (4025, "23000", Class::Data),
        (1146, "42S02", Class::Schema),
        (1045, "28000", Class::Config),
        (1064, "42000", Class::Fatal),
        (1142, "42000", Class::Fatal),
    ];
    for (code, state, expect) in rows {
        assert_eq!(super::fault::class(code, state), expect, "{code}");
    }
}
