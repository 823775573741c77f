#![cfg(feature = "sqlite")]

use std::sync::Arc;

use super::{KNOWN, Routes};
use crate::dialect::choose;
use crate::sink::config::JdbcSinkConfig;
use crate::url::JdbcUrl;

#[test]
fn ever_new_names_do_not_fill_the_memory() {
    let dialect = choose("", &JdbcUrl::parse("jdbc:sqlite:x").unwrap()).unwrap();
    let mut routes = Routes::new(&JdbcSinkConfig::new("jdbc:sqlite:x"), dialect).unwrap();
    for number in 0..3 * KNOWN {
        let name: Arc<str> = format!("t{number}").into();
        assert_eq!(routes.table(&name).unwrap().to_string(), *name);
        assert!(routes.known.len() <= KNOWN, "{}", routes.known.len());
    }
}
