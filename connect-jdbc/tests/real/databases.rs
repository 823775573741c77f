//! The servers, and what a test sees of them beside the connector.

use std::time::Duration;

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, OptsBuilder, Value};
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// How long a test waits before it is taken for one that hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// Address and account of a server.
#[derive(Clone)]
pub(crate) struct Server {
    scheme: &'static str,
    address: String,
    pub(crate) user: String,
    pub(crate) password: String,
}

impl Server {
    /// The server of a case: `pg`, `maria`, or `sqlite`, which is none and has files.
    pub(crate) fn of(db: &str) -> Self {
        Self::with(db, &std::env::vars().collect::<Vec<_>>())
    }

    /// The same of other variables than the environment's.
    pub(crate) fn with(db: &str, variables: &[(String, String)]) -> Self {
        if db == "sqlite" {
            let (folder, user) = (env!("CARGO_TARGET_TMPDIR").to_owned(), String::new());
            return Self { scheme: "sqlite", address: folder, user: user.clone(), password: user };
        }
        let (scheme, name) = if db == "pg" { ("postgresql", "POSTGRES") } else { ("mysql", "MARIADB") };
        let get = |what: &str| {
            let variable = format!("{name}_{what}");
            let found = variables.iter().find(|(name, _)| *name == variable).map(|(_, value)| value.clone());
            found.unwrap_or_else(|| panic!("{variable} is not set; dev/services/README.md says how"))
        };
        Self { scheme, address: get("ADDRESS"), user: get("USER"), password: get("PASSWORD") }
    }

    /// Its URL for a database.
    pub(crate) fn url(&self, database: &str) -> String {
        match self.scheme {
            "sqlite" => format!("jdbc:sqlite:{}", self.file(database)),
            scheme => format!("jdbc:{scheme}://{}/{database}", self.address),
        }
    }

    fn file(&self, database: &str) -> String {
        format!("{}/{database}-{}.db", self.address, std::process::id())
    }

    /// The keys of a connector's configuration that lead to a database.
    pub(crate) fn keys(&self, database: &str) -> [(String, String); 3] {
        let keys = ["connection.url", "connection.user", "connection.password"].map(str::to_owned);
        let [url, user, password] = keys;
        [(url, self.url(database)), (user, self.user.clone()), (password, self.password.clone())]
    }

    /// A session in a new, empty database of this name.
    pub(crate) async fn fresh(&self, database: &str) -> Db {
        if self.scheme == "sqlite" {
            let _ = std::fs::remove_file(self.file(database));
            return self.session(database).await;
        }
        let quote = if self.scheme == "mysql" { '`' } else { '"' };
        let name = format!("{quote}{database}{quote}");
        let force = if self.scheme == "mysql" { "" } else { " WITH (FORCE)" };
        let mut outside = self.session(if self.scheme == "mysql" { "mysql" } else { "postgres" }).await;
        outside.run(&format!("DROP DATABASE IF EXISTS {name}{force}")).await;
        outside.run(&format!("CREATE DATABASE {name}")).await;
        self.session(database).await
    }

    /// Where it listens.
    pub(crate) fn host_and_port(&self) -> (&str, u16) {
        let (host, port) = self.address.rsplit_once(':').expect("host:port");
        (host, port.parse().expect("a port"))
    }

    /// A session in a database.
    pub(crate) async fn session(&self, database: &str) -> Db {
        if self.scheme == "sqlite" {
            return Db::Sqlite(rusqlite::Connection::open(self.file(database)).expect("a file"));
        }
        let (host, port) = self.host_and_port();
        if self.scheme == "mysql" {
            let options = OptsBuilder::default().ip_or_hostname(host).tcp_port(port).prefer_socket(false);
            let options = options.user(Some(&self.user)).pass(Some(&self.password)).db_name(Some(database));
            return Db::Maria(Box::new(Conn::new(options).await.expect("MariaDB answers")));
        }
        let mut config = tokio_postgres::Config::new();
        config.host(host).port(port).user(&self.user).password(&self.password).dbname(database);
        let (client, connection) = config.connect(NoTls).await.expect("PostgreSQL answers");
        tokio::spawn(connection);
        Db::Postgres(client)
    }
}

/// A session of a test's own.
pub(crate) enum Db {
    Postgres(Client),
    Maria(Box<Conn>),
    Sqlite(rusqlite::Connection),
}

type Rows = Vec<Vec<Option<String>>>;

impl Db {
    /// Runs one statement, each by itself.
    pub(crate) async fn run(&mut self, sql: &str) {
        match self {
            Self::Postgres(client) => client.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}")),
            Self::Maria(conn) => conn.query_drop(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}")),
            Self::Sqlite(connection) => connection.execute_batch(sql).unwrap_or_else(|e| panic!("{sql}: {e}")),
        }
    }

    /// Rows as text.
    pub(crate) async fn rows(&mut self, sql: &str) -> Rows {
        match self {
            Self::Postgres(client) => {
                let messages = client.simple_query(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
                let rows = messages.iter().filter_map(|message| match message {
                    SimpleQueryMessage::Row(row) => Some(row),
                    _ => None,
                });
                rows.map(|row| (0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect()).collect()
            }
            Self::Maria(conn) => {
                let rows: Vec<mysql_async::Row> = conn.query(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
                let text = |value| match value {
                    Value::NULL => None,
                    Value::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
                    other => panic!("{other:?}"),
                };
                rows.into_iter().map(|row| row.unwrap().into_iter().map(text).collect()).collect()
            }
            Self::Sqlite(connection) => {
                use rusqlite::types::Value;
                let mut statement = connection.prepare(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
                let columns = statement.column_count();
                let text = |value| match value {
                    Value::Null => None,
                    Value::Integer(number) => Some(number.to_string()),
                    Value::Real(number) => Some(number.to_string()),
                    Value::Text(text) => Some(text),
                    Value::Blob(bytes) => Some(format!("{bytes:?}")),
                };
                let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at).map(text)).collect());
                rows.unwrap().collect::<Result<_, _>>().unwrap_or_else(|e| panic!("{sql}: {e}"))
            }
        }
    }

    /// Waits until the rows of a query fit.
    pub(crate) async fn until(&mut self, sql: &str, mut fit: impl FnMut(&Rows) -> bool) {
        let began = Instant::now();
        while !fit(&self.rows(sql).await) {
            assert!(began.elapsed() < PATIENCE, "it did not come to be within {PATIENCE:?}: {sql}");
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// A table as the cases have it: columns and sorted rows, or null.
    pub(crate) async fn table(&mut self, name: &str) -> Json {
        let columns = self.columns(name).await;
        if columns.is_empty() {
            return Json::Null;
        }
        let maria = matches!(self, Self::Maria(_));
        let select = columns.iter().map(|column| {
            let name = column[0].clone().unwrap_or_default();
            let ty = column[1].clone().unwrap_or_default();
            match maria {
                true if ty.contains("binary") || ty.contains("blob") => format!("hex(`{name}`)"),
                true => format!("cast(`{name}` as char)"),
                false => format!("\"{name}\"::text"),
            }
        });
        let select = select.collect::<Vec<_>>().join(",");
        let table = match (name.split_once('.'), maria) {
            (_, true) => format!("`{name}`"),
            (Some((schema, table)), false) => format!("\"{schema}\".\"{table}\""),
            (None, false) => format!("\"{name}\""),
        };
        let mut rows = self.rows(&format!("select {select} from {table}")).await;
        rows.sort();
        let keys = ["name", "type", "null", "default"];
        let shown = columns.iter().map(|column| {
            let mut object: serde_json::Map<String, Json> =
                keys.iter().zip(column).map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
            let place = column[4].as_deref().map(|place| place.parse::<i64>().expect("a place"));
            object.insert("pk".into(), json!(place));
            Json::Object(object)
        });
        json!({ "columns": shown.collect::<Vec<_>>(), "rows": rows })
    }

    async fn columns(&mut self, name: &str) -> Rows {
        let sql = match self {
            Self::Sqlite(_) => return Vec::new(),
            Self::Maria(_) => format!(
                "select c.column_name, c.column_type, if(c.is_nullable = 'NO', 'not null', 'null'), c.column_default,
                 k.ordinal_position from information_schema.columns c left join information_schema.key_column_usage k
                 on k.table_schema = c.table_schema and k.table_name = c.table_name and k.column_name = c.column_name
                 and k.constraint_name = 'PRIMARY'
                 where c.table_schema = database() and c.table_name = '{name}' order by c.ordinal_position"
            ),
            Self::Postgres(_) => {
                let (schema, table) = name.split_once('.').unwrap_or(("public", name));
                format!(
                    "select a.attname, format_type(a.atttypid, a.atttypmod),
                     case when a.attnotnull then 'not null' else 'null' end, pg_get_expr(d.adbin, d.adrelid),
                     (select array_position(i.indkey::int2[], a.attnum) + 1 from pg_index i
                      where i.indrelid = a.attrelid and i.indisprimary)
                     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
                     left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
                     where n.nspname = '{schema}' and c.relname = '{table}' and c.relkind in ('r', 'p')
                     and a.attnum > 0 and not a.attisdropped order by a.attnum"
                )
            }
        };
        self.rows(&sql).await
    }
}
