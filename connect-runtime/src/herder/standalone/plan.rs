//! What a new configuration would change.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::{
    ConfigInput, ConfigPlan, ConnectorChange, ConnectorConfig, HerderError, KeyChange, Result, TaskAction, TaskPlan,
};
use super::gate::VALIDATE;
use super::names::whole;
use super::{Inner, Stage};
use crate::secrets::Secrets;
use crate::worker::{Difference, Doubts, Linked, Made, State, Target};

impl Inner {
    pub(super) async fn plan(self: &Arc<Self>, name: &str, config: ConfigInput, stage: &Stage) -> Result<ConfigPlan> {
        let config = whole(name, config)?;
        stage.enter(VALIDATE);
        let (made, warnings) = self.worker.make(config.clone(), Doubts::Tell).await.map_err(HerderError::config)?;
        let entry = self.entry(name);
        let old = entry.as_ref().map(|entry| ConnectorConfig::clone(&entry.config));
        let change = match &old {
            None => ConnectorChange::Created,
            Some(old) if *old == config => ConnectorChange::Unchanged,
            Some(_) => ConnectorChange::Updated,
        };
        let target = entry.map_or(Target::Started, |entry| entry.target);
        let tasks = self.planned_tasks(name, &made, target, stage).await?;
        let keys = self.changed_keys(&old.unwrap_or_default(), &config);
        Ok(ConfigPlan { name: name.to_owned(), change, keys, tasks, warnings })
    }

    async fn planned_tasks(&self, name: &str, made: &Made, target: Target, stage: &Stage) -> Result<Vec<TaskPlan>> {
        let seen = self.worker.seen(name).ok();
        let old = seen.as_ref().map_or(&[][..], |seen| &seen.splits);
        if target == Target::Stopped || (target == Target::Paused && old.is_empty()) {
            return Ok(Vec::new());
        }
        stage.enter("splits");
        let job = made.job.clone();
        let splits = Linked::spawn(async move { job.splits().await });
        let new = splits.end().await.and_then(|splits| splits);
        let new = new.map_err(|error| HerderError::bad_request(format!("the connector would fail: {error}")))?;
        let difference = seen.as_ref().map(|seen| self.worker.difference(&seen.made, made));
        let states: Vec<_> = self
            .worker
            .status(name)
            .map_or_else(|_| Vec::new(), |status| status.tasks.iter().map(|task| task.state).collect());
        let tasks = (0..old.len().max(new.len())).map(|task| {
            let state = states.get(task).copied().unwrap_or(State::Unassigned);
            let (action, reason) = action(old.get(task), new.get(task), difference.as_ref(), state);
            TaskPlan { task, action, reason }
        });
        Ok(tasks.collect())
    }

    fn changed_keys(&self, old: &ConnectorConfig, new: &ConnectorConfig) -> Vec<KeyChange> {
        let secrets = |config: &ConnectorConfig| {
            Secrets::of(self.worker.plugins(), config.get("connector.class").map(String::as_str))
        };
        let (before, after) = (secrets(old), secrets(new));
        let shown = |secrets: &Secrets, key: &str, value: Option<&String>| Some(secrets.shown(key, value?));
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        let differing = keys.into_iter().filter(|key| old.get(*key) != new.get(*key));
        let changes = differing.map(|key| KeyChange {
            key: key.clone(),
            from: shown(&before, key, old.get(key)),
            to: shown(&after, key, new.get(key)),
        });
        changes.collect()
    }
}

/// What becomes of a task, as the actor of its connector will decide it.
fn action(
    old: Option<&String>,
    new: Option<&String>,
    difference: Option<&Difference>,
    state: State,
) -> (TaskAction, String) {
    let concerning: Vec<_> =
        difference.into_iter().flat_map(|difference| &difference.all_tasks).map(String::as_str).collect();
    match (old, new) {
        (None, _) => (TaskAction::Start, "there is work for one task more".into()),
        (Some(_), None) => (TaskAction::Stop, "there is no work for it any more".into()),
        _ if !concerning.is_empty() => (TaskAction::Restart, format!("{} concerns every task", concerning.join(", "))),
        (Some(old), Some(new)) if old != new => (TaskAction::Restart, "its share of the work is another one".into()),
        _ if state == State::Failed => (TaskAction::Restart, "it has FAILED, and is started again".into()),
        _ => (TaskAction::Keep, "nothing changes for it".into()),
    }
}
