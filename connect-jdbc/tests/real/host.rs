//! A host that lends connections of its own: a client of tokio-postgres, and those of a pool of mysql_async.

use std::sync::Arc;

use connect_api::{Record, Schema, Struct, Type};
use connect_jdbc::{ConnectionFactory, JdbcSink, JdbcSinkConfig};
use connect_runtime::SinkOptions;
use mysql_async::{Opts, OptsBuilder, Pool};
use tokio_postgres::NoTls;

use super::databases::Server;
use super::sink::{BOTH, cut, shown, worker};

fn factory(server: &Server, database: &str) -> ConnectionFactory {
    let (host, port) = server.host_and_port();
    let (user, password, database) = (server.user.clone(), server.password.clone(), database.to_owned());
    if server.url("").contains("mysql") {
        let options = OptsBuilder::default().ip_or_hostname(host).tcp_port(port).prefer_socket(false);
        let options = options.user(Some(user)).pass(Some(password)).db_name(Some(database));
        let pool = Pool::new(Opts::from(options));
        return ConnectionFactory::new(move || {
            let pool = pool.clone();
            async move { pool.get_conn().await }
        });
    }
    let mut config = tokio_postgres::Config::new();
    config.host(host).port(port).user(user).password(password).dbname(database);
    let config = Arc::new(config);
    ConnectionFactory::new(move || {
        let config = Arc::clone(&config);
        async move {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(connection);
            Ok::<_, tokio_postgres::Error>(client)
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_of_the_hosts_own() {
    for db in BOTH {
        let server = Server::of(db);
        let mut session = server.fresh("host").await;
        let worker = worker().await;
        let schema = Schema::structure().field("id", Schema::required(Type::Int32)).build().unwrap();
        let row = |id: i32| Record::new("lent", Struct::of(&schema, vec![id.into()]).unwrap());
        worker.send_records((0..100).map(row)).await;
        let mut config = JdbcSinkConfig::new(if db == "pg" { "jdbc:postgresql:x" } else { "jdbc:mysql://x/x" });
        config.connection.factory = Some(factory(&server, "host"));
        config.ddl.auto_create = true;
        config.writes.exactly_once = true;
        config.retries.retry_backoff_ms = 20;
        worker.worker().start_sink(SinkOptions::new("s", ["lent"]), JdbcSink, config).await.unwrap();
        worker.drained().await;
        // The next one is asked for.
        cut(&mut session).await;
        worker.send_records((100..200).map(row)).await;
        worker.drained().await;
        assert_eq!(shown(&mut session, "select count(*), count(distinct id) from lent").await, ["200|200"], "{db}");
    }
}
