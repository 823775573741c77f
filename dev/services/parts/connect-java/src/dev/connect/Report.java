package dev.connect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.kafka.connect.errors.ConnectException;

/** When a task began and ended, written to a file that appears at once and whole. */
class Report {
    static final String DOC = "Written, with the task's number behind its name, when all records are through: "
        + "ms of the first call, ms of the end, records, calls. Empty: not written.";

    private final Path file;
    private long began;

    Report(String file, String task) {
        this.file = file.isEmpty() ? null : Path.of(file + "." + task);
    }

    void begin() {
        if (began == 0) {
            began = System.currentTimeMillis();
        }
    }

    void end(long records, long calls) {
        if (file == null) {
            return;
        }
        String line = began + " " + System.currentTimeMillis() + " " + records + " " + calls + "\n";
        try {
            Path unfinished = Path.of(file + ".unfinished");
            Files.writeString(unfinished, line);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException error) {
            throw new ConnectException("cannot write " + file, error);
        }
    }
}
