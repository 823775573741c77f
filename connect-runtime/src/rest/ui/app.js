// The page: asks the worker every two seconds and shows what the address says.

import { Refused, call, useToken } from "./api.js";
import { connectorPage } from "./connector.js";
import { h, morph } from "./dom.js";
import { editorPage } from "./editor.js";
import { Numbers, parse } from "./metrics.js";
import { overviewPage } from "./overview.js";

const EVERY = 2000;

/// What is known, shared by all views.
const state = { connectors: null, numbers: new Numbers(), server: null, lost: null, filter: "" };

const main = document.getElementById("main");
let page = { key: "", render: () => h("p", { class: "empty" }, "Asking the worker …") };
let timer;

function toast(message, bad = false) {
  const box = h("p", { class: bad ? "toast bad" : "toast" }, message);
  const toasts = document.getElementById("toasts");
  // What went well before is no news any more, and must not cover what is below.
  toasts.querySelectorAll(".toast:not(.bad)").forEach((old) => old.remove());
  toasts.append(box);
  setTimeout(() => box.remove(), bad ? 12000 : 5000);
}

/// Asks before something is done that cannot be taken back; resolves to whether it may.
export function confirmed(title, text, yes) {
  const dialog = document.getElementById("dialog");
  return new Promise((resolve) => {
    const answer = (may) => () => {
      resolve(may);
      dialog.close();
    };
    dialog.replaceChildren(
      h("h2", { id: "dialog-title" }, title),
      h("div", {}, text),
      h("div", { class: "row" }, h("button", { type: "button", onclick: answer(false) }, "Cancel"), h("button", { type: "button", class: "primary", onclick: answer(true) }, yes)),
    );
    // By Escape, unless it is the end of an earlier question, which is told late, when this one is open already.
    dialog.onclose = () => dialog.open || resolve(false);
    dialog.showModal();
  });
}

/// Does something of which the worker may say no, and tells how it went.
async function act(what, method, path, body) {
  try {
    await call(method, path, body);
    toast(`${what}: done`);
  } catch (error) {
    toast(`${what}: ${error.message}`, true);
  }
  await refresh();
}

const tools = { state, act, toast, refresh: () => refresh(), show: () => show() };

/// A part of the address, which anybody may have written.
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function route() {
  const [kind, name, rest] = location.hash.replace(/^#\/?/, "").split("/").map(decoded);
  if (kind === "new") return { key: "new", make: () => editorPage(tools, null) };
  if (kind === "connector" && rest === "edit") return { key: `edit ${name}`, make: () => editorPage(tools, name) };
  if (kind === "connector" && name) return { key: `see ${name}`, make: () => connectorPage(tools, name) };
  return { key: "all", make: () => overviewPage(tools) };
}

function show() {
  const { key, make } = route();
  if (key !== page.key) {
    const first = page.key === "";
    page = { key, ...make() };
    main.replaceChildren();
    scrollTo(0, 0);
    if (!first) main.focus();
  }
  const wanted = h("main", { id: "main", tabindex: "-1" }, page.render());
  morph(main, wanted);
  document.title = page.title ? `${page.title} · Connect` : "Connect";
}

function showPulse() {
  const pulse = document.getElementById("pulse");
  const text = state.lost ? `Not reached: ${state.lost}` : "";
  pulse.classList.toggle("lost", !!state.lost);
  if (pulse.textContent !== text) pulse.textContent = text;
  const { server } = state;
  if (server) document.getElementById("where").textContent = `Kafka Connect ${server.version} API · cluster ${server.kafka_cluster_id}`;
}

function askForToken() {
  const given = h("input", { type: "password", id: "token", autocomplete: "off" });
  page = {
    key: "sign in",
    render: () =>
      h("form", { class: "card", onsubmit: (event) => { event.preventDefault(); useToken(given.value); page.key = "signed in"; refresh(); } },
        h("h1", {}, "Sign in"), h("p", { class: "soft" }, "This worker wants a bearer token."),
        h("div", { class: "field" }, h("label", { for: "token" }, "Token"), given), h("button", { class: "primary" }, "Sign in")),
  };
  main.replaceChildren(page.render());
}

async function refresh() {
  clearTimeout(timer);
  try {
    state.server ??= await call("GET", "");
    const [connectors, numbers] = await Promise.all([
      call("GET", "connectors?expand=status&expand=info"),
      // A worker without metrics still shows its connectors.
      call("GET", "metrics").catch(() => ""),
    ]);
    state.connectors = connectors;
    state.numbers.take(parse(numbers), performance.now());
    state.lost = null;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return askForToken();
    state.lost = error.name === "TimeoutError" ? "no answer" : error.message;
  }
  showPulse();
  if (state.connectors) show();
  timer = setTimeout(refresh, document.hidden ? EVERY * 5 : EVERY);
}

const themes = ["auto", "light", "dark"];
function theme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  document.getElementById("theme").replaceChildren(h("span", { class: "wide" }, "Theme: "), name[0].toUpperCase() + name.slice(1));
  document.getElementById("theme").setAttribute("aria-label", `Theme: ${name}`);
  localStorage.setItem("theme", name);
}
document.getElementById("theme").onclick = () => theme(themes[(themes.indexOf(localStorage.getItem("theme") || "auto") + 1) % 3]);
theme(themes.includes(localStorage.getItem("theme")) ? localStorage.getItem("theme") : "auto");

document.querySelector(".skip").onclick = (event) => { event.preventDefault(); main.focus(); };
addEventListener("hashchange", () => state.connectors && show());
addEventListener("visibilitychange", () => document.hidden || refresh());
refresh();
