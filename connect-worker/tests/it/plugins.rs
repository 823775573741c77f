//! `connect plugins`, `--help` and `--version`.

use crate::support::Place;

#[test]
fn all_of_them() {
    let listed = Place::new().run("plugins").expect(0, &[]).stdout;
    let lines = [
        "source           org.apache.kafka.connect.file.FileStreamSourceConnector",
        "sink             org.apache.kafka.connect.file.FileStreamSinkConnector",
        "transformation   org.apache.kafka.connect.transforms.HoistField$Value",
        "transformation   io.aiven.kafka.connect.transforms.Hash$Key",
        "transformation   io.confluent.connect.transforms.Filter$Value",
        "predicate        org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "converter        org.apache.kafka.connect.storage.StringConverter",
        "sink             io.confluent.connect.elasticsearch.ElasticsearchSinkConnector",
        "FileStreamSourceConnector, FileStreamSource\n",
    ];
    for line in lines {
        assert!(listed.contains(line), "{line:?} is not in\n{listed}");
    }
}

#[test]
fn one_of_them() {
    let place = Place::new();
    let shown = place.run("plugins FileStreamSink").expect(0, &[]).stdout;
    assert!(shown.contains("| `fsync` | STRING | `commit` |"), "{shown}");
    place.run("plugins Nope").expect(1, &["no connector named \"Nope\"; registered: "]);
}

#[test]
fn help_and_version() {
    let place = Place::new();
    let help = place.run("--help").expect(0, &[]).stdout;
    assert!(help.contains("--until-drained") && help.contains("Exit status"), "{help}");
    assert_eq!(place.run("--version").expect(0, &[]).stdout, concat!("connect ", env!("CARGO_PKG_VERSION"), "\n"));
}
