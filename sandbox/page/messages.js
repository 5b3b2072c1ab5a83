// The list: order, days, groups, scrolling, what is unread.

import { article, gist, redraw } from "./bubble.js";
import { $, all, el } from "./dom.js";
import { relative } from "./text.js";
import { locale, say } from "./words.js";
import { zone } from "./zone.js";

const NEAR_PX = 90;
const TOGETHER_S = 300;
const RELATIVE_MS = 20000;

export class MessageList {
  /** `acts`: command(text), copy(text), userId(). */
  constructor(acts) {
    this.root = $("#messages");
    this.scroller = $("#scroller");
    this.acts = { ...acts, find: (id) => this.find(id) };
    this.byId = new Map();
    this.unread = 0;
    this.isStuck = true;
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    $("#to-bottom").addEventListener("click", () => this.toBottom("smooth"));
    $("#pinned").addEventListener("click", () => this.find(this.pinnedId));
    const keep = new ResizeObserver(() => this.isStuck && this.toBottom());
    keep.observe(this.scroller);
    keep.observe(this.root);
    setInterval(() => this.age(), RELATIVE_MS);
  }

  /** Take new, changed and deleted messages; `isReset`: they are all there are. */
  apply(messages, isReset) {
    if (isReset) this.clear();
    let hasNew = false;
    let isMine = false;
    for (const message of messages) {
      if (message.deleted) this.drop(message.id);
      else if (this.byId.has(message.id)) this.change(message);
      else {
        this.insert(message, isReset);
        hasNew = true;
        isMine ||= message.from === "me";
        if (message.from === "bot" && !isReset && !(this.isStuck && !document.hidden)) this.unread += 1;
      }
    }
    this.arrange();
    this.showPinned();
    if (isReset || isMine || (hasNew && this.isStuck)) this.toBottom();
    this.showUnread();
  }

  clear() {
    this.byId.clear();
    this.root.replaceChildren();
    this.unread = 0;
  }

  insert(message, isReset) {
    const node = article(message, this.acts);
    if (!isReset) node.classList.add("fresh");
    const later = [...this.byId.keys()].filter((id) => id > message.id).sort((a, b) => a - b)[0];
    this.root.insertBefore(node, later === undefined ? null : this.byId.get(later).node);
    this.byId.set(message.id, { message, node });
  }

  change(message) {
    const entry = this.byId.get(message.id);
    entry.message = message;
    redraw(entry.node, message, this.acts);
  }

  drop(id) {
    this.byId.get(id)?.node.remove();
    this.byId.delete(id);
  }

  redrawAll() {
    for (const { message } of this.byId.values()) this.change(message);
    this.arrange();
    this.showPinned();
  }

  inOrder() {
    return [...this.byId.values()].sort((a, b) => a.message.id - b.message.id);
  }

  /** Day lines, and who stands at the head and the foot of a group. */
  arrange() {
    all(".day, .empty", this.root).forEach((node) => node.remove());
    const entries = this.inOrder();
    if (entries.length === 0) this.root.append(el("p", { class: "empty" }, say("empty")));
    entries.forEach((entry, index) => {
      const before = entries[index - 1]?.message;
      const after = entries[index + 1]?.message;
      if (!before || day(before) !== day(entry.message)) {
        this.root.insertBefore(el("p", { class: "day" }, dayLine(entry.message)), entry.node);
      }
      entry.node.classList.toggle("first", !together(before, entry.message));
      entry.node.classList.toggle("last", !together(entry.message, after));
      entry.node.classList.toggle("in-album", Boolean(after?.album) && after.album === entry.message.album);
    });
  }

  showPinned() {
    const pinned = this.inOrder().filter((entry) => entry.message.pinned).at(-1);
    this.pinnedId = pinned?.message.id;
    $("#pinned").hidden = !pinned;
    $(".pinned-text").textContent = pinned ? gist(pinned.message.content) : "";
  }

  /** Every message of mine has reached the bot, or not yet. */
  markRead(isRead) {
    if (!isRead) return;
    all(".ticks:not(.read)", this.root).forEach((node) => node.classList.add("read"));
  }

  find(id) {
    const node = this.byId.get(id)?.node;
    if (!node) return;
    this.isStuck = false;
    node.scrollIntoView({ block: "center", behavior: "smooth" });
    node.classList.remove("found");
    void node.offsetWidth;
    node.classList.add("found");
  }

  toBottom(behavior = "instant") {
    this.isStuck = true;
    this.unread = 0;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
    this.showUnread();
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.isStuck = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.isStuck && !document.hidden) this.unread = 0;
    this.showUnread();
  }

  showUnread() {
    $("#to-bottom").hidden = this.isStuck;
    $("#unread").hidden = this.unread === 0;
    $("#unread").textContent = this.unread;
    document.title = this.unread > 0 ? `(${this.unread}) 돌파 Dolpa` : "돌파 Dolpa";
  }

  age() {
    for (const node of all("time[data-since]", this.root)) node.textContent = relative(Number(node.dataset.since));
  }
}

const day = (message) => new Date(message.date * 1000).toDateString();

/** The day, and whose clock the times of its messages are by: it is not the market's. */
const dayLine = (message) => `${dayName(message)} · ${say("your_clock")} (${zone(message.date * 1000)})`;

function dayName(message) {
  const date = new Date(message.date * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return say("today");
  if (days === 1) return say("yesterday");
  return new Intl.DateTimeFormat(locale(), { month: "long", day: "numeric", weekday: "short" }).format(date);
}

function together(a, b) {
  return Boolean(a && b) && a.from === b.from && a.from !== "service" && day(a) === day(b) && b.date - a.date < TOGETHER_S;
}
