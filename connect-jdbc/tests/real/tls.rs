//! Who is let in, and whom we trust.

use connect_api::SinkConnector as _;
use connect_jdbc::{JdbcSink, JdbcSinkConfig};

use super::databases::Server;

/// What is wrong with a URL, as validation tells it; empty when the database lets us in.
async fn wrong(server: &Server, parameters: &str, password: &str) -> String {
    let database = if server.url("").contains("mysql") { "mysql" } else { "postgres" };
    let mut config = JdbcSinkConfig::new(format!("{}?{parameters}", server.url(database)));
    config.connection.user = Some(server.user.clone());
    config.connection.password = Some(password.to_owned().into());
    let errors = JdbcSink.validate(&config).await.err().unwrap_or_default();
    errors.iter().map(|error| format!("{}: {}", error.key, error.message)).collect::<Vec<_>>().join("; ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_modes_of_postgresql() {
    let server = Server::of("pg");
    let Ok(ca) = std::env::var("POSTGRES_TLS_CA") else { panic!("POSTGRES_TLS_CA is not set") };
    let other = ca.replace("ca.pem", "unknown-ca.pem");
    let rows = [
        ("sslmode=disable".to_owned(), ""),
        ("sslmode=allow".to_owned(), ""),
        ("sslmode=prefer".to_owned(), ""),
        ("sslmode=require".to_owned(), ""),
        (format!("sslmode=verify-ca&sslrootcert={ca}"), ""),
        (format!("sslmode=verify-full&sslrootcert={ca}"), ""),
        (format!("ssl=true&sslrootcert={other}"), "UnknownIssuer"),
        (format!("sslmode=verify-ca&sslrootcert={other}"), "UnknownIssuer"),
        ("sslmode=verify-ca&sslrootcert=/none.pem".to_owned(), "/none.pem"),
    ];
    for (parameters, expect) in rows {
        let found = wrong(&server, &parameters, &server.password).await;
        let fits = if expect.is_empty() { found.is_empty() } else { found.contains(expect) };
        assert!(fits, "{parameters}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_and_not_shown() {
    for db in ["pg", "maria"] {
        let found = wrong(&Server::of(db), "", "not-this-one").await;
        assert!(found.starts_with("connection.url: ") && !found.contains("not-this-one"), "{db}: {found}");
        assert!(found.contains("28P01") || found.contains("1045"), "{db}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_not_given_up_where_it_is_asked_for() {
    // This MariaDB has no TLS.
    let server = Server::of("maria");
    assert_eq!(wrong(&server, "sslMode=PREFERRED", &server.password).await, "");
    let found = wrong(&server, "sslMode=REQUIRED", &server.password).await;
    assert!(found.contains("SSL"), "{found}");
}
