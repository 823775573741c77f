// The worker's REST API. The page is at /ui beside it, wherever the host has mounted both.

const BASE = new URL("../", import.meta.url);
const WAIT = 20000;

let token = sessionStorage.getItem("token");

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function call(method, path, body) {
  const headers = { Accept: path === "metrics" ? "text/plain" : "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  const signal = AbortSignal.timeout(WAIT);
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const reply = await fetch(new URL(path, BASE), { method, headers, body: sent, signal, cache: "no-store" });
  const text = await reply.text();
  if (!reply.ok) {
    let message = text;
    try {
      message = JSON.parse(text).message || text;
    } catch {
      // The answer of somebody between the page and the worker.
    }
    throw new Refused(reply.status, message || `HTTP ${reply.status}`);
  }
  if (path === "metrics") return text;
  return text ? JSON.parse(text) : null;
}

export function useToken(text) {
  token = text;
  sessionStorage.setItem("token", text);
}

/// A name in a path.
export const seg = encodeURIComponent;

export const connector = (name, rest = "") => `connectors/${seg(name)}${rest}`;

/// The last part of a class name, as it stands in paths.
export const simple = (className) => className.split(".").pop();

export const validate = (config) =>
  call("PUT", `connector-plugins/${seg(simple(config["connector.class"] || ""))}/config/validate`, config);
