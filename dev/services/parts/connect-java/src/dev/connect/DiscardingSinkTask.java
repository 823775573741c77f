package dev.connect;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** The task of {@link DiscardingSink}. */
public class DiscardingSinkTask extends SinkTask {
    private long records;
    private long seen;
    private long puts;
    private Report report;

    @Override
    public String version() {
        return "1";
    }

    @Override
    public void start(Map<String, String> settings) {
        AbstractConfig config = new AbstractConfig(DiscardingSink.CONFIG, settings, false);
        records = config.getLong("records");
        report = new Report(config.getString("report.file"), settings.get("task"));
    }

    @Override
    public void put(Collection<SinkRecord> batch) {
        if (batch.isEmpty()) {
            return;
        }
        report.begin();
        puts++;
        long before = seen;
        seen += batch.size();
        if (before < records && seen >= records) {
            report.end(seen, puts);
        }
    }

    @Override
    public void stop() {
    }
}
