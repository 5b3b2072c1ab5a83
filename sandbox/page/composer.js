// The input, the commands menu and the reply keyboard.

import { post } from "./api.js";
import { $, el } from "./dom.js";
import { toast } from "./pressing.js";
import { say } from "./words.js";

export class Composer {
  constructor(userId) {
    this.userId = userId;
    this.menu = [];
    this.keyboard = null;
    this.input = $("#input");
    this.commands = $("#commands");
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    $("#send").addEventListener("click", () => this.submit());
    $("#menu").addEventListener("click", () => this.toggleMenu());
    $("#keys-toggle").addEventListener("click", () => this.showKeys($("#reply-keyboard").hidden));
    document.addEventListener("pointerdown", (event) => {
      if (!event.target.closest("#commands, #menu, #input")) this.closeMenu();
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.closeMenu());
  }

  setMenu(commands) {
    this.menu = commands;
    $("#menu").hidden = commands.length === 0;
    if (!this.commands.hidden) this.openMenu("");
  }

  setKeyboard(keyboard) {
    const before = this.keyboard;
    this.keyboard = keyboard?.keyboard ? keyboard : null;
    const root = $("#reply-keyboard");
    const rows = this.keyboard?.keyboard ?? [];
    root.replaceChildren(...rows.map((row) => el("div", {}, ...row.map((key) => this.replyKey(key)))));
    root.classList.toggle("tall", !keyboard?.resize_keyboard);
    this.input.placeholder = keyboard?.input_field_placeholder || say("message");
    $("#keys-toggle").hidden = !this.keyboard;
    if (JSON.stringify(before) !== JSON.stringify(this.keyboard)) this.showKeys(Boolean(this.keyboard));
  }

  replyKey(key) {
    const act = async () => {
      await this.send(key.text);
      if (this.keyboard?.one_time_keyboard) this.showKeys(false);
    };
    return el("button", { type: "button", "data-label": key.text, click: act }, key.text);
  }

  showKeys(isShown) {
    $("#reply-keyboard").hidden = !isShown;
    $("#keys-toggle").setAttribute("aria-pressed", String(isShown));
  }

  toggleMenu() {
    if (this.commands.hidden) this.openMenu("");
    else this.closeMenu();
  }

  openMenu(prefix) {
    const fitting = this.menu.filter((item) => `/${item.command}`.startsWith(prefix));
    if (prefix && fitting.length === 0) {
      this.closeMenu();
      return;
    }
    const rows = fitting.map((item) => this.menuRow(item));
    this.commands.replaceChildren(...(rows.length > 0 ? rows : [el("p", {}, say("no_commands"))]));
    this.commands.hidden = false;
    $("#menu").setAttribute("aria-expanded", "true");
  }

  menuRow(item) {
    const command = `/${item.command}`;
    const act = async () => {
      this.closeMenu();
      if (await this.send(command)) this.clear();
    };
    return el(
      "button",
      { type: "button", "data-command": command, click: act },
      el("b", {}, command),
      el("span", {}, item.description),
    );
  }

  closeMenu() {
    this.commands.hidden = true;
    $("#menu").setAttribute("aria-expanded", "false");
  }

  typed() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
    if (/^\/\S*$/.test(this.input.value)) this.openMenu(this.input.value);
    else this.closeMenu();
  }

  clear() {
    this.input.value = "";
    this.typed();
  }

  key(event) {
    // While a Hangul syllable is being composed, Enter belongs to the input method.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.closeMenu();
    if (await this.send(text)) this.clear();
    this.input.focus();
  }

  /** True when the sandbox has it; what was typed stays otherwise. */
  async send(text) {
    try {
      await post("/sandbox/telegram/send", { user_id: this.userId(), text });
      return true;
    } catch (error) {
      toast(`${say("failed")}: ${error.message}`);
      return false;
    }
  }
}
