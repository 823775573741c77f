//! The order in which rows are written.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use super::cell::Cell;
use super::config::InsertMode;
use super::plan::Plan;

/// A row and the record it came from.
#[derive(Debug)]
pub(super) struct Row {
    /// The record's place in what was put.
    pub(super) index: usize,
    pub(super) plan: Arc<Plan>,
    pub(super) cells: Vec<Cell>,
}

impl Row {
    /// What tells it from other rows of its table.
    pub(super) fn key(&self) -> &[Cell] {
        &self.cells[..self.plan.keys]
    }
}

/// Rows of one plan, to be written together.
#[derive(Debug)]
pub(super) struct Group<'r> {
    pub(super) plan: Arc<Plan>,
    pub(super) rows: Vec<&'r Row>,
}

/// A group that is not complete; a row that was replaced leaves a gap.
struct Growing<'r> {
    plan: Arc<Plan>,
    rows: Vec<Option<&'r Row>>,
}

/// Groups rows of one table by their plan, as far as that changes nothing.
///
/// Within one segment no two rows of a key meet, except in plain inserts, so that the order of its groups does not
/// matter. A row that meets an earlier one of its key replaces it if it covers all that the earlier one does, and begins
/// a new segment otherwise, as what empties the table does. With `reduce` off nothing is replaced: every row is written,
/// so that each can be told to be bad by itself.
pub(super) fn arrange<'r>(
    rows: impl IntoIterator<Item = &'r Row, IntoIter: Clone>,
    mode: InsertMode,
    reduce: bool,
) -> Vec<Group<'r>> {
    let rows = rows.into_iter();
    let appends = matches!(mode, InsertMode::Insert | InsertMode::Multi);
    if let Some(plan) = rows.clone().next().map(|first| &first.plan)
        && !plan.truncate
        && rows.clone().all(|row| Arc::ptr_eq(&row.plan, plan))
    {
        let sorted = !appends || plan.delete;
        if !sorted || plan.keys == 0 {
            return vec![Group { plan: Arc::clone(plan), rows: rows.collect() }];
        }
        if reduce {
            return vec![Group { plan: Arc::clone(plan), rows: last_of_each_key(rows.collect()) }];
        }
    }
    let mut groups: Vec<Growing<'r>> = Vec::new();
    let mut first = 0;
    let mut seen: HashMap<&'r [Cell], (usize, usize)> = HashMap::new();
    for row in rows {
        if row.plan.truncate {
            // Nothing changes its place with it.
            groups.push(Growing { plan: Arc::clone(&row.plan), rows: vec![Some(row)] });
            first = groups.len();
            seen.clear();
            continue;
        }
        let inserts = appends && !row.plan.delete;
        if row.plan.keys > 0
            && let Some((group, place)) = seen.get(row.key()).copied()
        {
            let earlier = &mut groups[group];
            let same = Arc::ptr_eq(&earlier.plan, &row.plan);
            let covered = same || row.plan.delete;
            // An insert that is followed by a delete may be refused, which a delete alone would not be.
            let replaceable = !appends || earlier.plan.delete;
            if reduce && covered && replaceable && !inserts {
                earlier.rows[place] = None;
            } else if !(inserts && same) {
                first = groups.len();
                seen.clear();
            }
        }
        let group = match groups[first..].iter().position(|group| Arc::ptr_eq(&group.plan, &row.plan)) {
            Some(at) => first + at,
            None => {
                groups.push(Growing { plan: Arc::clone(&row.plan), rows: Vec::new() });
                groups.len() - 1
            }
        };
        if row.plan.keys > 0 {
            seen.insert(row.key(), (group, groups[group].rows.len()));
        }
        groups[group].rows.push(Some(row));
    }
    let complete = groups.into_iter().map(|group| {
        let mut rows: Vec<_> = group.rows.into_iter().flatten().collect();
        if !appends || group.plan.delete {
            // Tasks that meet in the same rows then lock them in the same order.
            rows.sort_by(|a, b| a.key().cmp(b.key()));
        }
        Group { plan: group.plan, rows }
    });
    complete.filter(|group| !group.rows.is_empty()).collect()
}

/// Rows in the order of their keys, the last of each.
fn last_of_each_key(mut rows: Vec<&Row>) -> Vec<&Row> {
    // The order of equals stays as it was.
    rows.sort_by(|a, b| a.key().cmp(b.key()));
    rows.dedup_by(|later, earlier| {
        let same = later.key() == earlier.key();
        if same {
            *earlier = *later;
        }
        same
    });
    rows
}
