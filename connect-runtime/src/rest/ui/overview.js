// All connectors at a glance.

import { simple } from "./api.js";
import { h, plural, short, spark, span } from "./dom.js";

const SEVERITY = ["FAILED", "STALLED", "UNASSIGNED", "RESTARTING", "STOPPED", "PAUSED", "RUNNING"];

/// The word for a connector that wants attention most: a task that hangs counts more than one that waits.
export function worst(status, numbers) {
  const states = [status.connector.state, ...status.tasks.map((task) => task.state)];
  if (numbers.stalled > 0) states.push("STALLED");
  return SEVERITY.find((state) => states.includes(state)) || states[0];
}

export const badge = (state) => h("span", { class: `badge ${state}` }, state);

const link = (name, rest = "") => `#/connector/${encodeURIComponent(name)}${rest}`;

export function lagText(numbers) {
  if (numbers.lag === undefined) return ["–", "no lag known"];
  return [short(numbers.lag), numbers.lag > 0 && numbers.lagSeconds !== undefined ? `behind · ${span(numbers.lagSeconds)}` : "behind"];
}

function tile(name, value, unit, kind = "") {
  return h("div", { class: `tile ${kind}` }, h("dt", {}, name), h("dd", {}, String(value), h("small", {}, unit)));
}

function tiles(rows, numbers) {
  const count = (state) => rows.filter((row) => row.worst === state).length;
  const [failed, stalled] = [count("FAILED"), count("STALLED")];
  const tasks = rows.reduce((sum, row) => sum + row.status.tasks.length, 0);
  const all = numbers.all || {};
  return h("dl", { class: "tiles", "aria-label": "Summary" },
    tile("Connectors", rows.length, plural(tasks, "task")),
    tile("Running", count("RUNNING"), "and moving"),
    tile("Failed", failed, failed ? "see the trace" : "none", failed ? "alarm" : ""),
    tile("Stalled", stalled, stalled ? "nothing moves" : "none", stalled ? "hang" : ""),
    tile("Throughput", short(all.rate || 0), "records/s"),
    tile("Sink lag", short(all.lag || 0), "records"),
    tile("Dead letters", short(all.dlq || 0), "since the start"));
}

function item({ name, status, info, worst, numbers, past }) {
  const [lag, behind] = lagText(numbers);
  const failed = status.tasks.filter((task) => task.state === "FAILED").length;
  const source = status.type === "source";
  return h("li", { class: `item ${worst}`, "data-key": name },
    h("div", { class: "id" }, h("a", { class: "name", href: link(name) }, name),
      h("p", { class: "what" }, `${status.type} · ${simple(info.config["connector.class"] || "")}`)),
    h("div", { class: "state" }, badge(worst), worst === "STALLED" && h("p", { class: "soft" }, `in ${numbers.stage}`)),
    spark("rate", past.rate, short(numbers.rate || 0), "records/s"),
    source ? h("div", { class: "soft" }, "reads from outside") : spark("lag", past.lag, lag, behind),
    h("div", { class: "count soft num" }, plural(status.tasks.length, "task"),
      failed > 0 && h("span", { class: "bad" }, `, ${failed} failed`),
      numbers.dlq > 0 && h("span", { class: "warn" }, `, ${short(numbers.dlq)} dead`)));
}

export function overviewPage({ state, show }) {
  const search = (event) => { state.filter = event.target.value; show(); };
  return {
    title: "",
    render() {
      const { numbers } = state;
      const rows = Object.entries(state.connectors).map(([name, { status, info }]) => {
        const own = numbers.of(name);
        return { name, status, info, numbers: own, past: numbers.past(name), worst: worst(status, own) };
      });
      rows.sort((a, b) => SEVERITY.indexOf(a.worst) - SEVERITY.indexOf(b.worst) || a.name.localeCompare(b.name));
      const seen = rows.filter((row) => row.name.toLowerCase().includes(state.filter.toLowerCase()));
      return [
        h("h1", { class: "sr" }, "Connectors"),
        tiles(rows, numbers),
        rows.length > 6 && h("div", { class: "card" }, h("label", { for: "filter", class: "soft" }, "Find a connector"),
          h("input", { id: "filter", type: "search", value: state.filter, oninput: search })),
        rows.length === 0
          ? h("p", { class: "empty" }, "No connectors yet. ", h("a", { href: "#/new" }, "Make the first one."))
          : h("ul", { class: "list", "aria-label": "Connectors" }, seen.map(item)),
        rows.length > 0 && seen.length === 0 && h("p", { class: "empty" }, `No connector has ${JSON.stringify(state.filter)} in its name.`),
      ];
    },
  };
}
