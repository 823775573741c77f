package dev.connect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/** Makes up structs in memory, as fast as it is polled: a source that costs next to nothing, to measure a worker by. */
public class GeneratedSource extends SourceConnector {
    static final ConfigDef CONFIG = new ConfigDef()
        .define("topic", Type.STRING, Importance.HIGH, "Where the records go.")
        .define("records", Type.LONG, 1_000_000L, Importance.HIGH, "How many each task makes.")
        .define("batch.records", Type.INT, 2_000, Importance.MEDIUM, "How many one poll returns.")
        .define("report.file", Type.STRING, "", Importance.LOW, Report.DOC);

    private Map<String, String> settings;

    @Override
    public void start(Map<String, String> settings) {
        this.settings = settings;
    }

    @Override
    public Class<? extends Task> taskClass() {
        return GeneratedSourceTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        List<Map<String, String>> tasks = new ArrayList<>();
        for (int task = 0; task < maxTasks; task++) {
            Map<String, String> own = new HashMap<>(settings);
            own.put("task", Integer.toString(task));
            tasks.add(own);
        }
        return tasks;
    }

    @Override
    public void stop() {
    }

    @Override
    public ConfigDef config() {
        return CONFIG;
    }

    @Override
    public String version() {
        return "1";
    }

    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> settings) {
        return ExactlyOnceSupport.SUPPORTED;
    }

    @Override
    public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> settings) {
        return ConnectorTransactionBoundaries.UNSUPPORTED;
    }
}
