// Small words for building nodes. Foreign text only ever becomes a text node.

const PATHS = {
  theme: "M21 12.800A9 9 0 1 1 11.200 3a7 7 0 0 0 9.800 9.800z",
  panel: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.500v5M9 14.500v5",
  pin: "M9 4h6l-1 7 4 3v2H6v-2l4-3zM12 16v5",
  down: "M5 9l7 7 7-7",
  menu: "M4 7h16M4 12h16M4 17h16",
  keys: "M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14.500h8",
  send: "M3 20.500l18.500-8.500L3 3.500 3 10l12 2-12 2z",
  close: "M6 6l12 12M18 6L6 18",
  save: "M12 4v11M7 11l5 5 5-5M5 20h14",
  link: "M8 16L17 7M10 7h7v7",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
};

export const $ = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** An element with attributes (functions become listeners) and children. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** One of our own line drawings. */
export function icon(name) {
  return drawing("0 0 24 24", [[PATHS[name], ""]]);
}

/** One tick for "sent", a second one for "the bot has it". */
export function ticks() {
  const svg = drawing("0 0 24 24", [["M2 13l5 5L17 7", ""], ["M11 17l1 1L22 7", "second"]]);
  svg.setAttribute("class", "ticks");
  return svg;
}

function drawing(box, paths) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  for (const [data, name] of paths) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", data);
    if (name) path.setAttribute("class", name);
    svg.append(path);
  }
  return svg;
}
