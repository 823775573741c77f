//! Names and values that mean harm, to servers that would do what they say.

use connect_api::{Datum, Record, Schema, Struct, Type, Value};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use super::databases::Server;
use super::sink::{BOTH, config, shown, worker};

const NAMES: usize = 24;

/// What quotes, ends, comments and stands for values, in any order; or ends a statement and begins another.
const HARM: &str = "[a-zé '\"`;:\\\\$?%@(){}\\[\\]/*#!&|<>=~+-]{1,12}\
                    |[\"'`]?[);]{0,2} ?drop table victim ?[);]{0,2}(--|#|/\\*)?[\"'`]?";

fn harm(runner: &mut TestRunner) -> String {
    let text = proptest::string::string_regex(HARM).expect("an expression");
    text.new_tree(runner).expect("a text").current()
}

/// A table is made and grows, rows are inserted, changed and deleted; and nothing else, whatever names and values are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_values_change_no_statement() {
    let mut runner = TestRunner::deterministic();
    for db in BOTH {
        let server = Server::of(db);
        let quote = if db == "pg" { '"' } else { '`' };
        for _ in 0..NAMES {
            // Quotes in the format of a table's name say where its parts are, and ${topic} what the name is.
            let table = format!("t{}", harm(&mut runner).replace(['"', '`', '$'], "'"));
            let table = table.trim();
            let [key, a, b] = ["k", "a", "b"].map(|first| format!("{first}{}", harm(&mut runner)).trim().to_owned());
            let [text, other, default] = [(); 3].map(|()| harm(&mut runner));
            let told = format!("{db}: {table:?}, {key:?}, {a:?}, {b:?}, {text:?}, {other:?}, {default:?}");

            let mut session = server.fresh("hostile").await;
            session.run("create table victim (n int)").await;
            session.run("insert into victim values (1)").await;
            let with_default =
                Schema::builder(Type::String).optional().default_value(default.as_str()).build().unwrap();
            let first = Schema::structure().field(&*a, Schema::optional(Type::String));
            let second = first.clone().field(&*b, with_default).build().unwrap();
            let first = first.build().unwrap();
            let record = |id: i64, value: Value| {
                Record::new("rows", value).with_key(Datum::new(Schema::required(Type::Int64), id))
            };
            let one = |text: &str| Struct::of(&first, vec![text.into()]).unwrap().into();
            let two = |text: &str, b: Value| Struct::of(&second, vec![text.into(), b]).unwrap().into();
            let worker = worker().await;
            worker.send_records([record(1, one(&text)), record(2, one(&text)), record(3, one(&other))]).await;
            let more =
                "auto.create=true\nauto.evolve=true\ninsert.mode=upsert\npk.mode=record_key\ndelete.enabled=true";
            let mut config = config(&server, "hostile", "rows", more);
            config.insert("table.name.format".into(), table.to_owned());
            config.insert("pk.fields".into(), key.clone());
            worker.create(config).await;
            worker.drained().await;
            worker
                .send_records([record(2, two(&other, text.as_str().into())), record(4, two(&text, Value::Null))])
                .await;
            worker.send_records([record(3, Value::Null)]).await;
            worker.drained().await;
            assert_eq!(worker.trace("s"), "", "{told}");

            let here = if db == "pg" { "current_schema()" } else { "database()" };
            let tables = format!("select table_name from information_schema.tables where table_schema = {here}");
            let mut found = shown(&mut session, &tables).await;
            found.sort();
            let mut expected = [table, "victim"];
            expected.sort_unstable();
            assert_eq!(found, expected, "{told}");
            let columns = format!(
                "select column_name from information_schema.columns where table_schema = {here} and table_name <> 'victim'"
            );
            let mut found = shown(&mut session, &columns).await;
            found.sort();
            let mut expected = [key.clone(), a.clone(), b.clone()];
            expected.sort_unstable();
            assert_eq!(found, expected, "{told}");
            assert_eq!(shown(&mut session, "select n from victim").await, ["1"], "{told}");
            let name = |name: &str| format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")));
            let (table, key) = (name(table), name(&key));
            let columns = [key.as_str(), &name(&a), &name(&b)].join(", ");
            let found = session.rows(&format!("select {columns} from {table} order by {key}")).await;
            let row = |id: &str, a: &str, b: &str| [id, a, b].map(|text| Some(text.to_owned())).to_vec();
            let expected = [row("1", &text, &default), row("2", &other, &text), row("4", &text, &default)];
            assert_eq!(found, expected, "{told}");
        }
    }
}
