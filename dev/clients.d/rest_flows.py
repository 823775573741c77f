"""Flows of kafka-connect-py, kofr and kafka-connect-api: rest_flows.py URL FOLDER KOFR"""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

from common import expect, until
from kafka_connect import KafkaConnect
from kafka_connect_api.kafka_connect_api import Api, Cluster

url, folder, kofr = sys.argv[1:]
config = {"connector.class": "FileStreamSink", "topics": "lines", "file": f"{folder}/out.txt"}


def flow_of_kafka_connect_py():
    client = KafkaConnect(url=url)
    expect("version", client.get_cluster_info()["version"], "4.1.2")
    expect("create", client.create_connector({"name": "to", "config": config})["tasks"], [{"connector": "to", "task": 0}])
    until("it runs", lambda: client.get_connector_task_status("to", 0)["state"] == "RUNNING")
    expect("list", client.list_connectors(pattern="t.*", state="RUNNING"), ["to"])
    expect("expand", sorted(client.list_connectors(expand="status")), ["from", "to"])
    expect("update", client.update_connector("to", {**config, "tasks.max": "2"})["config"]["tasks.max"], "2")
    expect("get", client.get_connector("to")["type"], "sink")
    expect("config", client.get_connector_config("to")["topics"], "lines")
    expect("restart of what failed", client.restart_connector("to", True, True)["name"], "to")
    for step in (client.restart_connector, client.pause_connector, client.resume_connector):
        step("to")
    client.restart_connector_task("to", 0)
    expect("tasks", client.list_connector_tasks("to")[0]["id"], {"connector": "to", "task": 0})
    expect("topics", list(client.list_connector_topics("to")), ["to"])
    client.reset_connector_topics("to")
    classes = [plugin["class"] for plugin in client.list_connector_plugins()]
    expect("plugins", "org.apache.kafka.connect.file.FileStreamSinkConnector" in classes, True)
    expect("validation", client.validate_connector_config("FileStreamSink", {**config, "name": "to"})["error_count"], 0)
    client.stop_connector("to")
    until("it is stopped", lambda: client.get_connector_status("to")["connector"]["state"] == "STOPPED")
    client.delete_connector("to")
    expect("list after deletion", client.list_connectors(), ["from"])


def flow_of_kofr():
    settings = f"{folder}/kofr"

    def said(*args, input=None):
        command = [kofr, "--config-file", settings, *args]
        # It makes a folder of its own in the user's home otherwise.
        ran = subprocess.run(command, input=input, text=True, capture_output=True, env={**os.environ, "HOME": folder})
        if ran.returncode != 0:
            raise SystemExit(f"kofr {args}: {ran.stderr}")
        return ran.stdout

    def told(*args):
        return json.loads(said(*args))

    with open(settings, "w") as file:
        file.write("clusters: []\n")
    said("config", "add-cluster", "one", "--hosts", url)
    said("config", "use-cluster", "one")
    expect("cluster", "Online" in said("cluster", "status"), True)
    created = said("connector", "create", "--file", "-", input=json.dumps({"name": "to", "config": config}))
    expect("create", "successfully created connector: to" in created, True)
    until("it runs", lambda: [task["state"] for task in told("connector", "status", "to")["tasks"]] == ["RUNNING"])
    expect("describe", told("connector", "describe", "to")["type"], "sink")
    expect("list", {"from", "to"} <= set(said("list").split()), True)
    said("connector", "patch", "to", "--data", json.dumps({**config, "tasks.max": "2"}))
    expect("config", told("connector", "config", "to")["tasks.max"], "2")
    for step in ("pause", "resume", "restart"):
        said("connector", step, "to")
    said("connector", "restart", "to", "--include-tasks", "--only-failed")
    until("it runs again", lambda: told("task", "status", "to", "0")["status"]["state"] == "RUNNING")
    expect("tasks", "RUNNING" in said("task", "list", "to"), True)
    said("task", "restart", "to", "0")
    expect("topics", list(told("topic", "list", "to")), ["to"])
    said("topic", "reset", "to")
    classes = [plugin["class"] for plugin in told("plugin", "list")]
    expect("plugins", "org.apache.kafka.connect.file.FileStreamSinkConnector" in classes, True)
    said("connector", "delete", "to")
    expect("list after deletion", "to" in said("list").split(), False)


def flow_of_kafka_connect_api():
    parts = urlsplit(url)
    cluster = Cluster(Api(parts.hostname, port=parts.port))
    expect("version", cluster.version, "4.1.2")
    expect("level", cluster.root_logger["level"], "INFO")
    cluster.root_logger = "WARN"
    expect("level after a change", cluster.root_logger["level"], "WARN")
    cluster.root_logger = "INFO"
    connector = cluster.connectors["from"]
    expect("class", connector.connector_class, "FileStreamSource")
    connector.config = dict(connector.config)
    for step in (connector.pause, connector.resume, connector.restart, connector.restart_all_tasks, connector.cycle_connector):
        step()
    until("it runs", lambda: connector.state == "RUNNING" and all(task.is_running() for task in connector.tasks))
    connector.delete()
    expect("connectors after deletion", cluster.connectors, {})


flow_of_kafka_connect_py()
flow_of_kofr()
flow_of_kafka_connect_api()
