// Bot API entities to nodes. Offsets count UTF-16 units, as JavaScript strings do.

import { el } from "./dom.js";
import { locale } from "./words.js";
import { zone } from "./zone.js";

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s" };
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const SAFE = /^(https?|mailto|tel|tg):/i;
const JUMBO = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\p{EMod}|\u200D\p{Extended_Pictographic})*){1,3}$/u;

/** Text with its entities as nodes. `acts`: command(text), copy(text). */
export function formatted(text, entities, acts) {
  const node = el("div", { class: JUMBO.test(text) ? "text jumbo" : "text" });
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  fill(node, text, 0, text.length, sorted, acts);
  return node;
}

function fill(node, text, from, to, entities, acts) {
  let at = from;
  const queue = entities.filter((entity) => entity.offset < to && entity.offset + entity.length > from);
  while (queue.length > 0) {
    const outer = queue.shift();
    const start = Math.max(outer.offset, at);
    const end = Math.min(outer.offset + outer.length, to);
    if (end <= start) continue;
    if (start > at) node.append(text.slice(at, start));
    const inner = [];
    while (queue.length > 0 && queue[0].offset < end) inner.push(queue.shift());
    const child = wrapped(outer, text.slice(start, end), acts);
    if (child.body) fill(child.body, text, start, end, inner, acts);
    node.append(child.node);
    at = end;
    // A block stands on a line of its own; the line break beside it would make an empty one.
    if (BLOCKS.has(outer.type) && text[at] === "\n" && at < to) {
      node.append(el("span", { class: "gone" }, "\n"));
      at += 1;
    }
    queue.unshift(...inner.filter((entity) => entity.offset + entity.length > at));
  }
  if (at < to) node.append(text.slice(at, to));
}

function wrapped(entity, text, acts) {
  if (TAGS[entity.type]) return same(el(TAGS[entity.type]));
  switch (entity.type) {
    case "spoiler":
      return same(el("span", { class: "spoiler", click: open }));
    case "code":
      return same(el("code", { click: () => acts.copy(text) }));
    case "pre":
      return block(entity, text, acts);
    case "blockquote":
      return same(el("blockquote"));
    case "expandable_blockquote": {
      const body = el("span");
      return { node: el("blockquote", { class: "folds", click: toggle }, body), body };
    }
    case "bot_command":
      return same(el("span", { class: "link", role: "button", click: () => acts.command(text) }));
    case "date_time":
      return moment(entity, text);
    default:
      return linked(entity, text);
  }
}

const same = (node) => ({ node, body: node });

function block(entity, text, acts) {
  const body = el("span");
  const title = entity.language ? el("b", {}, entity.language) : null;
  return { node: el("pre", { click: () => acts.copy(text) }, title, body), body };
}

function linked(entity, text) {
  const target = { url: text, text_link: entity.url, email: `mailto:${text}` }[entity.type];
  const address = target && !SAFE.test(target) ? `http://${target}` : target;
  if (address && SAFE.test(address)) {
    return same(el("a", { href: address, target: "_blank", rel: "noopener noreferrer", title: address }));
  }
  return same(el("span", entity.type === "custom_emoji" ? {} : { class: "link" }));
}

function open(event) {
  if (this.classList.contains("open")) return;
  event.stopPropagation();
  this.classList.add("open");
}

function toggle(event) {
  if (event.target.closest("a, .link, .spoiler:not(.open)") || String(getSelection())) return;
  this.classList.toggle("open");
}

function moment(entity, text) {
  const format = entity.date_time_format ?? "";
  const node = el("time", { title: new Date(entity.unix_time * 1000).toLocaleString(locale()) });
  node.textContent = format ? dated(entity.unix_time, format) : text;
  if (format === "r") node.dataset.since = entity.unix_time;
  return { node, body: null };
}

/** A moment in the reader's own time zone, which is named: `r` or letters of `w d D t T`. */
export function dated(unix, format) {
  if (format === "r") return relative(unix);
  const options = {};
  if (format.includes("w")) options.weekday = "short";
  if (format.includes("d")) Object.assign(options, { year: "2-digit", month: "numeric", day: "numeric" });
  if (format.includes("D")) Object.assign(options, { year: "numeric", month: "long", day: "numeric" });
  if (/t/i.test(format)) Object.assign(options, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (format.includes("T")) options.second = "2-digit";
  const shown = new Intl.DateTimeFormat(locale(), options).format(unix * 1000);
  return options.hour ? `${shown} ${zone(unix * 1000)}` : shown;
}

/** "3분 전": the largest unit that fits. */
export function relative(unix) {
  const seconds = unix - Date.now() / 1000;
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? units.at(-1);
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
