// A connector's configuration, by its definitions, checked by the worker while it is typed.

import { call, connector, simple, validate } from "./api.js";
import { confirmed } from "./app.js";
import { h, plural } from "./dom.js";

const AFTER = 350;
const NUMBERS = ["INT", "LONG", "SHORT"];

export function editorPage({ state, toast, show, refresh }, name) {
  const isNew = name === null;
  const own = { config: null, stored: {}, plugins: null, answer: null, busy: false, asked: 0, all: false, filter: "", failure: null, added: "" };
  let timer;

  load();

  async function load() {
    try {
      if (isNew) {
        own.plugins = await call("GET", "connector-plugins");
        own.config = { name: "", "connector.class": "" };
      } else {
        own.stored = await call("GET", connector(name, "/config"));
        own.config = { ...own.stored };
      }
      await check();
    } catch (error) {
      own.failure = error.message;
    }
    show();
  }

  /// What would be sent: a key without a value is not there.
  const sent = () => Object.fromEntries(Object.entries(own.config).filter(([, value]) => value !== null && value !== ""));
  const changed = (key) => (own.stored[key] ?? "") !== (own.config[key] ?? "");

  async function check() {
    if (!own.config["connector.class"]) return;
    const asked = ++own.asked;
    own.busy = true;
    try {
      const answer = await validate(sent());
      // A later question has been asked meanwhile.
      if (asked !== own.asked) return;
      [own.answer, own.failure] = [answer, null];
    } catch (error) {
      if (asked !== own.asked) return;
      own.failure = error.message;
      if (error.status === 404) {
        // A worker without this endpoint, or without this class: keys and values, checked when they are saved.
        own.answer = { name: own.config["connector.class"], error_count: 0, groups: [], configs: [] };
        own.failure = "The worker did not check this configuration; it will when it is saved.";
      }
    }
    own.busy = false;
    show();
  }

  function set(key, value) {
    own.config[key] = value;
    clearTimeout(timer);
    timer = setTimeout(check, AFTER);
    show();
  }

  function control(key, definition, value, invalid, described) {
    const current = own.config[key] ?? "";
    const fallback = definition?.default_value;
    const common = { id: `f-${key}`, "aria-invalid": invalid ? "true" : undefined, "aria-describedby": described || undefined };
    const change = (event) => set(key, event.target.value);
    const among = definition?.type === "BOOLEAN" ? ["true", "false"] : value?.recommended_values || [];
    if (definition?.type === "BOOLEAN") {
      const first = h("option", { value: "" }, fallback === null || fallback === undefined ? "not set" : `default: ${fallback}`);
      const options = among.includes(current) || current === "" ? among : [...among, current];
      return h("select", { ...common, onchange: change, value: current }, first, options.map((text) => h("option", { value: text, selected: text === current }, text)));
    }
    const list = among.length > 0 ? `l-${key}` : undefined;
    const secret = definition?.type === "PASSWORD";
    const input = h("input", {
      ...common, value: current, list, oninput: change, type: secret ? "password" : "text", autocomplete: "off", spellcheck: "false",
      inputmode: NUMBERS.includes(definition?.type) ? "numeric" : undefined, placeholder: fallback ? `default: ${fallback}` : "",
      readonly: !isNew && key === "name", "aria-required": definition?.required ? "true" : undefined,
    });
    return list ? [input, h("datalist", { id: list }, among.map((text) => h("option", { value: text })))] : input;
  }

  function field({ definition, value }) {
    const key = definition?.name || value.name;
    const errors = value?.errors || [];
    const help = definition?.documentation ? `h-${key}` : "";
    const wrong = errors.length > 0 ? `e-${key}` : "";
    const title = definition?.display_name || key;
    return h("div", { class: changed(key) && !isNew ? "field changed" : "field", "data-key": `field ${key}` },
      h("div", {}, h("label", { for: `f-${key}` }, title, definition?.required && h("span", { class: "must" }, " *")), title !== key && h("code", { class: "key" }, key)),
      h("div", {}, control(key, definition, value, errors.length > 0, `${help} ${wrong}`.trim()),
        errors.length > 0 && h("p", { class: "error", id: wrong }, errors.join(" · ")),
        help && h("p", { class: "help", id: help }, definition.documentation)));
  }

  function shown({ definition, value }) {
    const key = definition?.name || value.name;
    if (key === "connector.class") return false;
    if (own.filter) return `${key} ${definition?.display_name} ${definition?.documentation}`.toLowerCase().includes(own.filter.toLowerCase());
    if (value && value.visible === false && !value.errors.length) return false;
    return own.all || key in own.config || value?.errors.length > 0 || definition?.required || definition?.importance === "HIGH";
  }

  function groups() {
    const { configs, groups } = own.answer;
    // A key that the connector checks and that was just added has no row until the worker has answered.
    const rows = configs.filter(shown);
    const known = new Set(configs.map(({ definition, value }) => definition?.name || value.name));
    const others = Object.keys(own.config).filter((key) => !known.has(key)).map((key) => ({ definition: null, value: { name: key, errors: [] } }));
    const by = new Map(groups.map((group) => [group, []]));
    for (const row of [...rows, ...others]) {
      const group = row.definition ? row.definition.group || simple(own.answer.name) : "Other keys";
      if (!by.has(group)) by.set(group, []);
      by.get(group).push(row);
    }
    return [...by].filter(([, rows]) => rows.length > 0).map(([group, rows]) =>
      h("fieldset", { class: "group", "data-key": `group ${group}` }, h("legend", {}, group), rows.map(field)));
  }

  function verdict() {
    if (own.failure) return h("p", { class: "note bad", role: "alert" }, own.failure);
    if (!own.answer) return null;
    const count = own.answer.error_count;
    if (count === 0) return h("p", { class: "note good", role: "status" }, "The worker finds nothing wrong.");
    const first = own.answer.configs.find(({ value }) => value?.errors.length > 0);
    const jump = (event) => { event.preventDefault(); document.getElementById(`f-${first.value.name}`)?.focus(); };
    return h("p", { class: "note bad", role: "status" }, `${plural(count, "mistake")}. `, first && h("a", { href: "#", onclick: jump }, `Go to ${first.value.name}`));
  }

  async function planned() {
    try {
      const plan = await call("POST", connector(name, "/config/plan"), sent());
      const tasks = plan.tasks.map(({ task, action, reason }) => h("li", {}, h("b", {}, `Task ${task}: ${action}`), reason ? ` – ${reason}` : ""));
      const keys = plan.keys.map(({ key, from, to }) => h("li", { class: "mono" }, `${key}: ${from ?? "(none)"} → ${to ?? "(none)"}`));
      return h("div", {}, h("ul", {}, keys), h("ul", {}, tasks), plan.warnings.map((warning) => h("p", { class: "note warn" }, warning)));
    } catch (error) {
      if (error.status !== 404) throw error;
      return "Tasks that the change concerns are restarted.";
    }
  }

  async function save(event) {
    event.preventDefault();
    clearTimeout(timer);
    try {
      if (isNew) {
        const config = sent();
        await call("POST", "connectors", { name: config.name || "", config });
        await refresh();
        location.hash = `#/connector/${encodeURIComponent(config.name)}`;
        return toast(`${config.name} was created`);
      }
      const keys = new Set([...Object.keys(own.stored), ...Object.keys(own.config)]);
      const patch = Object.fromEntries([...keys].filter(changed).map((key) => [key, own.config[key] || null]));
      if (Object.keys(patch).length === 0) return toast("Nothing has changed");
      if (!(await confirmed(`Change ${name}?`, await planned(), "Save"))) return;
      await call("PATCH", connector(name, "/config"), patch);
      await refresh();
      location.hash = `#/connector/${encodeURIComponent(name)}`;
      toast(`${name} was changed`);
    } catch (error) {
      toast(error.message, true);
    }
  }

  function choose() {
    if (!isNew || !own.plugins) return null;
    const change = (event) => { own.answer = null; set("connector.class", event.target.value); };
    return h("div", { class: "field" }, h("label", { for: "class" }, "Connector", h("span", { class: "must" }, " *")),
      h("select", { id: "class", onchange: change, value: own.config["connector.class"] }, h("option", { value: "" }, "Choose one"),
        own.plugins.map((plugin) => h("option", { value: plugin.class, selected: plugin.class === own.config["connector.class"] }, `${simple(plugin.class)} (${plugin.type}, ${plugin.version || "no version"})`))));
  }

  function adder() {
    const add = () => {
      const key = own.added.trim();
      if (!key) return;
      own.added = "";
      document.getElementById("added").value = "";
      set(key, own.config[key] ?? "");
    };
    return h("div", { class: "row" }, h("label", { for: "added", class: "soft" }, "Another key"),
      h("input", { id: "added", value: own.added, placeholder: "transforms", oninput: (event) => { own.added = event.target.value; }, class: "mono" }), h("button", { type: "button", onclick: add }, "Add"));
  }

  return {
    title: isNew ? "New connector" : `Edit ${name}`,
    render() {
      const back = isNew ? "#/" : `#/connector/${encodeURIComponent(name)}`;
      const head = [h("p", { class: "crumb" }, h("a", { href: back }, isNew ? "All connectors" : name)), h("h1", { class: "head" }, isNew ? "New connector" : `Edit ${name}`)];
      if (!own.config) return [...head, own.failure ? h("p", { class: "note bad" }, own.failure) : h("p", { class: "empty" }, "Asking the worker …")];
      const filter = h("input", { id: "find", type: "search", placeholder: "Find a key", "aria-label": "Find a key", value: own.filter, oninput: (event) => { own.filter = event.target.value; show(); } });
      const all = h("label", { class: "check" }, h("input", { type: "checkbox", checked: own.all, onchange: (event) => { own.all = event.target.checked; show(); } }), "All keys");
      const saves = h("button", { class: "primary", disabled: !own.config["connector.class"] || !own.answer || own.answer.error_count > 0 }, isNew ? "Create" : "Save …");
      return [...head, h("form", { class: "card", onsubmit: save, "aria-busy": own.busy ? "true" : "false" },
        choose(),
        own.answer ? h("div", { class: "tools" }, h("div", { class: "row" }, filter, all, saves), verdict()) : verdict(),
        own.answer && groups(),
        own.answer && adder())];
    },
  };
}
