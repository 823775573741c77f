use std::collections::BTreeMap;
use std::sync::Arc;

use connect_api::{Datum, Record, Schema, SinkRecord, Struct, TimestampType, TopicPartition, Type, Value};
use proptest::prelude::*;

use super::{InsertMode, Row, arrange};
use crate::dialect::TableName;
use crate::sink::cell::{Cell, Clocks};
use crate::sink::config::{JdbcSinkConfig, PkMode};
use crate::sink::plan::Plan;

/// A table's rows: by key, the values of two columns.
type Rows = BTreeMap<Cell, BTreeMap<String, Cell>>;

/// Key and kind of a record: with both columns, with one, or none, which deletes.
fn rows(records: &[(i32, u8)]) -> Vec<Row> {
    let mut config = JdbcSinkConfig::new("jdbc:sqlite:x");
    config.writes.delete_enabled = true;
    config.mapping.pk_mode = PkMode::RecordKey;
    config.mapping.pk_fields = vec!["id".into()];
    let clocks = Clocks::new(&config.mapping);
    let table = Arc::new(TableName::bare("t"));
    let origin = Arc::new(TopicPartition::new("t", 0));
    let one = Schema::structure().field("a", Type::Int32).build().unwrap();
    let both = Schema::structure().field("a", Type::Int32).field("b", Type::Int32).build().unwrap();
    let mut plans: BTreeMap<u8, Arc<Plan>> = BTreeMap::new();
    let row = |(index, (key, kind)): (usize, &(i32, u8))| {
        let number = Value::Int32(i32::try_from(index).unwrap());
        let value: Datum = match kind {
            0 => Datum::NULL,
            1 => Struct::of(&one, vec![number]).unwrap().into(),
            _ => Struct::of(&both, vec![number.clone(), number]).unwrap().into(),
        };
        let key = Datum::new(Schema::required(Type::Int32), *key);
        let record = Record::new("t", value).with_key(key);
        let record = SinkRecord::new(record, Arc::clone(&origin), 0, TimestampType::None);
        let plan =
            plans.entry(*kind).or_insert_with(|| Arc::new(Plan::of(&config, Arc::clone(&table), &record).unwrap()));
        Row { index, plan: Arc::clone(plan), cells: plan.row(&record, &clocks).unwrap() }
    };
    records.iter().enumerate().map(row).collect()
}

fn apply(table: &mut Rows, row: &Row, mode: InsertMode) {
    let key = row.key()[0].clone();
    if row.plan.delete {
        table.remove(&key);
        return;
    }
    if mode == InsertMode::Update && !table.contains_key(&key) {
        return;
    }
    let old = table.entry(key).or_default();
    for (field, cell) in row.plan.fields.iter().zip(&row.cells).skip(1) {
        old.insert(field.name.clone(), cell.clone());
    }
}

proptest! {
    // However rows are grouped, and whatever is left out, the table is as if each had been written by itself.
    #[test]
    fn the_table_is_the_same(records in prop::collection::vec((0..4_i32, 0..3_u8), 0..40), update: bool, reduce: bool) {
        let mode = if update { InsertMode::Update } else { InsertMode::Upsert };
        let rows = rows(&records);
        let start: Rows = (0..2).map(|key| (Cell::Int(key), BTreeMap::from([("b".to_owned(), Cell::Null)]))).collect();
        let (mut expected, mut found) = (start.clone(), start);
        rows.iter().for_each(|row| apply(&mut expected, row, mode));
        for group in arrange(&rows, mode, reduce) {
            let mut keys: Vec<_> = group.rows.iter().map(|row| row.key()).collect();
            group.rows.iter().for_each(|row| apply(&mut found, row, mode));
            // One statement must not meet a key twice, and locks keys in order.
            prop_assert!(keys.is_sorted());
            let count = keys.len();
            keys.dedup();
            prop_assert_eq!(keys.len(), count);
        }
        prop_assert_eq!(found, expected);
    }

    // Inserts all arrive: it is the database that refuses a key that is there.
    #[test]
    fn no_insert_is_left_out(records in prop::collection::vec((0..4_i32, 0..3_u8), 0..40)) {
        let rows = rows(&records);
        let inserts = |row: &&Row| !row.plan.delete;
        let groups = arrange(&rows, InsertMode::Insert, true);
        let written = groups.iter().flat_map(|group| &group.rows);
        let mut found: Vec<usize> = written.map(|row| row.index).filter(|at| !rows[*at].plan.delete).collect();
        found.sort_unstable();
        prop_assert_eq!(found, rows.iter().filter(inserts).map(|row| row.index).collect::<Vec<_>>());
    }
}
