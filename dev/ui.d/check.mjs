// What the page at /ui shows and does; see dev/ui.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Browser } from "./browser.mjs";
import { audit } from "./audit.mjs";

const [program, flag] = process.argv.slice(2);
const pictures = flag === "--pictures" ? fileURLToPath(new URL("../../docs/ui/", import.meta.url)) : null;
if (pictures) mkdirSync(pictures, { recursive: true });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const worker = spawn(program, [], { stdio: ["pipe", "pipe", "ignore"] });
const url = await new Promise((resolve, reject) => {
  worker.stdout.once("data", (line) => resolve(String(line).trim()));
  worker.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
});
const api = new URL(url.replace(/ui$/, ""));
const ask = async (path, options = {}) => (await fetch(new URL(path, api), options)).json();

const browser = await Browser.start();
let failures = 0;
async function check(what, run) {
  try {
    await run();
    console.log(`ok    ${what}`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${what}\n${error.stack}`);
  }
}
const text = (selector) => browser.run(`return document.querySelector(${JSON.stringify(selector)})?.innerText ?? ""`);
const visit = async (hash, selector) => {
  await browser.run(`location.hash = ${JSON.stringify(hash)}`);
  await browser.until(`document.querySelector(${JSON.stringify(selector)})`, `${hash}: ${selector}`);
};
const has = (selector, words) => browser.until(`[...document.querySelectorAll(${JSON.stringify(selector)})].some((node) => node.textContent.includes(${JSON.stringify(words)}))`, `${selector} says ${words}`);
// As soon as it is there and lets itself be clicked.
const click = (selector, words) => browser.until(`(() => {
  const all = [...document.querySelectorAll(${JSON.stringify(selector)})];
  const found = all.find((node) => node.textContent.includes(${JSON.stringify(words)}) && !node.disabled);
  found?.click();
  return found;
})()`, `${selector} to click: ${words}`);
// Messages go by themselves, perhaps before anybody looks.
const keepMessages = () => browser.run(`
  window.messages = [];
  new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => window.messages.push(node.textContent))))
    .observe(document.getElementById("toasts"), { childList: true });`);
const told = (words) => browser.until(`window.messages.some((message) => message.includes(${JSON.stringify(words)}))`, `a message says ${words}`);
const fill = (id, value) => browser.run(`
  const node = document.getElementById(${JSON.stringify(id)});
  node.focus(); node.value = ${JSON.stringify(value)};
  (node.oninput || node.onchange).call(node, { target: node });`);
async function picture(name) {
  if (!pictures) return;
  // What was done a moment ago is none of the picture's matter.
  await browser.run("document.getElementById('toasts').replaceChildren()");
  await browser.shot(`${pictures}${name}.png`);
}
const item = (name) => `[data-key="${name}"]`;

try {
  await browser.size(1280, 820);
  await browser.open(url);
  await browser.until("document.querySelector('.item')");
  await keepMessages();

  await check("all connectors are there, those that want attention first", async () => {
    await has(`${item("readings-to-archive")} .badge`, "STALLED");
    await has(`${item("readings-to-warehouse")} .badge`, "FAILED");
    const names = ["readings-to-warehouse", "readings-to-archive", "cellar-readings", "greenhouse-readings", "readings-to-store"];
    await browser.until(`[...document.querySelectorAll(".item .name")].map((node) => node.textContent).join() === ${JSON.stringify(names.join())}`, `the order ${names}`);
    await has(`${item("readings-to-archive")} .state`, "in put");
    await has(`${item("greenhouse-readings")} .badge`, "RUNNING");
    await has(`${item("readings-to-store")} .count`, "dead");
  });

  await check("throughput and lag are drawn from the worker's own numbers", async () => {
    await browser.until("document.querySelector('[data-key=\"greenhouse-readings\"] .line')?.getAttribute('points').split(' ').length > 2");
    await browser.until("parseFloat(document.querySelector('[data-key=\"greenhouse-readings\"] .spark b').textContent) > 100");
    await browser.until("parseFloat(document.querySelector('[data-key=\"readings-to-archive\"] .spark.lag b').textContent) > 0");
  });

  if (pictures) await pause(45000);
  await picture("running");
  await check("the list is accessible", () => audit(browser));
  await browser.dark(true);
  await picture("running-dark");
  await check("the list is accessible in the dark", () => audit(browser));

  await visit("#/connector/readings-to-warehouse", "details.trace");
  await check("a failure shows its trace", async () => {
    await browser.run("document.querySelector('details.trace').open = true");
    await has("details.trace pre", "Caused by: ");
    await pause(2500);
    assert.equal(await browser.run("return document.querySelector('details.trace').open"), true, "it stays open");
  });
  await check("a failed connector is accessible in the dark", () => audit(browser));
  await browser.dark(false);
  await picture("failed");
  await check("a failed connector is accessible", () => audit(browser));

  await visit("#/connector/readings-to-archive", ".note.warn");
  await check("a task that hangs says where and since when", async () => assert.match(await text(".note.warn"), /Task 0 hangs in put: nothing has moved for \d+ (s|min)\./));

  await check("secrets are not shown", async () => {
    assert.match(await text("main"), /store\.password\s*\[hidden\]/);
    assert(!(await browser.run("return document.documentElement.outerHTML")).includes("correct-horse"));
  });

  await visit("#/connector/readings-to-store", ".actions");
  await check("pause, resume, restart and stop do what they say", async () => {
    const state = async () => (await ask("connectors/readings-to-store/status")).connector.state;
    await click(".actions button", "Pause");
    await has(".head .badge", "PAUSED");
    assert.equal(await state(), "PAUSED");
    await click(".actions button", "Resume");
    await has(".head .badge", "RUNNING");
    await click(".tasks button", "Restart");
    await told("Restart of task 0: done");
    await click(".actions button", "Stop");
    await has("dialog[open] h2", "Stop readings-to-store?");
    await browser.key("Escape");
    await browser.until("!document.querySelector('dialog[open]')");
    assert.equal(await state(), "RUNNING", "Escape is no");
    await click(".actions button", "Stop");
    await has("dialog[open] h2", "Stop readings-to-store?");
    await click("dialog button.primary", "Stop");
    await has(".head .badge", "STOPPED");
    assert.equal(await state(), "STOPPED");
    await click(".actions button", "Resume");
    await has(".head .badge", "RUNNING");
  });

  await visit("#/connector/readings-to-store/edit", ".field");
  await check("a configuration is checked while it is typed", async () => {
    await has(".note.good", "nothing wrong");
    await fill("f-tasks.max", "many");
    await has('[data-key="field tasks.max"] .error', "");
    assert.equal(await browser.run("return document.getElementById('f-tasks.max').getAttribute('aria-invalid')"), "true");
    assert.equal(await browser.run("return document.querySelector('form .primary').disabled"), true);
    await fill("f-tasks.max", "");
    await fill("f-store.url", "http://elsewhere");
    await has('[data-key="field store.url"] .error', "must begin with store://");
    await has(".note.bad", "1 mistake");
    assert.equal(await browser.run("return document.querySelector('.note.bad').getBoundingClientRect().top < innerHeight"), true, "what is wrong is in sight");
  });
  await picture("validating");
  await check("the editor is accessible", () => audit(browser));
  await check("a change says what it restarts, and is made; the secret stays", async () => {
    await fill("f-store.url", "store://inventory:7001");
    await fill("f-tasks.max", "1");
    await has(".note.good", "nothing wrong");
    await click("form .primary", "Save");
    await browser.until("document.querySelector('dialog[open]')");
    await has("dialog", "store.url");
    await has("dialog", "Task 0: restart");
    await picture("changing");
    await click("dialog button.primary", "Save");
    await told("readings-to-store was changed");
    const config = await ask("connectors/readings-to-store/config");
    assert.equal(config["store.url"], "store://inventory:7001");
    assert.equal(config["store.password"], "[hidden]");
  });

  await visit("#/new", "#class");
  await check("a connector can be made", async () => {
    await browser.run("const node = document.getElementById('class'); node.value = 'example.ReadingsSource'; node.onchange({ target: node })");
    await browser.until("document.getElementById('f-name')");
    await fill("f-name", "attic readings");
    await fill("f-topic", "attic");
    await has(".note.good", "nothing wrong");
    await click("form .primary", "Create");
    await has("h1", "attic readings");
    await has(".head .badge", "RUNNING");
    assert.equal((await ask("connectors/attic%20readings/config")).topic, "attic");
  });

  await visit("#/", ".item");
  await check("the keyboard reaches everything", async () => {
    await browser.run("document.activeElement.blur()");
    const seen = [];
    for (let presses = 0; presses < 12; presses += 1) {
      await browser.key("Tab");
      seen.push(await browser.run("return document.activeElement.textContent || document.activeElement.tagName"));
    }
    for (const wanted of ["Skip to content", "readings-to-warehouse", "greenhouse-readings"]) assert(seen.includes(wanted), `${wanted} in ${seen}`);
    await browser.run("document.querySelector('.item .name').focus()");
    await browser.key("Enter");
    await has("h1", "readings-to-warehouse");
  });

  await check("it fits a phone", async () => {
    await browser.size(390, 844, 2);
    for (const [hash, selector] of [["#/", ".item"], ["#/connector/readings-to-warehouse", ".tasks"], ["#/connector/readings-to-store/edit", ".field"]]) {
      await visit(hash, selector);
      assert(await browser.run("return document.documentElement.scrollWidth <= innerWidth"), `${hash} is too wide`);
      await audit(browser);
      if (hash === "#/") await picture("phone");
      if (hash.endsWith("warehouse")) await picture("phone-failed");
    }
    await browser.size(1280, 820);
  });

  await check("names and texts that others wrote are shown as they are, and run nothing", async () => {
    const hostile = [
      "<img src=x onerror=\"window.hacked='name'\">", "</script><script>window.hacked='script'</script>", "javascript:window.hacked=1", "' onmouseover='window.hacked=2", "{{constructor.constructor('window.hacked=3')()}}",
      "__proto__", "constructor", "hasOwnProperty", "toString", "..", "100%", "a/b?c#d&e=f", "\u202Egnp.exe", "line\u2028line", "\u{1F600} \u0645\u0631\u062D\u0628\u0627", "x".repeat(200),
    ];
    const evil = "<svg onload=\"window.hacked='text'\"><script>window.hacked=4</script>";
    const made = [];
    for (const name of hostile) {
      // One fails with a trace in which the text is.
      const config = { "connector.class": "example.StoreSink", topics: "readings", "store.url": "store://x", "store.user": evil, behaviour: name === hostile[0] ? "fail" : "take", [`<b id=${evil}>`]: evil };
      const { status } = await fetch(new URL("connectors", api), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name, config }) });
      assert(status === 201 || status === 400, `${name}: ${status}`);
      if (status === 201) made.push(name);
    }
    assert(made.length >= 10, `made ${made}`);
    const clean = async (where) => {
      const found = await browser.run("return [window.hacked ?? null, document.querySelectorAll('main :is(img, script, iframe, object, b[id]), main svg:not(.spark svg)').length]");
      assert.deepEqual(found, [null, 0], where);
    };
    await visit("#/", ".item");
    for (const name of made) await browser.until(`[...document.querySelectorAll(".item .name")].some((node) => node.textContent === ${JSON.stringify(name)})`, `${name} is in the list`);
    await clean("the list");
    for (const name of made) {
      const at = `#/connector/${encodeURIComponent(name)}`;
      await browser.run(`location.hash = ${JSON.stringify(at)}`);
      await browser.until(`document.querySelector("h1")?.textContent === ${JSON.stringify(name)} && document.querySelector(".actions")`, `${name} has a page`);
      await clean(name);
      await has(".config td", evil);
      if (name !== hostile[0]) continue;
      await has("details.trace pre", evil);
      await click(".actions button", "Stop");
      await has("dialog[open] h2", name);
      await clean("a question");
      await browser.key("Escape");
      await visit(`${at}/edit`, ".field");
      await has(".field", evil);
      await clean("the editor");
    }
    // What nobody made, and what is no address at all.
    for (const hash of ["#/connector/valueOf", "#/connector/%E0%A4%A", "#/connector/", "#/%00/%", "#//////"]) {
      await browser.run(`location.hash = ${JSON.stringify(hash)}`);
      await browser.until("document.querySelector('main h1')", hash);
      await clean(hash);
    }
  });

  await check("nothing is complained of, and the policy forbids what is inline", async () => {
    assert.deepEqual(browser.complaints, []);
    const run = await browser.run("const script = document.createElement('script'); script.textContent = 'window.inline = true'; document.head.append(script); return window.inline === true");
    assert.equal(run, false);
  });

  await check("a worker that is gone is said to be", async () => {
    worker.stdin.end();
    await has("#pulse", "Not reached");
  });
} finally {
  browser.stop();
  worker.kill();
}
console.log(failures === 0 ? "all is well" : `${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
