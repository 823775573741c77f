//! Which tasks another configuration concerns.

use std::collections::{BTreeMap, BTreeSet};

use super::connector::Job;
use super::made::Made;
use crate::config::is_plugin_version;
use crate::plugins::Plugins;

/// Keys that say how many tasks there are or when they are started, and nothing of what a running task does.
const OF_THE_CONNECTOR: [&str; 5] =
    ["tasks.max", "tasks.max.enforce", "config.action.reload", "restart.failed.tasks", "restart.backoff.max.ms"];

/// The tasks that another configuration concerns.
///
/// A task is made of the whole configuration and of its split, so every key concerns every task, except:
///
/// 1. `tasks.max`, `tasks.max.enforce`, `config.action.reload`, `restart.failed.tasks`, `restart.backoff.max.ms` and the
///    keys of plugin versions, unless the connector itself has a key of that name;
/// 2. of a source the keys that it names in
///    [`SPLIT_KEYS`](connect_api::SourceConnector::SPLIT_KEYS): a task knows of them by its split.
///
/// When only such keys differ, a task is restarted if the split of its number is another one, started or stopped if there
/// are more or fewer splits, and otherwise left alone. All tasks of a sink have the same split, so a sink with more
/// `tasks.max` has more tasks, and those it had go on. A key differs when what is written differs, or the value that a
/// config provider has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concerns {
    /// All.
    AllTasks,
    /// Those whose split is another one.
    Splits,
}

/// What differs between two configurations of a connector.
#[derive(Debug)]
pub(crate) struct Difference {
    /// Keys that concern all tasks.
    pub(crate) all_tasks: BTreeSet<String>,
    /// Keys that concern tasks by their splits only.
    pub(crate) splits: BTreeSet<String>,
}

impl Difference {
    pub(crate) fn between(old: &Made, new: &Made, plugins: &Plugins) -> Self {
        let mut difference = Self { all_tasks: BTreeSet::new(), splits: BTreeSet::new() };
        let (Some(was), Some(is)) = (&old.properties, &new.properties) else {
            // From code: nothing is known of what it was.
            difference.all_tasks.insert("connector.class".into());
            return difference;
        };
        let own: BTreeSet<String> = is
            .get("connector.class")
            .and_then(|class| plugins.definitions(class).ok())
            .map(|keys| keys.into_iter().map(|key| key.name).collect())
            .unwrap_or_default();
        let by_split = match &new.job {
            Job::Source { connector, .. } => connector.split_keys(),
            Job::Sink { .. } => &[],
        };
        for key in differing(was, is).into_iter().chain(differing(old.resolved(), new.resolved())) {
            let of_the_connector = OF_THE_CONNECTOR.contains(&key) || is_plugin_version(key);
            if (of_the_connector && !own.contains(key)) || by_split.contains(&key) {
                difference.splits.insert(key.to_owned());
            } else {
                difference.all_tasks.insert(key.to_owned());
            }
        }
        difference
    }

    pub(crate) fn concerns(&self) -> Concerns {
        if self.all_tasks.is_empty() { Concerns::Splits } else { Concerns::AllTasks }
    }
}

fn differing<'a>(old: &'a BTreeMap<String, String>, new: &'a BTreeMap<String, String>) -> BTreeSet<&'a str> {
    let keys = old.keys().chain(new.keys());
    keys.filter(|key| old.get(*key) != new.get(*key)).map(String::as_str).collect()
}
