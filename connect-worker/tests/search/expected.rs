//! What is sent, and what the index must hold then.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Value, json};

use crate::random::Random;

pub(crate) const PARTITIONS: i32 = 4;

/// A record.
pub(crate) struct Sent {
    pub(crate) partition: i32,
    pub(crate) key: String,
    pub(crate) value: Option<String>,
}

/// What the index and the dead letter queue must hold.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// Version and document by id; deleted ones are not there.
    pub(crate) documents: BTreeMap<String, (i64, Value)>,
    /// Partition and offset of each record that the server refuses, and the field it must name.
    pub(crate) malformed: BTreeMap<(i32, i64), &'static str>,
    ends: BTreeMap<i32, i64>,
    pub(crate) keys: BTreeSet<String>,
}

impl Expected {
    /// The next record of so many, chosen by chance: most change one of fewer documents, some delete one, few are bad.
    pub(crate) fn next(&mut self, number: u64, of: u64, random: &mut Random) -> Sent {
        let key = random.below(of * 2 / 5);
        let partition = i32::try_from(key % PARTITIONS.unsigned_abs() as u64).unwrap_or_default();
        let key = format!("k{key}");
        let end = self.ends.entry(partition).or_default();
        let offset = *end;
        *end += 1;
        self.keys.insert(key.clone());
        let amount = random.below(1_000_000);
        let document =
            json!({ "seq": number, "amount": amount, "sum": sum(&key, number, amount), "text": "as it came" });
        let value = match random.below(1000) {
            0 => {
                self.malformed.insert((partition, offset), "amount");
                Some(json!({ "seq": number, "amount": "no number" }))
            }
            1 => {
                self.malformed.insert((partition, offset), "surprise");
                Some(json!({ "seq": number, "surprise": amount }))
            }
            2..40 => {
                self.documents.remove(&key);
                None
            }
            _ => {
                self.documents.insert(key.clone(), (offset, document.clone()));
                Some(document)
            }
        };
        Sent { partition, key, value: value.map(|value| value.to_string()) }
    }
}

fn sum(key: &str, number: u64, amount: u64) -> String {
    let mut hasher = DefaultHasher::new();
    (key, number, amount).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
