package dev.connect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Records of seven fields, about 200 bytes each as JSON without schemas; goes on where it stopped. */
public class GeneratedSourceTask extends SourceTask {
    static final Schema SCHEMA = SchemaBuilder.struct().name("dev.connect.Generated")
        .field("id", Schema.INT64_SCHEMA)
        .field("at", Schema.INT64_SCHEMA)
        .field("name", Schema.STRING_SCHEMA)
        .field("place", Schema.STRING_SCHEMA)
        .field("price", Schema.FLOAT64_SCHEMA)
        .field("open", Schema.BOOLEAN_SCHEMA)
        .field("note", Schema.STRING_SCHEMA)
        .build();
    private static final String[] PLACES = {"harbour", "station", "airport", "library"};
    private static final String NOTE = "The quick brown fox jumps over the lazy dog, 0123456789 times a day, all the days we have.";

    private final String[] names = new String[1000];
    private String topic;
    private long records;
    private int batch;
    private Map<String, String> partition;
    private long next;
    private long acknowledged;
    private long polls;
    private Report report;

    @Override
    public String version() {
        return "1";
    }

    @Override
    public void start(Map<String, String> settings) {
        AbstractConfig config = new AbstractConfig(GeneratedSource.CONFIG, settings, false);
        topic = config.getString("topic");
        records = config.getLong("records");
        batch = config.getInt("batch.records");
        report = new Report(config.getString("report.file"), settings.get("task"));
        partition = Map.of("task", settings.get("task"));
        for (int name = 0; name < names.length; name++) {
            names[name] = String.format("customer-%03d", name);
        }
        Map<String, Object> stored = context.offsetStorageReader().offset(partition);
        next = stored == null ? 0 : (Long) stored.get("next");
        acknowledged = next;
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        if (next >= records) {
            Thread.sleep(50);
            return null;
        }
        report.begin();
        polls++;
        int count = (int) Math.min(batch, records - next);
        List<SourceRecord> made = new ArrayList<>(count);
        for (int at = 0; at < count; at++) {
            long id = next++;
            // As a real connector does: a struct and an offset of its own for each record.
            Struct value = new Struct(SCHEMA)
                .put("id", 1_000_000_000L + id)
                .put("at", 1_750_000_000_000L + id)
                .put("name", names[(int) (id % names.length)])
                .put("place", PLACES[(int) (id % PLACES.length)])
                .put("price", (id % 10_007) / 8.0)
                .put("open", id % 2 == 0)
                .put("note", NOTE);
            made.add(new SourceRecord(partition, Map.of("next", next), topic, null, null, null, SCHEMA, value));
        }
        return made;
    }

    @Override
    public void commitRecord(SourceRecord record, RecordMetadata metadata) {
        if (++acknowledged == records) {
            report.end(acknowledged, polls);
        }
    }

    @Override
    public void stop() {
    }
}
