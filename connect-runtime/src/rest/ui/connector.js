// One connector: what it does, its tasks, and what went wrong.

import { connector, simple } from "./api.js";
import { confirmed } from "./app.js";
import { h, plural, short, spark, span } from "./dom.js";
import { badge, lagText, worst } from "./overview.js";

/// The first line that says something, and the trace below it.
function trace(title, text, key) {
  return h("details", { class: "trace", "data-key": key }, h("summary", {}, `${title}: ${text.split("\n")[0]}`), h("pre", { tabindex: "0" }, text));
}

function fact(name, value, kind = "") {
  return h("div", {}, h("dt", {}, name), h("dd", { class: kind }, value));
}

function task(name, row, numbers, past, source, act) {
  const stalled = numbers.stalled > 0 && row.state !== "FAILED";
  const [lag, behind] = lagText(numbers);
  const cell = (label, ...content) => h("td", { "data-label": label }, ...content);
  const stage = row.state === "RUNNING" && numbers.stage ? `${numbers.stage} · ${span(numbers.since)}` : "–";
  return h("tr", { "data-key": `task ${row.id}` },
    cell("Task", h("b", { class: "num" }, String(row.id))),
    cell("State", badge(stalled ? "STALLED" : row.state)),
    cell("In", h("span", { class: stalled ? "warn" : "soft" }, stage)),
    cell("Throughput", spark("rate", past.rate, short(numbers.rate || 0), "records/s")),
    cell(source ? "Written" : "Lag", source ? h("span", { class: "num" }, short(numbers.written)) : spark("lag", past.lag, lag, behind)),
    cell("Errors", h("span", { class: numbers.errors ? "bad num" : "num" }, short(numbers.errors))),
    cell("Dead letters", h("span", { class: numbers.dlq ? "warn num" : "num" }, short(numbers.dlq))),
    cell("Restarts", h("span", { class: "num" }, short(numbers.restarts))),
    cell("", h("button", { type: "button", "aria-label": `Restart task ${row.id}`, onclick: () => act(`Restart of task ${row.id}`, "POST", connector(name, `/tasks/${row.id}/restart`)) }, "Restart")));
}

function actions(name, status, act) {
  const state = status.connector.state;
  const failed = [status.connector, ...status.tasks].some((part) => part.state === "FAILED");
  const button = (text, run, kind = "") => h("button", { type: "button", class: kind, "data-key": text, onclick: run }, text);
  const put = (what, verb) => () => act(`${what} ${name}`, "PUT", connector(name, `/${verb}`));
  const restart = (what, query) => () => act(`${what} ${name}`, "POST", connector(name, `/restart?${query}`));
  const stop = async () => {
    const text = "Its tasks end. It keeps its configuration and its offsets, and goes on from there when it is resumed.";
    if (await confirmed(`Stop ${name}?`, text, "Stop")) put("Stop", "stop")();
  };
  return h("div", { class: "row actions", role: "group", "aria-label": "Actions" },
    failed && button("Restart what failed", restart("Restart", "includeTasks=true&onlyFailed=true"), "primary"),
    (state === "PAUSED" || state === "STOPPED") ? button("Resume", put("Resume", "resume"), "primary") : button("Pause", put("Pause", "pause")),
    button("Restart all", restart("Restart", "includeTasks=true")),
    state !== "STOPPED" && button("Stop", stop, "danger"),
    h("a", { class: "button", href: `#/connector/${encodeURIComponent(name)}/edit` }, "Edit configuration"));
}

export function connectorPage({ state, act }, name) {
  return {
    title: name,
    render() {
      const crumb = h("p", { class: "crumb" }, h("a", { href: "#/" }, "All connectors"));
      const known = Object.hasOwn(state.connectors, name) && state.connectors[name];
      if (!known) return [crumb, h("h1", {}, name), h("p", { class: "empty" }, "There is no connector of this name.")];
      const { status, info } = known;
      const [numbers, past] = [state.numbers.of(name), state.numbers.past(name)];
      const source = status.type === "source";
      const tasks = status.tasks.map((row) => ({ row, numbers: state.numbers.of(name, row.id), past: state.numbers.past(name, row.id) }));
      const hanging = tasks.filter(({ row, numbers }) => numbers.stalled > 0 && row.state !== "FAILED");
      const [lag, behind] = lagText(numbers);
      const columns = ["Task", "State", "In", "Throughput", source ? "Written" : "Lag", "Errors", "Dead letters", "Restarts"];
      return [
        crumb,
        h("div", { class: "head" },
          h("h1", {}, name),
          h("div", { class: "row" }, badge(worst(status, numbers)), h("span", { class: "soft" }, `${status.type} · ${simple(info.config["connector.class"] || "")} · on ${status.connector.worker_id}`)),
          actions(name, status, act)),
        status.connector.trace && trace("The connector failed", status.connector.trace, "trace"),
        hanging.map(({ row, numbers }) => h("p", { class: "note warn", "data-key": `hangs ${row.id}` }, `Task ${row.id} hangs in ${numbers.stage}: nothing has moved for ${span(numbers.since)}.`)),
        h("section", { class: "card", "aria-label": "Figures" },
          h("dl", { class: "facts" },
            fact(source ? "Written to Kafka" : "Delivered", short(numbers.written)),
            fact("Throughput", `${short(numbers.rate || 0)}/s`),
            !source && fact("Lag", [lag, h("small", {}, behind)]),
            fact("Given up", short(numbers.errors), numbers.errors ? "bad" : ""),
            fact("Retries", short(numbers.retries)),
            fact("Dead letters", numbers.dlqFailed ? `${short(numbers.dlq)} (${short(numbers.dlqFailed)} lost)` : short(numbers.dlq), numbers.dlq ? "warn" : ""))),
        h("section", { class: "card", "aria-labelledby": "tasks-title" },
          h("h2", { id: "tasks-title" }, plural(tasks.length, "task")),
          tasks.length === 0
            ? h("p", { class: "soft" }, status.connector.state === "STOPPED" ? "A stopped connector has none." : "It has none yet.")
            : h("div", { class: "scroll" }, h("table", { class: "tasks" },
                h("thead", {}, h("tr", {}, columns.map((text) => h("th", { scope: "col" }, text)), h("th", { scope: "col" }, h("span", { class: "sr" }, "Actions")))),
                h("tbody", {}, tasks.map(({ row, numbers, past }) => task(name, row, numbers, past, source, act))))),
          tasks.filter(({ row }) => row.trace).map(({ row }) => trace(`Task ${row.id}`, row.trace, `trace ${row.id}`))),
        h("section", { class: "card", "aria-labelledby": "config-title" },
          h("h2", { id: "config-title" }, "Configuration"),
          h("div", { class: "scroll" }, h("table", { class: "config" }, h("thead", { class: "sr" }, h("tr", {}, h("th", { scope: "col" }, "Key"), h("th", { scope: "col" }, "Value"))),
            h("tbody", {}, Object.entries(info.config).sort().map(([key, value]) => h("tr", { "data-key": `config ${key}` }, h("td", { class: "mono" }, key), h("td", { class: "mono" }, value ?? "")))))))
      ];
    },
  };
}
