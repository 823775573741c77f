"""Flows of kafka-connect-py and kafka-connect-api: rest_flows.py URL FOLDER"""

import sys
from urllib.parse import urlsplit

from common import expect, until
from kafka_connect import KafkaConnect
from kafka_connect_api.kafka_connect_api import Api, Cluster

url, folder = sys.argv[1:]
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
flow_of_kafka_connect_api()
