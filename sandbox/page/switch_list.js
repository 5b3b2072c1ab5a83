// The fault switches: toggles stay on until they are switched off, the others strike and are done.

import { post } from "./api.js";
import { $, el } from "./dom.js";
import { toast } from "./pressing.js";
import { say, SWITCHES, tongue } from "./words.js";

export class SwitchList {
  constructor(refresh) {
    this.refresh = refresh;
    this.nodes = new Map();
    this.spoken = "";
  }

  show({ switches }) {
    if (this.spoken !== tongue()) this.build(switches);
    for (const item of switches) this.mark(this.nodes.get(item.name), item);
  }

  build(switches) {
    this.spoken = tongue();
    this.nodes = new Map(switches.map((item) => [item.name, this.button(item)]));
    const known = Object.keys(SWITCHES[tongue()]);
    const ordered = [...this.nodes].sort(([a], [b]) => known.indexOf(a) - known.indexOf(b));
    $("#switches").replaceChildren(...ordered.map(([, node]) => node));
  }

  button(item) {
    const [emoji, title, text] = SWITCHES[this.spoken][item.name] ?? ["⚙️", item.name, ""];
    const end = item.toggle ? el("span", { class: "track" }) : el("em");
    return el(
      "button",
      { type: "button", "data-switch": item.name, click: () => this.press(item.name) },
      el("i", {}, emoji),
      el("span", {}, el("b", {}, title), el("small", {}, text)),
      end,
    );
  }

  mark(node, item) {
    node.dataset.state = item.state;
    node.item = item;
    if (item.toggle) node.setAttribute("aria-pressed", String(item.state === "on"));
    else $("em", node).textContent = say(item.state === "off" ? "once" : item.state);
  }

  async press(name) {
    const { state } = this.nodes.get(name).item;
    try {
      await post("/sandbox/switches", { name, on: state === "off" || state === "struck" });
    } catch (error) {
      toast(`${say("failed")}: ${error.message}`);
    }
    await this.refresh();
  }
}
