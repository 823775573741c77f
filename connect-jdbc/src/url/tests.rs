use connect_api::Result;

use super::{JdbcUrl, Network};

fn network(url: &str) -> Result<Network> {
    JdbcUrl::parse(url)?.network(5432)
}

#[test]
fn servers_and_databases() {
    let rows = [
        ("jdbc:postgresql://db/orders", "db:5432", "orders"),
        ("jdbc:postgresql://db:1/orders", "db:1", "orders"),
        ("jdbc:postgresql://a:1,b,[::1]:2/orders?x=1", "a:1 b:5432 ::1:2", "orders"),
        ("jdbc:postgresql://db", "db:5432", ""),
        ("jdbc:postgresql:orders", "localhost:5432", "orders"),
        ("jdbc:postgresql:/", "localhost:5432", ""),
        ("jdbc:postgresql:///orders", "localhost:5432", "orders"),
        ("jdbc:postgresql://db/or%20ders", "db:5432", "or ders"),
        ("jdbc:mysql://address=(host=a)(port=7)/d", "a:7", "d"),
        ("jdbc:mysql://(host=a,port=7),(host=b)/d", "a:7 b:5432", "d"),
        ("jdbc:MySQL://u:p@a/d", "a:5432", "d"),
    ];
    for (url, servers, database) in rows {
        let network = network(url).unwrap();
        let shown: Vec<_> = network.addresses.iter().map(|a| format!("{}:{}", a.host, a.port)).collect();
        assert_eq!((shown.join(" ").as_str(), network.database.as_str()), (servers, database), "{url}");
    }
}

#[test]
fn accounts_and_parameters() {
    let url = network("jdbc:mysql://u%40x:p%3Aw@a/d?ssl=true&flag&name=a%26b+c").unwrap();
    assert_eq!((url.user.as_deref(), url.password.as_deref()), (Some("u@x"), Some("p:w")));
    let pairs: Vec<_> = url.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(pairs, ["flag=", "name=a&b c", "ssl=true"]);
    assert!(!format!("{url:?}").contains("p:w"));
}

#[test]
fn what_is_no_url_is_refused_without_repeating_it() {
    let rows = [
        ("", "jdbc:<database>"),
        ("postgresql://db/secret", "jdbc:<database>"),
        ("jdbc:postgresql", "jdbc:<database>"),
        ("jdbc:mysql:loadbalance://a/secret", "loadbalance:"),
        ("jdbc:mysql://a:seventy/secret", "port"),
        ("jdbc:mysql://a:70000/secret", "port"),
        ("jdbc:mysql://a/secret%zz", "hexadecimal"),
        ("jdbc:mysql://[::1/secret", "without a ]"),
        ("jdbc:mysql://address=(path=secret)/d", "known: host, port"),
    ];
    for (url, expect) in rows {
        let message = network(url).unwrap_err().to_string();
        assert!(message.contains(expect) && !message.contains("secret"), "{url}: {message}");
    }
}

#[test]
fn files_keep_their_name() {
    let url = JdbcUrl::parse("jdbc:sqlite:/a b/c%20d.db?busy_timeout=7").unwrap();
    let (file, parameters) = url.file().unwrap();
    assert_eq!((file.as_str(), parameters["busy_timeout"].as_str()), ("/a b/c%20d.db", "7"));
    assert_eq!(JdbcUrl::parse("jdbc:sqlite::memory:").unwrap().file().unwrap().0, ":memory:");
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "(jdbc:)?[a-z]{0,5}:?(//)?[ -~]{0,40}") {
        if let Ok(url) = JdbcUrl::parse(&text) {
            let _ = (url.network(1), url.file());
        }
    }
}
