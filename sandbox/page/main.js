// Puts the page together.

import { Composer } from "./composer.js";
import { $, all, icon } from "./dom.js";
import { startLightbox } from "./media.js";
import { MessageList } from "./messages.js";
import { startPanel } from "./panel.js";
import { answered, copy, startAlerts } from "./pressing.js";
import { Stream } from "./stream.js";
import { choose, say, speak, tongue } from "./words.js";

let user = { id: 0 };
let actionTimer = 0;
let hasRead = true;

all("[data-icon]").forEach((node) => node.prepend(icon(node.dataset.icon)));
speak();
startTheme();
startAlerts();
startLightbox();
const userId = () => user.id;
const composer = new Composer(userId);
const list = new MessageList({ command: (text) => composer.send(text), copy, userId });
const panel = startPanel();
startLanguages();
new Stream(take, (isConnected) => { $("#connection").hidden = isConnected; });

function take(delta) {
  if (delta.user) user = delta.user;
  if ("menu" in delta) composer.setMenu(delta.menu);
  if ("keyboard" in delta) composer.setKeyboard(delta.keyboard);
  if (delta.messages || delta.reset) list.apply(delta.messages ?? [], Boolean(delta.reset));
  if (delta.presses) answered(delta.presses);
  if ("unread_by_bot" in delta) hasRead = delta.unread_by_bot === 0;
  list.markRead(hasRead);
  if ("action" in delta) showAction(delta.action);
}

function showAction(action) {
  const left = action ? Date.parse(action.until) - Date.now() : 0;
  $("#typing").hidden = left <= 0;
  clearTimeout(actionTimer);
  if (left <= 0) return;
  $("#typing").textContent = say(action.name);
  actionTimer = setTimeout(() => showAction(null), left);
}

function startTheme() {
  const preferred = matchMedia("(prefers-color-scheme: dark)");
  const show = (theme) => { document.documentElement.dataset.theme = theme; };
  const stored = () => localStorage.getItem("theme");
  const fall = () => show(stored() ?? (preferred.matches ? "dark" : "light"));
  preferred.addEventListener("change", fall);
  fall();
  $("#theme-toggle").addEventListener("click", () => {
    localStorage.setItem("theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    fall();
  });
}

function startLanguages() {
  const mark = () => all("[data-language]").forEach((node) => {
    node.setAttribute("aria-pressed", String(node.dataset.language === tongue()));
  });
  all("[data-language]").forEach((node) => node.addEventListener("click", () => {
    choose(node.dataset.language);
    list.redrawAll();
    list.markRead(hasRead);
    panel.redraw();
    mark();
  }));
  mark();
}
