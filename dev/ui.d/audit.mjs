// What can be said of a page's accessibility by looking at it: the rules of WCAG 2.1 AA that a program can check.

/// Run in the page; gives what is wrong.
function look() {
  const wrong = [];
  const visible = (node) => node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && node.getClientRects().length > 0;
  const where = (node) => `<${node.localName}${node.id ? ` id=${node.id}` : ""}${node.className ? ` class="${node.className}"` : ""}> ${node.textContent.trim().slice(0, 40)}`;
  const name = (node) => {
    const by = (node.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent || "").join(" ").trim();
    const labels = node.labels ? [...node.labels].map((label) => label.textContent).join(" ") : "";
    return (node.getAttribute("aria-label") || by || labels || node.textContent || "").trim();
  };
  if (!document.documentElement.lang) wrong.push("the page has no language");
  if (!document.title) wrong.push("the page has no title");
  if (document.querySelectorAll("h1").length !== 1) wrong.push(`there are ${document.querySelectorAll("h1").length} first headings`);
  let level = 1;
  for (const heading of document.querySelectorAll("main h1, main h2, main h3, main h4")) {
    const here = Number(heading.localName[1]);
    if (here > level + 1) wrong.push(`a level of headings is left out before ${where(heading)}`);
    level = here;
  }
  for (const node of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    if (visible(node) && !name(node)) wrong.push(`no name: ${where(node)}`);
  }
  for (const image of document.querySelectorAll("img")) if (image.getAttribute("alt") === null) wrong.push(`no text for ${where(image)}`);
  for (const svg of document.querySelectorAll("svg")) if (svg.getAttribute("aria-hidden") !== "true" && !svg.getAttribute("role")) wrong.push("a picture without a role");
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) wrong.push(`the id ${id} is there twice`);
  for (const node of document.querySelectorAll("[aria-describedby], [aria-labelledby]")) {
    for (const id of `${node.getAttribute("aria-describedby") || ""} ${node.getAttribute("aria-labelledby") || ""}`.split(" ").filter(Boolean)) {
      if (!document.getElementById(id) && node.localName !== "dialog") wrong.push(`${where(node)} refers to ${id}, which is not there`);
    }
  }
  for (const table of document.querySelectorAll("table")) if (!table.querySelector("th[scope]")) wrong.push(`a table without headers: ${where(table)}`);
  for (const list of document.querySelectorAll("ul, ol")) {
    if ([...list.children].some((child) => child.localName !== "li")) wrong.push(`a list with something else in it: ${where(list)}`);
  }
  // Contrast of text with what is behind it.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((part) => top[part] * top[3] + below[part] * (1 - top[3])).concat(1);
  const behind = (node) => (node ? over(rgba(getComputedStyle(node).backgroundColor), behind(node.parentElement)) : [255, 255, 255, 1]);
  const light = ([r, g, b]) => {
    const linear = (part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!node.data.trim() || !visible(parent) || parent.closest(":disabled, .sr, noscript, script, option")) continue;
    const style = getComputedStyle(parent);
    const ground = behind(parent);
    const [a, b] = [light(over(rgba(style.color), ground)), light(ground)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (large ? 3 : 4.5)) wrong.push(`contrast ${contrast.toFixed(2)}: ${where(parent)}`);
  }
  for (const node of document.querySelectorAll("button, select, input:not([type=checkbox])")) {
    const box = node.getBoundingClientRect();
    if (visible(node) && (box.height < 24 || box.width < 24)) wrong.push(`too small to hit: ${where(node)}`);
  }
  return wrong;
}

export async function audit(browser) {
  const wrong = await browser.run(`return (${look})()`);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
}
