//! The result.

use std::collections::BTreeMap;
use std::fmt;

use crate::job::Job;
use crate::life::{Life, Run};

/// Lives by job, in the order of the jobs, Java's first.
#[derive(Default)]
pub(crate) struct Table(Vec<(&'static str, BTreeMap<Side, Vec<Life>>)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Java,
    Ours,
}

impl Table {
    pub(crate) fn add(&mut self, job: &Job, java: bool, life: Life) {
        if self.0.last().is_none_or(|(title, _)| *title != job.title) {
            self.0.push((job.title, BTreeMap::new()));
        }
        if let Some((_, sides)) = self.0.last_mut() {
            sides.entry(if java { Side::Java } else { Side::Ours }).or_default().push(life);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Smallest, median and largest, shown with so many decimals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    of: [f64; 3],
    decimals: usize,
}

impl Spread {
    pub(crate) fn of<T>(measured: &[T], decimals: usize, figure: impl Fn(&T) -> f64) -> Self {
        let mut figures: Vec<_> = measured.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        let at = |index: usize| figures.get(index).copied().unwrap_or(f64::NAN);
        let last = figures.len().saturating_sub(1);
        Self { of: [at(0), at(last / 2), at(last)], decimals }
    }

    pub(crate) fn median(&self) -> f64 {
        self.of[1]
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([least, median, most], decimals) = (self.of, self.decimals);
        write!(f, "{least:.decimals$} – {median:.decimals$} – {most:.decimals$}")
    }
}

/// Thousands of records a second, hot; CPU cold and hot; MiB; milliseconds.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn figures(lives: &[Life]) -> [Spread; 5] {
    let first = |life: &Life| life.runs.first().map_or(f64::NAN, |run| run.cpu);
    let last = |life: &Life, figure: fn(&Run) -> f64| life.runs.last().map_or(f64::NAN, figure);
    [
        Spread::of(lives, 0, |life| last(life, |run| run.rate / 1000.0)),
        Spread::of(lives, 2, first),
        Spread::of(lives, 2, |life| last(life, |run| run.cpu)),
        Spread::of(lives, 0, |life| life.peak_kib as f64 / 1024.0),
        Spread::of(lives, 0, |life| life.start.as_secs_f64() * 1000.0),
    ]
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| job | worker | k records/s, hot | CPU µs a record, cold | hot | peak RSS MiB | start to RUNNING ms |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for (title, sides) in &self.0 {
            let all: Vec<_> = sides.iter().map(|(side, lives)| (*side, figures(lives))).collect();
            for (side, figures) in &all {
                let (job, name) = if *side == Side::Java { (*title, "Java") } else { ("", "ours") };
                let cells: Vec<_> = figures.iter().map(ToString::to_string).collect();
                writeln!(f, "| {job} | {name} | {} |", cells.join(" | "))?;
            }
            if let [(_, java), (_, ours)] = &all[..] {
                let cells = (0..5).map(|at| {
                    let (java, ours) = (java[at].median(), ours[at].median());
                    // More is better for the first, less for the others.
                    format!("**{:.1}×**", if at == 0 { ours / java } else { java / ours })
                });
                writeln!(f, "| | better by | {} |", cells.collect::<Vec<_>>().join(" | "))?;
            }
        }
        Ok(())
    }
}
