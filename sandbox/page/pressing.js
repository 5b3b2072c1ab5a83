// Inline keyboards: the press, the spinner until the bot answers, the answer itself.

import { post } from "./api.js";
import { $, el, icon } from "./dom.js";
import { say } from "./words.js";

const PATIENCE_MS = 30000;
const STYLES = new Set(["primary", "success", "danger"]);

const underWay = new Map();
let toastTimer = 0;

/** The buttons below a message; those pressed and not answered yet go on spinning. */
export function inlineKeyboard(message, userId) {
  const rows = message.markup?.inline_keyboard ?? [];
  if (rows.length === 0) return null;
  const node = el("div", { class: "keyboard" });
  for (const row of rows) {
    node.append(el("div", {}, ...row.map((button) => inlineButton(message.id, button, userId))));
  }
  return node;
}

function inlineButton(messageId, button, userId) {
  const style = STYLES.has(button.style) ? button.style : "";
  const node = el("button", { type: "button", "data-label": button.text, class: style }, button.text);
  if (button.callback_data !== undefined) {
    const key = `${messageId} ${button.callback_data}`;
    node.dataset.press = key;
    if (underWay.has(key)) spin(node, true);
    node.addEventListener("click", () => press(key, messageId, button.callback_data, userId()));
  } else if (button.copy_text) {
    node.append(icon("copy"));
    node.addEventListener("click", () => copy(button.copy_text.text));
  } else if (/^https?:/i.test(button.url ?? "")) {
    node.append(icon("link"));
    node.addEventListener("click", () => window.open(button.url, "_blank", "noopener,noreferrer"));
  }
  return node;
}

async function press(key, messageId, data, userId) {
  if (underWay.has(key)) return;
  underWay.set(key, setTimeout(() => settle(key), PATIENCE_MS));
  show(key, true);
  try {
    await post("/sandbox/telegram/press", { user_id: userId, message_id: messageId, data });
  } catch (error) {
    settle(key);
    toast(say(error.message));
  }
}

/** What the bot answered to presses; only those of this page are shown. */
export function answered(presses) {
  for (const item of presses) {
    const key = `${item.message_id} ${item.data}`;
    if (!underWay.has(key)) continue;
    settle(key);
    if (item.answer && item.alert) alertBox(item.answer);
    else if (item.answer) toast(item.answer);
  }
}

function settle(key) {
  clearTimeout(underWay.get(key));
  underWay.delete(key);
  show(key, false);
}

function show(key, isBusy) {
  for (const node of document.querySelectorAll("[data-press]")) {
    if (node.dataset.press === key) spin(node, isBusy);
  }
}

function spin(node, isBusy) {
  node.setAttribute("aria-busy", String(isBusy));
  node.querySelector(".ring")?.remove();
  if (isBusy) node.append(el("i", { class: "ring" }));
}

export function toast(text) {
  const node = $("#toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { node.hidden = true; }, 3200);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(say("copied"));
  } catch {
    toast(say("failed"));
  }
}

function alertBox(text) {
  const box = $("#alert");
  $("p", box).textContent = text;
  box.showModal();
}

export function startAlerts() {
  $("#alert button").addEventListener("click", () => $("#alert").close());
}
