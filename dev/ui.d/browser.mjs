// A headless Chromium, driven over its debugging pipe: nothing but Node and Chromium is needed.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// Far longer than anything takes, in milliseconds.
const WITHIN = 300000;

export class Browser {
  static async start(program = process.env.CHROMIUM || "chromium") {
    const home = mkdtempSync(join(tmpdir(), "connect-ui-"));
    const flags = ["--headless=new", "--remote-debugging-pipe", `--user-data-dir=${home}`, "--no-first-run", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb", "--disable-background-networking"];
    // Chromium has no sandbox for root, as in a container.
    if (process.getuid() === 0) flags.push("--no-sandbox");
    const child = spawn(program, [...flags, "about:blank"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], env: { ...process.env, HOME: home } });
    const browser = new Browser(child, home);
    const { targetInfos } = await browser.send("Target.getTargets");
    const { targetId } = targetInfos.find((target) => target.type === "page");
    browser.session = (await browser.send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await browser.send(`${domain}.enable`);
    return browser;
  }

  constructor(child, home) {
    Object.assign(this, { child, home, asked: new Map(), next: 1, complaints: [], session: undefined });
    child.on("error", (error) => { throw error; });
    let rest = "";
    child.stdio[4].on("data", (bytes) => {
      const texts = (rest + bytes).split("\0");
      rest = texts.pop();
      texts.forEach((text) => this.hear(JSON.parse(text)));
    });
  }

  hear({ id, result, error, method, params }) {
    if (id) {
      const { resolve, reject } = this.asked.get(id);
      this.asked.delete(id);
      return error ? reject(new Error(error.message)) : resolve(result);
    }
    if (method === "Runtime.exceptionThrown") this.complaints.push(params.exceptionDetails.exception?.description || params.exceptionDetails.text);
    if (method === "Log.entryAdded" && params.entry.level === "error") this.complaints.push(`${params.entry.text} ${params.entry.url || ""}`);
    if (method === "Runtime.consoleAPICalled" && params.type === "error") this.complaints.push(params.args.map((arg) => arg.value).join(" "));
  }

  send(method, params = {}) {
    const id = this.next++;
    this.child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId: this.session })}\0`);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${method} was not answered`)), WITHIN);
      const done = (then) => (value) => { clearTimeout(late); then(value); };
      this.asked.set(id, { resolve: done(resolve), reject: done(reject) });
    });
  }

  async run(script) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression: `(async () => { ${script} })()`, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
    return result.value;
  }

  /// Waits until an expression is true.
  async until(expression, what = expression) {
    const end = Date.now() + WITHIN;
    while (Date.now() < end) {
      if (await this.run(`return !!(${expression})`)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`it did not come to be: ${what}\n${await this.run("return document.body.innerText")}`);
  }

  async size(width, height, scale = 1) {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: scale, mobile: width < 600 });
  }

  async dark(dark) {
    await this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
  }

  async open(url) {
    await this.send("Page.navigate", { url });
  }

  async key(key, code = key, keyCode = { Tab: 9, Enter: 13, Escape: 27 }[key]) {
    const text = key === "Enter" ? "\r" : undefined;
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, code, windowsVirtualKeyCode: keyCode, text });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, code, windowsVirtualKeyCode: keyCode });
  }

  async type(text) {
    await this.send("Input.insertText", { text });
  }

  async shot(file) {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    writeFileSync(file, Buffer.from(data, "base64"));
  }

  stop() {
    this.child.on("exit", () => rmSync(this.home, { recursive: true, force: true, maxRetries: 5 }));
    this.child.kill();
  }
}
