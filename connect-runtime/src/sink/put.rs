//! One lot through the task's `put`: retries, failed records, and the search for a bad one.

use connect_api::{Error, ErrorKind, Result, SinkRecord};
use futures::future::try_join_all;

/// The search for the bad record in a batch that failed as a whole.
///
/// The records before `start` are done with. While searching, the records from `start` to `bad_before` hold at
/// least one bad record. Each step puts the first half of these: when it is taken the bad one is in the rest,
/// when not it is in the half. So a bad record among n costs at most ⌈log2 n⌉ further puts.
#[derive(Debug, Default)]
pub(super) struct Search {
    start: usize,
    bad_before: Option<(usize, Option<Error>)>,
}

/// Where a search stands.
#[derive(Debug)]
pub(super) enum Step {
    /// Put the records in this range.
    Put(std::ops::Range<usize>),
    /// This record is the bad one.
    Bad(usize, Error),
    /// Nothing is left.
    Done,
}

impl Search {
    /// The next step, with `len` records in all.
    pub(super) fn step(&mut self, len: usize) -> Step {
        match &mut self.bad_before {
            Some((end, error)) if *end - self.start == 1 => {
                let error = error.take().unwrap_or_else(|| Error::data("the record was refused"));
                Step::Bad(self.start, error)
            }
            Some((end, _)) => Step::Put(self.start..self.start + (*end - self.start) / 2),
            None if self.start < len => Step::Put(self.start..len),
            None => Step::Done,
        }
    }

    /// The records up to `end` were taken.
    pub(super) fn taken(&mut self, end: usize) {
        self.start = end;
        if self.bad_before.as_ref().is_some_and(|(before, _)| *before <= end) {
            self.bad_before = None;
        }
    }

    /// The records up to `end` were refused as a whole: one of them is bad.
    pub(super) fn refused(&mut self, end: usize, error: Error) {
        self.bad_before = Some((end, Some(error)));
    }

    /// The bad record was given up.
    pub(super) fn given_up(&mut self) {
        self.start += 1;
        self.bad_before = None;
    }

    /// How many records are done with.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Begins anew with the records that are left.
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }
}

/// Failed records of a slice, by index.
#[derive(Debug, Default)]
pub(super) struct Failed {
    /// To be put again, and the reason of the first of them.
    pub(super) again: Vec<usize>,
    pub(super) why: Option<Error>,
    /// To be given up.
    pub(super) bad: Vec<(usize, Error)>,
}

/// Sorts the failed records of a slice into those to try again and those to give up.
///
/// # Errors
/// The error of a record that must end the task, or that an index is beyond the slice.
pub(super) fn sort_failed(records: &[SinkRecord], error: Error) -> Result<Failed> {
    let mut failed = Failed::default();
    for (index, error) in error.into_failed_records() {
        if index >= records.len() {
            return Err(Error::fatal(format!(
                "the task said record {index} failed, but put was given {} records",
                records.len()
            )));
        }
        match error.kind() {
            ErrorKind::Retriable => {
                failed.again.push(index);
                failed.why.get_or_insert(error);
            }
            ErrorKind::Data => failed.bad.push((index, error)),
            _ => {
                let record = &records[index];
                return Err(Error::fatal(format!(
                    "record at {}, offset {} failed: {error}",
                    record.origin(),
                    record.offset()
                ))
                .with_source(error));
            }
        }
    }
    Ok(failed)
}

/// Gives bad records up, together.
pub(super) async fn give_up_all(
    host: &super::host::Host,
    records: &[SinkRecord],
    bad: Vec<(usize, Error)>,
) -> Result<()> {
    try_join_all(bad.into_iter().map(|(index, error)| host.give_up(&records[index], error))).await.map(drop)
}

#[cfg(test)]
mod tests;
