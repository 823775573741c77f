//! Conditions in filters.

use std::cmp::Ordering;

use connect_api::Value;

use super::{Step, find};
use crate::java_regex::JavaRegex;

/// What a filter asks.
#[derive(Debug)]
pub(super) enum Condition {
    Or(Vec<Condition>),
    And(Vec<Condition>),
    Not(Box<Condition>),
    Exists(Operand),
    Compare(Operand, Operator, Operand),
    /// Whether the whole text matches.
    Matches(Operand, Box<JavaRegex>),
    /// Whether it is one of these.
    In(Operand, Vec<Value>),
}

/// One side of a comparison.
#[derive(Debug)]
pub(super) enum Operand {
    /// From the element asked about.
    Here(Vec<Step>),
    /// From the root.
    Root(Vec<Step>),
    Literal(Value),
}

/// How two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    pub(super) fn holds(&self, here: &Value, root: &Value) -> bool {
        match self {
            Self::Or(parts) => parts.iter().any(|part| part.holds(here, root)),
            Self::And(parts) => parts.iter().all(|part| part.holds(here, root)),
            Self::Not(part) => !part.holds(here, root),
            Self::Exists(operand) => operand.value(here, root).is_some(),
            Self::Compare(left, operator, right) => operator.holds(left.value(here, root), right.value(here, root)),
            // An expression that takes out of proportion long does not match: a condition has no way to fail.
            Self::Matches(operand, regex) => operand
                .value(here, root)
                .and_then(Value::as_str)
                .is_some_and(|text| regex.matches(text).unwrap_or(false)),
            Self::In(operand, values) => {
                let found = operand.value(here, root);
                values.iter().any(|value| Operator::Equal.holds(found, Some(value)))
            }
        }
    }
}

impl Operand {
    fn value<'a>(&'a self, here: &'a Value, root: &'a Value) -> Option<&'a Value> {
        match self {
            Self::Here(steps) => find(steps, here, root)?.first().copied(),
            Self::Root(steps) => find(steps, root, root)?.first().copied(),
            Self::Literal(value) => Some(value),
        }
    }
}

impl Operator {
    fn holds(self, left: Option<&Value>, right: Option<&Value>) -> bool {
        let (Some(left), Some(right)) = (left, right) else { return self == Self::NotEqual };
        let order = order(left, right);
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

/// The order of two texts, numbers or truth values; of other things, whether they are the same.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        return Some(left.cmp(&right));
    }
    if let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) {
        return left.partial_cmp(&right);
    }
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (left, right) => (left == right).then_some(Ordering::Equal),
    }
}
