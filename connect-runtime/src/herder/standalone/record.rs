//! Keeps a record of states in the status topic.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use super::super::store::{StateTopic, StatusState, Write, records};
use super::Inner;
use crate::worker::{Changes, State};

/// How long to wait before a write that failed is repeated.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Writes what is new to see of connectors. States that lasted shorter than a write are not all written; the last one is.
pub(super) struct Recorder {
    herder: Weak<Inner>,
    changes: Arc<Changes>,
    topic: Option<StateTopic>,
    known: StatusState,
    /// The keys written by this worker: what it has not run yet keeps what was said of it.
    ours: BTreeSet<String>,
}

impl Recorder {
    pub(super) fn new(
        herder: Weak<Inner>,
        changes: Arc<Changes>,
        topic: Option<StateTopic>,
        known: StatusState,
    ) -> Self {
        Self { herder, changes, topic, known, ours: BTreeSet::new() }
    }

    /// Works until the herder is gone, or it is told to end; then everything that does not run is UNASSIGNED.
    pub(super) async fn run(mut self, mut end: mpsc::Receiver<oneshot::Sender<()>>) {
        loop {
            tokio::select! {
                biased;
                ended = end.recv() => {
                    if let Some(done) = ended {
                        let writes = self.unassigned();
                        self.write(writes).await;
                        let _ = done.send(());
                    }
                    return;
                }
                changed = self.changes.next() => {
                    let Some(herder) = self.herder.upgrade() else { return };
                    let mut again = BTreeSet::new();
                    for name in &changed {
                        // A connector may have split its work anew by itself.
                        if let Err(error) = herder.keep_tasks_now(name).await {
                            tracing::warn!(connector = %name, %error, "the tasks could not be kept, trying again");
                            again.insert(name);
                        }
                    }
                    let writes = changed.iter().flat_map(|name| self.changes_of(&herder, name)).collect();
                    drop(herder);
                    if !self.write(writes).await {
                        again.extend(&changed);
                    }
                    if !again.is_empty() {
                        again.into_iter().for_each(|name| self.changes.note(name));
                        sleep(AGAIN_AFTER).await;
                    }
                }
            }
        }
    }

    async fn write(&mut self, writes: Vec<Write>) -> bool {
        if let Some(topic) = &self.topic
            && let Err(error) = topic.write(writes.clone()).await
        {
            tracing::warn!(%error, "states could not be kept, trying again");
            return false;
        }
        for (key, value) in writes {
            self.known.apply(Some(key.as_bytes()), value.as_deref().map(str::as_bytes));
            self.ours.insert(key);
        }
        true
    }

    /// What differs between what a connector is and what is written of it.
    fn changes_of(&self, herder: &Inner, name: &str) -> Vec<Write> {
        let mut wanted: BTreeMap<String, Option<String>> = BTreeMap::new();
        if herder.knows(name) {
            self.states(herder, name, &mut wanted);
        } else {
            wanted.extend(self.known.keys_of(name).into_iter().map(|key| (key, None)));
        }
        let used = self.changes.used(name).unwrap_or_default();
        let topics = self.known.keys_of(name).into_iter().filter(|key| key.starts_with("status-topic-"));
        wanted.extend(topics.map(|key| (key, None)));
        for (topic, (task, timestamp)) in used {
            let value = records::topic(name, &topic, task, timestamp);
            wanted.insert(records::topic_key(name, &topic), Some(value));
        }
        wanted.into_iter().filter(|(key, value)| self.known.values.get(key) != value.as_ref()).collect()
    }

    fn states(&self, herder: &Inner, name: &str, wanted: &mut BTreeMap<String, Option<String>>) {
        let Ok(status) = herder.status(name) else { return };
        let key = records::status_key(name);
        let new = |key: &str, state: State| state == State::Unassigned && !self.ours.contains(key);
        let connector = &status.connector;
        if new(&key, connector.state) {
            // It is being started: what was said of it and its tasks stands until it runs.
            return;
        }
        let say = |state, trace: Option<&String>, version: Option<&String>| {
            let (trace, version) = (trace.map(String::as_str), version.map(String::as_str));
            Some(records::status(state, trace, &connector.worker_id, version))
        };
        wanted.insert(key, say(connector.state, connector.trace.as_ref(), connector.version.as_ref()));
        let tasks = self.known.keys_of(name).into_iter().filter(|key| key.starts_with("status-task-"));
        wanted.extend(tasks.map(|key| (key, None)));
        for task in &status.tasks {
            let key = records::task_status_key(name, task.id);
            let value = if new(&key, task.state) {
                self.known.values.get(&key).cloned()
            } else {
                say(task.state, task.trace.as_ref(), task.version.as_ref())
            };
            match value {
                Some(value) => wanted.insert(key, Some(value)),
                None => wanted.remove(&key),
            };
        }
    }

    /// What does not run any more, once the worker is shut down. What has failed stays so.
    fn unassigned(&self) -> Vec<Write> {
        let Some(herder) = self.herder.upgrade() else { return Vec::new() };
        let worker_id = &herder.worker.environment().config.worker_id;
        let ours = self.ours.iter().filter(|key| !key.starts_with("status-topic-"));
        let live = ours
            .filter(|key| self.known.values.get(*key).is_some_and(|value| !value.starts_with("{\"state\":\"FAILED\"")));
        live.map(|key| {
            let name = super::super::store::statuses::owner(key).unwrap_or_default();
            let version = herder.config(name).ok().and_then(|config| herder.version(&config));
            (key.clone(), Some(records::status(State::Unassigned, None, worker_id, version.as_deref())))
        })
        .collect()
    }
}
