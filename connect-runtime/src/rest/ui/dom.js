// Elements without a framework: `h` makes them, `morph` changes what is shown into them, so that focus, open details and
// what is being typed stay.

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node[name] = value;
    else if (name === "class") node.className = value;
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, props) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
  return node;
}

/// A line through numbers, newest at the right; what it shows stands beside it in words.
export function spark(kind, points, value, unit) {
  const svg = shape("svg", { viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" });
  if (points.length > 1) {
    const top = Math.max(...points, 1e-9);
    const at = (number, index) => `${(index * 100) / (points.length - 1)},${(28 - (number / top) * 26).toFixed(2)}`;
    const line = points.map(at).join(" ");
    svg.append(shape("polygon", { class: "fill", points: `0,30 ${line} 100,30` }), shape("polyline", { class: "line", points: line }));
  }
  return h("div", { class: `spark ${kind}` }, svg, h("span", { class: "value" }, h("b", {}, value), h("small", {}, unit)));
}

/// Makes `shown` look like `wanted`. Children with the same `data-key` are the same; what is being edited keeps its value.
export function morph(shown, wanted) {
  for (const name of shown.getAttributeNames()) {
    if (!wanted.hasAttribute(name) && !(name === "open" && shown.localName === "details")) shown.removeAttribute(name);
  }
  for (const name of wanted.getAttributeNames()) {
    if (shown.getAttribute(name) !== wanted.getAttribute(name)) shown.setAttribute(name, wanted.getAttribute(name));
  }
  for (const handler of ["onclick", "oninput", "onchange", "onsubmit"]) {
    if (shown[handler] !== wanted[handler]) shown[handler] = wanted[handler];
  }
  if ("value" in wanted && ["INPUT", "SELECT", "TEXTAREA"].includes(shown.tagName)) {
    children(shown, wanted);
    if (shown !== document.activeElement && shown.value !== wanted.value) shown.value = wanted.value;
    return;
  }
  children(shown, wanted);
}

function children(shown, wanted) {
  const keyed = new Map();
  for (const child of shown.children) if (child.dataset?.key) keyed.set(child.dataset.key, child);
  let at = shown.firstChild;
  for (const next of [...wanted.childNodes]) {
    const known = next.dataset?.key && keyed.get(next.dataset.key);
    if (known && known !== at) shown.insertBefore(known, at);
    const now = known || at;
    if (now && now.nodeType === next.nodeType && now.nodeName === next.nodeName && (known || !now.dataset?.key)) {
      if (now.nodeType === Node.TEXT_NODE) {
        if (now.data !== next.data) now.data = next.data;
      } else morph(now, next);
      at = now.nextSibling;
    } else {
      shown.insertBefore(next, at);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

export function short(number) {
  if (!Number.isFinite(number)) return "–";
  for (const [limit, unit] of [[1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
    if (number >= limit) return `${(number / (unit === "k" ? 1e3 : limit)).toFixed(1)}${unit}`;
  }
  return number >= 100 || Number.isInteger(number) ? String(Math.round(number)) : number.toFixed(1);
}

export function span(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 1) return seconds === 0 ? "0 s" : `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
}
