//! What a task is in, for how long, and whether it moves: how a task that has nothing to do is told from one that hangs.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use crate::progress::lock;

/// Whether a task moves. Connect has no name for it: a task that hangs says RUNNING there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Health {
    /// It does not run; its state says why.
    #[default]
    Down,
    /// There is nothing to do.
    Idle,
    /// Something is under way, and moved within the deadline.
    Working,
    /// Something is under way, and did not move for the deadline.
    Stalled,
}

impl Health {
    /// Its name, as it is written in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Down => "DOWN",
            Self::Idle => "IDLE",
            Self::Working => "WORKING",
            Self::Stalled => "STALLED",
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A task's health, and what it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskHealth {
    /// The verdict.
    pub health: Health,
    /// What it is in, or hangs in: a call of the connector such as `put`, or a step of the runtime such as `produce`.
    pub stage: &'static str,
    /// For how long: since the last progress when it is STALLED, since the stage began otherwise.
    pub since: Duration,
}

/// What goes on side by side in a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// The calls of the connector.
    Call,
    /// What the runtime does with records.
    Way,
    /// Offsets on their way to where they are kept.
    Commit,
}

/// Where a lane stands.
#[derive(Debug)]
struct Step {
    stage: &'static str,
    since: Instant,
    /// Whether something is under way.
    busy: bool,
    /// When it last moved, or became busy.
    moved: Instant,
    /// How long it was in each stage, without the one it is in.
    spent: Vec<(&'static str, Duration)>,
}

impl Step {
    fn new(stage: &'static str) -> Self {
        let now = Instant::now();
        Self { stage, since: now, busy: false, moved: now, spent: Vec::new() }
    }

    fn turn(&mut self, stage: &'static str, busy: bool) {
        let now = Instant::now();
        add(&mut self.spent, self.stage, now - self.since);
        if !self.busy {
            self.moved = now;
        }
        (self.stage, self.since, self.busy) = (stage, now, busy);
    }
}

fn add(spent: &mut Vec<(&'static str, Duration)>, stage: &'static str, more: Duration) {
    match spent.iter_mut().find(|(known, _)| *known == stage) {
        Some((_, sum)) => *sum += more,
        None => spent.push((stage, more)),
    }
}

/// A lane with nothing in it.
const NOTHING: &str = "";

/// The lanes of a task.
#[derive(Debug)]
pub(crate) struct Lanes {
    lanes: [Mutex<Step>; 3],
    /// Whether a batch waits for something that is not the producer.
    elsewhere: AtomicBool,
}

impl Lanes {
    pub(crate) fn new() -> Self {
        let lanes = ["starting", NOTHING, NOTHING].map(|stage| Mutex::new(Step::new(stage)));
        Self { lanes, elsewhere: AtomicBool::new(false) }
    }

    fn lane(&self, lane: Lane) -> std::sync::MutexGuard<'_, Step> {
        lock(&self.lanes[lane as usize])
    }

    /// A new start: nothing of the life before hangs any more.
    pub(crate) fn begin(&self) {
        self.elsewhere.store(false, Ordering::Relaxed);
        self.clear(Lane::Way);
        self.clear(Lane::Commit);
        self.rest(Lane::Call, "starting");
        self.enter(Lane::Call, "starting");
    }

    /// Something is under way from here on.
    pub(crate) fn enter(&self, lane: Lane, stage: &'static str) {
        self.lane(lane).turn(stage, true);
    }

    /// It waits for something to do.
    pub(crate) fn rest(&self, lane: Lane, stage: &'static str) {
        self.lane(lane).turn(stage, false);
    }

    /// Nothing is there any more.
    pub(crate) fn clear(&self, lane: Lane) {
        let mut lane = self.lane(lane);
        if lane.busy {
            lane.turn(NOTHING, false);
        }
    }

    /// What is under way has moved.
    pub(crate) fn moved(&self, lane: Lane) {
        self.lane(lane).moved = Instant::now();
    }

    /// Sends a batch. While it waits, and not for [something else](Self::during), it waits for the producer to have room;
    /// `done` says how far it is. This is how often a batch waits, not how many records it has.
    pub(crate) async fn producing<T>(
        &self,
        done: impl Fn() -> u64 + Send + Sync,
        batch: impl Future<Output = T> + Send,
    ) -> T {
        let mut batch = std::pin::pin!(batch);
        let (mut waits, mut last) = (false, done());
        std::future::poll_fn(|context| {
            if std::mem::take(&mut waits) {
                self.enter(Lane::Way, "convert");
            }
            let polled = batch.as_mut().poll(context);
            if polled.is_pending() && !self.elsewhere.load(Ordering::Relaxed) {
                waits = true;
                self.enter(Lane::Way, "produce");
                if std::mem::replace(&mut last, done()) != last {
                    self.moved(Lane::Way);
                }
            }
            polled
        })
        .await
    }

    /// A step of a batch that may have to wait for something that is not the producer: then the stage is entered.
    pub(crate) async fn during<T>(&self, stage: &'static str, step: impl Future<Output = T>) -> T {
        let mut step = std::pin::pin!(step);
        let mut waits = false;
        let output = std::future::poll_fn(|context| {
            let polled = step.as_mut().poll(context);
            if polled.is_pending() && !std::mem::replace(&mut waits, true) {
                self.enter(Lane::Way, stage);
                self.elsewhere.store(true, Ordering::Relaxed);
            }
            polled
        });
        let output = output.await;
        if waits {
            self.elsewhere.store(false, Ordering::Relaxed);
            self.moved(Lane::Way);
            self.enter(Lane::Way, "convert");
        }
        output
    }

    /// The connector's call, or what else, the task is in, and since when.
    pub(crate) fn doing(&self) -> (&'static str, Instant) {
        let lane = self.lane(Lane::Call);
        (lane.stage, lane.since)
    }

    /// Whether all is well, with a deadline for progress; none means that nothing is ever called STALLED.
    pub(crate) fn health(&self, deadline: Option<Duration>, quiet: bool) -> TaskHealth {
        let mut working = None;
        // The connector's call first: where it hangs, everything else waits for it.
        for lane in [Lane::Call, Lane::Way, Lane::Commit] {
            let lane = self.lane(lane);
            let still = lane.moved.elapsed();
            if lane.busy && deadline.is_some_and(|deadline| still >= deadline) {
                return TaskHealth { health: Health::Stalled, stage: lane.stage, since: still };
            }
            if lane.busy && working.is_none() {
                working = Some((lane.stage, lane.since));
            }
        }
        let health = if working.is_some() && !quiet { Health::Working } else { Health::Idle };
        let (stage, since) = working.unwrap_or_else(|| self.doing());
        TaskHealth { health, stage, since: since.elapsed() }
    }

    /// How long the task was in each stage since the worker started, the present one included.
    pub(crate) fn spent(&self) -> Vec<(&'static str, Duration)> {
        let mut all = Vec::new();
        for lane in &self.lanes {
            let lane = lock(lane);
            for (stage, spent) in lane.spent.iter().copied().chain([(lane.stage, lane.since.elapsed())]) {
                if stage != NOTHING {
                    add(&mut all, stage, spent);
                }
            }
        }
        all.sort_unstable_by_key(|(stage, _)| *stage);
        all
    }
}
