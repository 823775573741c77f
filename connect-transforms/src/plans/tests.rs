use std::cell::Cell;
use std::sync::Arc;

use connect_api::{Error, Result, Schema, Type};

use super::{FIRST, KEPT, Plans};

fn named(name: usize) -> Arc<Schema> {
    Schema::builder(Type::Int8).name(name.to_string()).build().unwrap()
}

#[test]
fn a_plan_is_made_once_for_equal_schemas() {
    let (plans, made) = (Plans::new(), Cell::new(0));
    let get = |schema: &Arc<Schema>| {
        let plan = plans.get(schema, |schema| -> Result<_> {
            made.set(made.get() + 1);
            Ok(schema.name().map(str::to_owned))
        });
        assert_eq!(plan.unwrap().as_deref(), schema.name());
    };
    // Half of what is kept, so that each has room at two addresses.
    let count = FIRST + KEPT / 2 - FIRST / 2;
    let schemas: Vec<_> = (0..count).map(named).collect();
    for _ in 0..2 {
        schemas.iter().for_each(get);
        assert_eq!(made.get(), count);
    }
    // Equal ones at other addresses.
    let equals: Vec<_> = (0..count).map(named).collect();
    equals.iter().for_each(get);
    assert_eq!(made.get(), count);
}

#[test]
fn more_schemas_than_are_kept() {
    let plans = Plans::new();
    for name in (0..100).chain(0..100) {
        let plan = plans.get(&named(name), |schema| Ok(schema.name().map(str::to_owned))).unwrap();
        assert_eq!(plan.as_deref(), Some(&*name.to_string()));
    }
}

#[test]
fn a_failure_is_not_kept() {
    let (plans, schema) = (Plans::new(), named(0));
    assert!(plans.get(&schema, |_| Err(Error::data("no"))).is_err());
    assert_eq!(*plans.get(&schema, |_| Ok(1)).unwrap(), 1);
}
