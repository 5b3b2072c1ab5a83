// One message as an article.

import { el, ticks } from "./dom.js";
import { file, photo } from "./media.js";
import { inlineKeyboard } from "./pressing.js";
import { formatted } from "./text.js";
import { say } from "./words.js";

const CLOCK = new Intl.DateTimeFormat("ko-KR", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const NOTICE_CHARS = 40;

/** The text or caption a message is told by in one line. */
export function gist(content) {
  const text = content.text ?? content.caption ?? "";
  const kind = content.photo ? `🖼 ${say("photo")}` : content.document ? `📄 ${content.document.file_name}` : "";
  return [kind, text.split("\n").filter(Boolean).slice(0, 3).join(" · ")].filter(Boolean).join(" ");
}

/** `acts`: command(text), copy(text), find(id), userId(). */
export function article(message, acts) {
  const node = el("article", { class: "message", "data-id": message.id, "data-from": message.from });
  redraw(node, message, acts);
  return node;
}

/** Draw anew in place; quotes and spoilers opened by the reader stay open. */
export function redraw(node, message, acts) {
  const wasOpen = [...node.querySelectorAll(".spoiler, .folds")].map((part) => part.classList.contains("open"));
  node.replaceChildren(...(message.from === "service" ? notice(node, message, acts) : parts(message, acts)));
  [...node.querySelectorAll(".spoiler, .folds")].forEach((part, index) => {
    part.classList.toggle("open", wasOpen[index] ?? false);
  });
}

function parts(message, acts) {
  const { content } = message;
  const bubble = el("div", { class: "bubble" });
  if (message.reply) bubble.append(reply(message.reply, acts));
  if (content.photo) bubble.append(photo(content.photo));
  if (content.document) bubble.append(file(content.document));
  const text = content.text ?? content.caption ?? "";
  bubble.classList.toggle("pictured", Boolean(content.photo));
  bubble.classList.toggle("bare", !text);
  const words = formatted(text, content.entities ?? content.caption_entities, acts);
  bubble.append(el("div", { class: "words" }, words, meta(message)));
  return [bubble, inlineKeyboard(message, acts.userId)].filter(Boolean);
}

function meta(message) {
  const node = el("span", { class: "meta" });
  if (message.edited) node.append(el("span", { class: "edited" }, say("edited")));
  node.append(el("time", { class: "time" }, CLOCK.format(message.date * 1000)));
  if (message.from === "me") node.append(ticks());
  return node;
}

function reply(original, acts) {
  const name = say(original.from?.is_bot ? "dolpa" : "you");
  return el(
    "button",
    { type: "button", class: "reply", click: () => acts.find(original.message_id) },
    el("b", {}, name),
    el("span", {}, gist(original)),
  );
}

function notice(node, message, acts) {
  const pinned = message.content.pinned_message;
  node.onclick = () => acts.find(pinned.message_id);
  const whole = gist(pinned);
  const short = whole.length > NOTICE_CHARS ? `${whole.slice(0, NOTICE_CHARS).trimEnd()}…` : whole;
  const text = `📌 ${say("did_pin")}${short ? `: ${short}` : ""}`;
  return [el("div", { class: "text" }, text), el("time", { class: "time" }, CLOCK.format(message.date * 1000))];
}
