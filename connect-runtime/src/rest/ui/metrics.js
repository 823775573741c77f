// What /metrics says, by connector and task, and how it was a while ago.

const KEEP = 90;
const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/s;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/gs;
const unescape = (text) => text.replace(/\\(.)/gs, (_, char) => (char === "n" ? "\n" : char));

export function parse(text) {
  const samples = [];
  for (const line of text.split("\n")) {
    const found = line[0] !== "#" && LINE.exec(line);
    if (!found) continue;
    const labels = {};
    for (const [, name, value] of (found[2] || "").matchAll(LABEL)) labels[name] = unescape(value);
    samples.push({ name: found[1], labels, value: found[3] === "+Inf" ? Infinity : Number(found[3]) });
  }
  return samples;
}

const TOTALS = {
  kafka_connect_source_task_source_record_write_total: "written",
  kafka_connect_sink_task_sink_record_send_total: "written",
  kafka_connect_source_task_source_record_poll_total: "read",
  kafka_connect_sink_task_sink_record_read_total: "read",
  kafka_connect_task_error_total_record_errors: "errors",
  kafka_connect_task_error_total_retries: "retries",
  kafka_connect_task_error_total_records_skipped: "skipped",
  kafka_connect_task_error_deadletterqueue_produce_requests: "dlq",
  kafka_connect_task_error_deadletterqueue_produce_failures: "dlqFailed",
  connect_sink_lag_records: "lag",
  connect_task_restarts_total: "restarts",
  connect_task_stalled: "stalled",
};

const empty = () => ({ written: 0, read: 0, errors: 0, retries: 0, skipped: 0, dlq: 0, dlqFailed: 0, lag: undefined, lagSeconds: undefined, restarts: 0, stalled: 0, stage: "", since: 0 });

/// What a task is known by; no connector's name has such a character.
const taskKey = (connector, task) => `${connector}\u0000${task}`;

/// Numbers of tasks and of connectors.
export class Numbers {
  constructor() {
    this.now = new Map();
    this.history = new Map();
    this.at = 0;
    this.memory = { used: 0, budget: 0 };
  }

  take(samples, at) {
    const next = new Map();
    const of = (key) => next.get(key) || (next.set(key, empty()), next.get(key));
    for (const { name, labels, value } of samples) {
      if (name === "connect_memory_used_bytes") this.memory.used = value;
      if (name === "connect_memory_budget_bytes") this.memory.budget = value;
      if (labels.connector === undefined || labels.task === undefined) continue;
      for (const numbers of [of(taskKey(labels.connector, labels.task)), of(labels.connector)]) {
        if (TOTALS[name]) numbers[TOTALS[name]] = (numbers[TOTALS[name]] || 0) + value;
        if (name === "connect_sink_lag_seconds") numbers.lagSeconds = Math.max(numbers.lagSeconds || 0, value);
        if (name === "connect_task_stage_age_seconds") [numbers.stage, numbers.since] = [labels.stage, value];
      }
    }
    const seconds = (at - this.at) / 1000;
    const all = empty();
    for (const [key, numbers] of next) {
      const before = this.now.get(key);
      // A task that was made anew counts from zero.
      const grown = before && numbers.written >= before.written ? numbers.written - before.written : 0;
      numbers.rate = before && seconds > 0 ? grown / seconds : 0;
      if (!key.includes("\u0000")) {
        all.rate = (all.rate || 0) + numbers.rate;
        all.lag = (all.lag || 0) + (numbers.lag || 0);
        all.dlq += numbers.dlq;
      }
      const past = this.history.get(key) || { rate: [], lag: [] };
      if (before) {
        past.rate.push(numbers.rate);
        past.lag.push(numbers.lag || 0);
      }
      for (const line of [past.rate, past.lag]) if (line.length > KEEP) line.shift();
      this.history.set(key, past);
    }
    for (const key of this.history.keys()) if (!next.has(key)) this.history.delete(key);
    [this.now, this.at, this.all] = [next, at, all];
  }

  /// Of a task, or of a whole connector.
  of(connector, task) {
    return this.now.get(task === undefined ? connector : taskKey(connector, task)) || empty();
  }

  past(connector, task) {
    return this.history.get(task === undefined ? connector : taskKey(connector, task)) || { rate: [], lag: [] };
  }
}
