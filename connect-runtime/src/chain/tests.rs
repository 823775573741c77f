//! A chain over a batch does what it does record by record.

use std::sync::Arc;

use connect_api::{Error, Flow, Predicate, Record, Result, Transform, Value};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{Chain, Changed, Stage};

/// What a stage does to a record whose number it divides.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Add,
    Drop,
    Fail,
}

struct Every(i64, Deed);

impl Transform for Every {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        let number = record.value.value.as_i64().unwrap_or(0);
        if number % self.0 != 0 {
            return Ok(Flow::Keep);
        }
        match self.1 {
            Deed::Add => {
                record.value = Value::from(number + self.0).into();
                record.headers.add("added", self.0.to_string());
                Ok(Flow::Keep)
            }
            Deed::Drop => Ok(Flow::Drop),
            Deed::Fail => Err(Error::data(format!("{number} is a multiple of {}", self.0))),
        }
    }
}

struct Odd;

impl Predicate for Odd {
    fn test(&self, record: &Record) -> bool {
        record.value.value.as_i64().is_some_and(|number| number % 2 == 1)
    }
}

fn chain() -> impl Strategy<Value = Chain> {
    let deed = prop::sample::select(vec![Deed::Add, Deed::Add, Deed::Drop, Deed::Fail]);
    vec((1..7i64, deed, any::<Option<bool>>()), 0..6).prop_map(|stages| {
        let mut chain = Chain::default();
        for (number, (divisor, deed, negated)) in stages.into_iter().enumerate() {
            let predicate = negated.map(|negate| (Arc::new(Odd) as Arc<dyn Predicate>, negate));
            chain.push(Stage::new(format!("stage {number}"), Arc::new(Every(divisor, deed)), predicate));
        }
        chain
    })
}

/// What became of a record, and what it is now unless it failed: then it may be half changed.
fn outcome(changed: &Changed, record: &Record) -> String {
    match changed {
        Changed::Kept => format!("kept {record:?}"),
        Changed::Dropped => "dropped".to_owned(),
        Changed::Failed(failed) => format!("{}: {}", failed.class, failed.error),
    }
}

proptest! {
    #[test]
    fn a_batch_fares_as_its_records_do(chain in chain(), numbers in vec(0..40i64, 0..20)) {
        let records: Vec<_> = numbers.into_iter().map(|number| Record::new("t", Value::from(number))).collect();
        let mut alone = records.clone();
        let one_by_one: Vec<_> = alone.iter_mut().map(|record| outcome(&chain.apply(record), record)).collect();
        let mut together = records;
        let changed = chain.apply_batch(together.iter_mut());
        let batch: Vec<_> = match &changed {
            Some(changed) => changed.iter().zip(&together).map(|(changed, record)| outcome(changed, record)).collect(),
            None => together.iter().map(|record| outcome(&Changed::Kept, record)).collect(),
        };
        prop_assert_eq!(batch, one_by_one);
    }
}
