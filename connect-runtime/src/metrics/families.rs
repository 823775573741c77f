//! Every metric there is: its name, its labels, its unit, what it says. Nothing is measured that is not listed here.
//!
//! Connect's attributes carry the names that the usual rules of the JMX exporter for Kafka Connect give them (group and
//! attribute, `-` as `_`), so that dashboards made for a Java worker show this one. Those without a place in Connect begin
//! with `connect_`.

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, until what it belongs to is removed.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts by length of time.
    Histogram,
}

impl Kind {
    /// The word for it in Prometheus text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric with its labels, of which there is one number for each combination of their values.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// The name in Prometheus.
    pub name: &'static str,
    /// Group and attribute in Kafka Connect's JMX names; empty for what Connect does not have.
    pub jmx: (&'static str, &'static str),
    /// Its kind.
    pub kind: Kind,
    /// What it is counted in.
    pub unit: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

const NONE: &[&str] = &[];
const CONNECTOR: &[&str] = &["connector"];
const TASK: &[&str] = &["connector", "task"];
const PARTITION: &[&str] = &["connector", "task", "topic", "partition"];

macro_rules! families {
    ($($id:ident: $name:literal, $group:literal $attribute:literal, $kind:ident, $unit:literal, $labels:expr, $help:literal;)*) => {
        $(
            pub(crate) static $id: Family = Family {
                name: $name,
                jmx: ($group, $attribute),
                kind: Kind::$kind,
                unit: $unit,
                labels: $labels,
                help: $help,
            };
        )*

        /// All metrics, in the order in which they are written.
        pub const FAMILIES: &[&Family] = &[$(&$id),*];
    };
}

families! {
    START_TIME: "kafka_connect_start_time_seconds", "app-info" "start-time-ms", Gauge, "seconds since 1970", &["clientId"],
        "When the worker was built.";
    VERSION: "kafka_connect_version_info", "app-info" "version", Gauge, "1", &["clientId", "version"],
        "The worker's version.";

    CONNECTOR_COUNT: "kafka_connect_worker_connector_count", "connect-worker-metrics" "connector-count", Gauge, "connectors", NONE,
        "Connectors of this worker.";
    TASK_COUNT: "kafka_connect_worker_task_count", "connect-worker-metrics" "task-count", Gauge, "tasks", NONE,
        "Tasks of this worker.";
    CONNECTOR_ATTEMPTS: "kafka_connect_worker_connector_startup_attempts_total", "connect-worker-metrics" "connector-startup-attempts-total", Counter, "starts", NONE,
        "Starts of connectors that were tried.";
    CONNECTOR_SUCCESS: "kafka_connect_worker_connector_startup_success_total", "connect-worker-metrics" "connector-startup-success-total", Counter, "starts", NONE,
        "Starts of connectors that went well.";
    CONNECTOR_SUCCESS_SHARE: "kafka_connect_worker_connector_startup_success_percentage", "connect-worker-metrics" "connector-startup-success-percentage", Gauge, "share, 0 to 1", NONE,
        "Share of the last starts of connectors that went well.";
    CONNECTOR_FAILURE: "kafka_connect_worker_connector_startup_failure_total", "connect-worker-metrics" "connector-startup-failure-total", Counter, "starts", NONE,
        "Starts of connectors that failed.";
    CONNECTOR_FAILURE_SHARE: "kafka_connect_worker_connector_startup_failure_percentage", "connect-worker-metrics" "connector-startup-failure-percentage", Gauge, "share, 0 to 1", NONE,
        "Share of the last starts of connectors that failed.";
    TASK_ATTEMPTS: "kafka_connect_worker_task_startup_attempts_total", "connect-worker-metrics" "task-startup-attempts-total", Counter, "starts", NONE,
        "Starts of tasks that were tried.";
    TASK_SUCCESS: "kafka_connect_worker_task_startup_success_total", "connect-worker-metrics" "task-startup-success-total", Counter, "starts", NONE,
        "Starts of tasks that went well.";
    TASK_SUCCESS_SHARE: "kafka_connect_worker_task_startup_success_percentage", "connect-worker-metrics" "task-startup-success-percentage", Gauge, "share, 0 to 1", NONE,
        "Share of the last starts of tasks that went well.";
    TASK_FAILURE: "kafka_connect_worker_task_startup_failure_total", "connect-worker-metrics" "task-startup-failure-total", Counter, "starts", NONE,
        "Starts of tasks that failed.";
    TASK_FAILURE_SHARE: "kafka_connect_worker_task_startup_failure_percentage", "connect-worker-metrics" "task-startup-failure-percentage", Gauge, "share, 0 to 1", NONE,
        "Share of the last starts of tasks that failed.";
    TASKS_TOTAL: "kafka_connect_worker_connector_total_task_count", "connect-worker-metrics" "connector-total-task-count", Gauge, "tasks", CONNECTOR,
        "Tasks of the connector in this worker.";
    TASKS_RUNNING: "kafka_connect_worker_connector_running_task_count", "connect-worker-metrics" "connector-running-task-count", Gauge, "tasks", CONNECTOR,
        "Of these, tasks that are RUNNING.";
    TASKS_PAUSED: "kafka_connect_worker_connector_paused_task_count", "connect-worker-metrics" "connector-paused-task-count", Gauge, "tasks", CONNECTOR,
        "Of these, tasks that are PAUSED.";
    TASKS_FAILED: "kafka_connect_worker_connector_failed_task_count", "connect-worker-metrics" "connector-failed-task-count", Gauge, "tasks", CONNECTOR,
        "Of these, tasks that have FAILED.";
    TASKS_UNASSIGNED: "kafka_connect_worker_connector_unassigned_task_count", "connect-worker-metrics" "connector-unassigned-task-count", Gauge, "tasks", CONNECTOR,
        "Of these, tasks that are UNASSIGNED.";
    TASKS_DESTROYED: "kafka_connect_worker_connector_destroyed_task_count", "connect-worker-metrics" "connector-destroyed-task-count", Gauge, "tasks", CONNECTOR,
        "Of these, tasks that are being deleted; always 0, as they are gone at once.";
    TASKS_RESTARTING: "kafka_connect_worker_connector_restarting_task_count", "connect-worker-metrics" "connector-restarting-task-count", Gauge, "tasks", CONNECTOR,
        "Of these, tasks that are RESTARTING.";
    CONNECTOR_INFO: "kafka_connect_connector_info", "connector-metrics" "connector-class, connector-type, connector-version, status", Gauge, "1",
        &["connector", "connector_class", "connector_type", "connector_version", "status"],
        "What the connector is, and its state in lower case.";
    CONNECTOR_CLASS: "kafka_connect_connector_connector_class", "connector-metrics" "connector-class", Gauge, "1", &["connector", "connector_class"],
        "The connector's class.";
    CONNECTOR_TYPE: "kafka_connect_connector_connector_type", "connector-metrics" "connector-type", Gauge, "1", &["connector", "connector_type"],
        "Whether the connector is a source or a sink.";
    CONNECTOR_VERSION: "kafka_connect_connector_connector_version", "connector-metrics" "connector-version", Gauge, "1", &["connector", "connector_version"],
        "The connector's version.";

    TASK_STATUS: "kafka_connect_connector_status", "connector-task-metrics" "status", Gauge, "1", &["connector", "task", "status"],
        "The task's state, in lower case.";
    TASK_STATUS_TOO: "kafka_connect_connector_task_status", "connector-task-metrics" "status", Gauge, "1", &["connector", "task", "status"],
        "The same under the name that Strimzi's rules give it.";
    RUNNING_RATIO: "kafka_connect_connector_task_running_ratio", "connector-task-metrics" "running-ratio", Gauge, "share, 0 to 1", TASK,
        "Share of the time since its first start in which the task was RUNNING.";
    PAUSE_RATIO: "kafka_connect_connector_task_pause_ratio", "connector-task-metrics" "pause-ratio", Gauge, "share, 0 to 1", TASK,
        "Share of the time since its first start in which the task was PAUSED.";
    COMMIT_MAX: "kafka_connect_connector_task_offset_commit_max_time_ms", "connector-task-metrics" "offset-commit-max-time-ms", Gauge, "milliseconds", TASK,
        "The longest of the last commits of offsets that went well.";
    COMMIT_AVG: "kafka_connect_connector_task_offset_commit_avg_time_ms", "connector-task-metrics" "offset-commit-avg-time-ms", Gauge, "milliseconds", TASK,
        "The average of the last commits of offsets that went well.";
    COMMIT_SUCCESS: "kafka_connect_connector_task_offset_commit_success_percentage", "connector-task-metrics" "offset-commit-success-percentage", Gauge, "share, 0 to 1", TASK,
        "Share of the last commits of offsets that went well.";
    COMMIT_FAILURE: "kafka_connect_connector_task_offset_commit_failure_percentage", "connector-task-metrics" "offset-commit-failure-percentage", Gauge, "share, 0 to 1", TASK,
        "Share of the last commits of offsets that failed.";
    BATCH_MAX: "kafka_connect_connector_task_batch_size_max", "connector-task-metrics" "batch-size-max", Gauge, "records", TASK,
        "The most records that one of the last polls or puts had.";
    BATCH_AVG: "kafka_connect_connector_task_batch_size_avg", "connector-task-metrics" "batch-size-avg", Gauge, "records", TASK,
        "Records of the last polls or puts, on average.";

    POLL_RATE: "kafka_connect_source_task_source_record_poll_rate", "source-task-metrics" "source-record-poll-rate", Gauge, "records/second", TASK,
        "Records polled lately, before transforms.";
    POLL_TOTAL: "kafka_connect_source_task_source_record_poll_total", "source-task-metrics" "source-record-poll-total", Counter, "records", TASK,
        "Records polled, before transforms.";
    WRITE_RATE: "kafka_connect_source_task_source_record_write_rate", "source-task-metrics" "source-record-write-rate", Gauge, "records/second", TASK,
        "Records that Kafka acknowledged lately.";
    WRITE_TOTAL: "kafka_connect_source_task_source_record_write_total", "source-task-metrics" "source-record-write-total", Counter, "records", TASK,
        "Records that Kafka acknowledged.";
    POLL_TIME_MAX: "kafka_connect_source_task_poll_batch_max_time_ms", "source-task-metrics" "poll-batch-max-time-ms", Gauge, "milliseconds", TASK,
        "The longest of the last polls that gave records.";
    POLL_TIME_AVG: "kafka_connect_source_task_poll_batch_avg_time_ms", "source-task-metrics" "poll-batch-avg-time-ms", Gauge, "milliseconds", TASK,
        "The average of the last polls that gave records.";
    SOURCE_ACTIVE: "kafka_connect_source_task_source_record_active_count", "source-task-metrics" "source-record-active-count", Gauge, "records", TASK,
        "Records polled and not done with.";
    SOURCE_ACTIVE_MAX: "kafka_connect_source_task_source_record_active_count_max", "source-task-metrics" "source-record-active-count-max", Gauge, "records", TASK,
        "The most of them lately.";
    SOURCE_ACTIVE_AVG: "kafka_connect_source_task_source_record_active_count_avg", "source-task-metrics" "source-record-active-count-avg", Gauge, "records", TASK,
        "Their average lately.";

    READ_RATE: "kafka_connect_sink_task_sink_record_read_rate", "sink-task-metrics" "sink-record-read-rate", Gauge, "records/second", TASK,
        "Records read from Kafka lately, before transforms.";
    READ_TOTAL: "kafka_connect_sink_task_sink_record_read_total", "sink-task-metrics" "sink-record-read-total", Counter, "records", TASK,
        "Records read from Kafka, before transforms.";
    SEND_RATE: "kafka_connect_sink_task_sink_record_send_rate", "sink-task-metrics" "sink-record-send-rate", Gauge, "records/second", TASK,
        "Records given to the connector lately and taken by it.";
    SEND_TOTAL: "kafka_connect_sink_task_sink_record_send_total", "sink-task-metrics" "sink-record-send-total", Counter, "records", TASK,
        "Records given to the connector and taken by it.";
    PUT_TIME_MAX: "kafka_connect_sink_task_put_batch_max_time_ms", "sink-task-metrics" "put-batch-max-time-ms", Gauge, "milliseconds", TASK,
        "The longest of the last puts.";
    PUT_TIME_AVG: "kafka_connect_sink_task_put_batch_avg_time_ms", "sink-task-metrics" "put-batch-avg-time-ms", Gauge, "milliseconds", TASK,
        "The average of the last puts.";
    PARTITION_COUNT: "kafka_connect_sink_task_partition_count", "sink-task-metrics" "partition-count", Gauge, "partitions", TASK,
        "Partitions that the task reads.";
    COMMIT_SEQ: "kafka_connect_sink_task_offset_commit_seq_no", "sink-task-metrics" "offset-commit-seq-no", Counter, "commits", TASK,
        "The number of the last commit of offsets that was begun.";
    COMPLETION_RATE: "kafka_connect_sink_task_offset_commit_completion_rate", "sink-task-metrics" "offset-commit-completion-rate", Gauge, "commits/second", TASK,
        "Commits of offsets lately that were answered in time.";
    COMPLETION_TOTAL: "kafka_connect_sink_task_offset_commit_completion_total", "sink-task-metrics" "offset-commit-completion-total", Counter, "commits", TASK,
        "Commits of offsets that were answered in time.";
    SKIP_RATE: "kafka_connect_sink_task_offset_commit_skip_rate", "sink-task-metrics" "offset-commit-skip-rate", Gauge, "commits/second", TASK,
        "Commits of offsets lately whose answer came too late.";
    SKIP_TOTAL: "kafka_connect_sink_task_offset_commit_skip_total", "sink-task-metrics" "offset-commit-skip-total", Counter, "commits", TASK,
        "Commits of offsets whose answer came too late.";
    SINK_ACTIVE: "kafka_connect_sink_task_sink_record_active_count", "sink-task-metrics" "sink-record-active-count", Gauge, "records", TASK,
        "Records read and not committed.";
    SINK_ACTIVE_MAX: "kafka_connect_sink_task_sink_record_active_count_max", "sink-task-metrics" "sink-record-active-count-max", Gauge, "records", TASK,
        "The most of them lately.";
    SINK_ACTIVE_AVG: "kafka_connect_sink_task_sink_record_active_count_avg", "sink-task-metrics" "sink-record-active-count-avg", Gauge, "records", TASK,
        "Their average lately.";

    FAILURES: "kafka_connect_task_error_total_record_failures", "task-error-metrics" "total-record-failures", Counter, "attempts", TASK,
        "Attempts that failed, at any stage.";
    ERRORS: "kafka_connect_task_error_total_record_errors", "task-error-metrics" "total-record-errors", Counter, "records", TASK,
        "Records given up.";
    SKIPPED: "kafka_connect_task_error_total_records_skipped", "task-error-metrics" "total-records-skipped", Counter, "records", TASK,
        "Records given up and gone past.";
    RETRIES: "kafka_connect_task_error_total_retries", "task-error-metrics" "total-retries", Counter, "attempts", TASK,
        "Attempts after the first.";
    LOGGED: "kafka_connect_task_error_total_errors_logged", "task-error-metrics" "total-errors-logged", Counter, "records", TASK,
        "Records given up that were logged.";
    DLQ_REQUESTS: "kafka_connect_task_error_deadletterqueue_produce_requests", "task-error-metrics" "deadletterqueue-produce-requests", Counter, "records", TASK,
        "Records that were to be written to the dead letter queue.";
    DLQ_FAILURES: "kafka_connect_task_error_deadletterqueue_produce_failures", "task-error-metrics" "deadletterqueue-produce-failures", Counter, "records", TASK,
        "Of these, records that were not.";
    LAST_ERROR: "kafka_connect_task_error_last_error_timestamp", "task-error-metrics" "last-error-timestamp", Gauge, "milliseconds since 1970", TASK,
        "When something failed last; 0 for never.";

    LAG_RECORDS: "connect_sink_lag_records", "" "", Gauge, "records", PARTITION,
        "Records between what the connector has taken and the end of the log.";
    LAG_SECONDS: "connect_sink_lag_seconds", "" "", Gauge, "seconds", PARTITION,
        "Age of the oldest record that the connector has not taken yet, as far as it is known; 0 when it has taken all.";
    LATENCY: "connect_record_latency_seconds", "" "", Histogram, "seconds", TASK,
        "A source's records from their poll to Kafka's acknowledgement; a sink's from their timestamp until they are durable.";
    RESTARTS: "connect_task_restarts_total", "" "", Counter, "restarts", &["connector", "task", "cause"],
        "Starts of the task after its first one: after a failure, on request, or because configuration or work changed.";
    STAGE_SECONDS: "connect_task_stage_seconds_total", "" "", Counter, "seconds", &["connector", "task", "stage"],
        "Time in each stage. Stages of the connector's calls, of the records' way and of commits run side by side.";
    BYTES: "connect_task_bytes_total", "" "", Counter, "bytes", TASK,
        "Bytes of keys and values produced, or bytes fetched.";
    DROPPED: "connect_task_records_dropped_total", "" "", Counter, "records", TASK,
        "Records that transforms dropped.";
    STALLED: "connect_task_stalled", "" "", Gauge, "0 or 1", TASK,
        "Whether something is under way in the task and did not move for its deadline.";
    STAGE_AGE: "connect_task_stage_age_seconds", "" "", Gauge, "seconds", &["connector", "task", "stage"],
        "For how long the task is in the stage it is in; of a stalled one, since it last moved.";
    MEMORY_BUDGET: "connect_memory_budget_bytes", "" "", Gauge, "bytes", NONE,
        "The worker's memory budget.";
    MEMORY_USED: "connect_memory_used_bytes", "" "", Gauge, "bytes", NONE,
        "Bytes of records that are under way, as far as the budget counts them.";
}
