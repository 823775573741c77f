//! Create, change, pause, stop, restart, delete.

use connect_runtime::herder::{Herder, HerderErrorKind, TaskAction};
use connect_runtime::{InitialState, RestartOptions, State};

use super::support::{LIST, Rig, SINK, input};

type Properties<'a> = &'a [(&'a str, &'a str)];

#[tokio::test(start_paused = true)]
async fn a_connector_lives_through_all_its_states() {
    let rig = Rig::start().await;
    let herder = &rig.herder;
    let info = herder.create(" c ", input(&[LIST, ("items", "a,b"), ("tasks.max", "2")]), InitialState::Running).await;
    let info = info.unwrap();
    assert_eq!((info.name.as_str(), info.tasks.len(), info.config["name"].as_str()), ("c", 2, "c"));
    rig.running("c").await;
    let status = herder.status("c").unwrap();
    assert_eq!(status.connector.version.as_deref(), Some("7"));
    let tasks = herder.tasks("c").unwrap();
    assert_eq!(tasks[1].config["task.class"], "org.example.ListSourceTask");
    assert_eq!(tasks[1].config["task.split"], r#"["b"]"#);

    herder.pause("c").await.unwrap();
    rig.test.until(|| rig.states("c") == "PAUSED [PAUSED PAUSED]").await;
    herder.resume("c").await.unwrap();
    rig.running("c").await;
    herder.stop("c").await.unwrap();
    assert_eq!(rig.states("c"), "STOPPED []");
    assert!(herder.connector("c").unwrap().tasks.is_empty());
    let planned = herder.restart("c", RestartOptions { include_tasks: true, only_failed: false }).await.unwrap();
    assert_eq!(planned.unwrap().connector.state, State::Restarting);
    herder.restart("c", RestartOptions::default()).await.unwrap();
    assert_eq!(rig.states("c"), "STOPPED []", "a restart does not start what is stopped");
    herder.resume("c").await.unwrap();
    rig.running("c").await;
    rig.lists.started();
    herder.restart_task("c", 1).await.unwrap();
    rig.running("c").await;
    assert_eq!(rig.lists.started(), ["b"]);
    assert_eq!(herder.restart_task("c", 2).await.unwrap_err().status(), 404);

    herder.delete("c").await.unwrap();
    assert!(herder.connectors().is_empty());
    for missing in [herder.status("c").err(), herder.connector("c").err(), herder.tasks("c").err()] {
        assert_eq!(missing.unwrap().kind(), HerderErrorKind::NotFound);
    }
    for missing in [herder.pause("c").await, herder.resume("c").await, herder.stop("c").await, herder.delete("c").await]
    {
        assert_eq!(missing.unwrap_err().status(), 404);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_refused() {
    let rig = Rig::start().await;
    rig.create("c", &[LIST, ("items", "a")]).await;
    let running = InitialState::Running;
    let rows: [(&str, Properties<'_>, u16, &str); 6] = [
        ("c", &[LIST, ("items", "a")], 409, "already"),
        ("c", &[LIST], 400, "items"),
        ("d", &[("items", "a")], 400, "connector.class"),
        ("d", &[("connector.class", "Nope")], 400, "org.example.ListSourceConnector"),
        ("d", &[LIST, ("items", "a"), ("name", "e")], 400, "\"e\""),
        ("d\u{7}d", &[LIST, ("items", "a")], 400, "control"),
    ];
    for (name, config, status, word) in rows {
        let error = rig.herder.create(name, input(config), running).await.unwrap_err();
        assert_eq!(error.status(), status, "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
    let mut null = input(&[LIST]);
    null.insert("items".into(), None);
    let error = rig.herder.put_config("d", null).await.unwrap_err();
    assert_eq!(error.config_errors().unwrap().of("items").count(), 1);
    let other = rig.herder.patch_config("c", input(&[("name", "other")])).await.unwrap_err();
    assert_eq!(other.status(), 400);
    assert_eq!(rig.herder.patch_config("x", input(&[])).await.unwrap_err().status(), 404);
    let mut patch = input(&[("mark", "!")]);
    patch.insert("tasks.max".into(), None);
    let patched = rig.herder.patch_config("c", patch).await.unwrap();
    assert_eq!(patched.config["mark"], "!");
    assert!(!patched.config.contains_key("tasks.max"));
}

/// What a change restarts, and that the plan says so before.
#[tokio::test(start_paused = true)]
async fn a_change_restarts_the_tasks_it_concerns() {
    use TaskAction::{Keep, Restart, Start, Stop};
    let rig = Rig::start().await;
    let rows: [(Properties<'_>, &[TaskAction], &[&str]); 8] = [
        (&[("items", "a,b"), ("tasks.max", "2")], &[Start, Start], &["a", "b"]),
        // The same again.
        (&[("items", "a,b"), ("tasks.max", "2")], &[Keep, Keep], &[]),
        // The first has a share more, the second the same.
        (&[("items", "a,b,c"), ("tasks.max", "2")], &[Restart, Keep], &["a+c"]),
        // One task more, with what the first had too.
        (&[("items", "a,b,c"), ("tasks.max", "3")], &[Restart, Keep, Start], &["a", "c"]),
        // A key that no running task knows of.
        (&[("items", "a,b,c"), ("tasks.max", "3"), ("config.action.reload", "none")], &[Keep, Keep, Keep], &[]),
        // A key that every task knows of.
        (&[("items", "a,b,c"), ("tasks.max", "3"), ("mark", "!")], &[Restart, Restart, Restart], &["a", "b", "c"]),
        // A key that nobody defines might be read by anybody.
        (
            &[("items", "a,b,c"), ("tasks.max", "3"), ("mark", "!"), ("errors.tolerance", "all")],
            &[Restart, Restart, Restart],
            &["a", "b", "c"],
        ),
        (&[("items", "a"), ("tasks.max", "3"), ("mark", "!"), ("errors.tolerance", "all")], &[Keep, Stop, Stop], &[]),
    ];
    for (properties, actions, started) in rows {
        let config: Vec<_> = [LIST].iter().chain(properties).copied().collect();
        let plan = rig.herder.plan("c", input(&config)).await.unwrap();
        let planned: Vec<_> = plan.tasks.iter().map(|task| task.action).collect();
        assert_eq!(planned, actions, "{plan:?}");
        rig.herder.put_config("c", input(&config)).await.unwrap();
        rig.running("c").await;
        let mut begun = rig.lists.started();
        begun.sort();
        assert_eq!(begun, started, "{properties:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sink_with_more_tasks_keeps_those_it_has() {
    let rig = Rig::start().await;
    rig.test.topic("t", 2).await;
    rig.create("s", &[SINK, ("topics", "t")]).await;
    rig.running("s").await;
    let plan = rig.herder.plan("s", input(&[SINK, ("topics", "t"), ("tasks.max", "2")])).await.unwrap();
    let actions: Vec<_> = plan.tasks.iter().map(|task| task.action).collect();
    assert_eq!(actions, [TaskAction::Keep, TaskAction::Start]);
    assert_eq!((plan.keys.len(), plan.keys[0].key.as_str()), (1, "tasks.max"));
    let put = rig.herder.put_config("s", input(&[SINK, ("topics", "t"), ("tasks.max", "2")])).await.unwrap();
    assert_eq!((put.created, put.info.tasks.len()), (false, 2));
    let plan = rig.herder.plan("s", input(&[SINK, ("topics", "t,u"), ("tasks.max", "2")])).await.unwrap();
    assert!(plan.tasks.iter().all(|task| task.action == TaskAction::Restart && task.reason.contains("topics")));
}

#[tokio::test(start_paused = true)]
async fn a_plan_shows_no_secret() {
    let rig = Rig::start().await;
    rig.create("c", &[LIST, ("items", "a"), ("db.password", "old-secret")]).await;
    let config =
        [LIST, ("items", "a"), ("db.password", "new-secret"), ("value.converter.basic.auth.token", "t-secret")];
    let plan = rig.herder.plan("c", input(&config)).await.unwrap();
    let text = serde_json::to_string(&plan).unwrap();
    assert!(!text.contains("secret"), "{text}");
    assert!(text.contains(r#"{"key":"db.password","from":"[hidden]","to":"[hidden]"}"#), "{text}");
    assert_eq!(rig.herder.config("c").unwrap()["db.password"], "old-secret", "nothing was done");
}
