//! Against real PostgreSQL and MariaDB: `POSTGRES_ADDRESS`, `MARIADB_ADDRESS` and the accounts beside them, as
//! `dev/services/postgres env` and `dev/services/mariadb env` print them.

#![allow(clippy::print_stdout, reason = "a run of cases says how many passed")]

mod cases;
mod checklist;
mod databases;
mod debezium;
mod decided;
mod host;
mod hostile;
mod sink;
mod source;
mod tls;
