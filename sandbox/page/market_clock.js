// Market time in Seoul and New York, its speed, and the jumps.

import { post } from "./api.js";
import { $, all } from "./dom.js";
import { toast } from "./pressing.js";
import { locale, say } from "./words.js";

const SEOUL = "Asia/Seoul";
const NEW_YORK = "America/New_York";
const TICK_MS = 200;
const [FIRST_MINUTE, LAST_MINUTE] = [4 * 60, 16 * 60];

export class MarketClock {
  constructor(refresh) {
    this.refresh = refresh;
    this.state = null;
    all("[data-speed]").forEach((node) => {
      node.addEventListener("click", () => this.set(node, { speed: Number(node.dataset.speed) }));
    });
    all("[data-jump]").forEach((node) => node.addEventListener("click", () => this.jump(node)));
    setInterval(() => this.tick(), TICK_MS);
  }

  show({ clock }) {
    this.state = { ...clock, at: Date.parse(clock.now), seen: performance.now() };
    $("#phase").textContent = say(clock.frozen ? "frozen" : clock.phase);
    $("#phase").dataset.phase = clock.phase;
    all("[data-speed]").forEach((node) => {
      node.setAttribute("aria-pressed", String(Number(node.dataset.speed) === clock.speed));
    });
    all("[data-jump]").forEach((node) => {
      const moment = Date.parse(clock.jumps[this.target(node)]);
      const kind = node.dataset.jump === "next" ? `${say(`jump_${clock.next}`)} · ` : "";
      $("small", node).textContent = kind + stamp(moment, SEOUL, { weekday: "short", hour: "2-digit", minute: "2-digit" });
    });
    this.tick();
  }

  tick() {
    if (!this.state) return;
    const { at, seen, speed, frozen } = this.state;
    const now = at + (frozen ? 0 : (performance.now() - seen) * speed);
    const hands = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
    const date = { month: "long", day: "numeric", weekday: "short" };
    $("#clock").textContent = stamp(now, SEOUL, hands);
    $("#clock-day").textContent = stamp(now, SEOUL, date);
    $("#clock-ny").textContent = stamp(now, NEW_YORK, hands);
    $("#clock-ny-day").textContent = stamp(now, NEW_YORK, date);
    this.point(now);
  }

  /** The needle on the bar from 04:00 to 16:00 in New York. */
  point(now) {
    const [hour, minute] = stamp(now, NEW_YORK, { hour: "2-digit", minute: "2-digit" }).split(":").map(Number);
    const share = (hour * 60 + minute - FIRST_MINUTE) / (LAST_MINUTE - FIRST_MINUTE);
    $("#needle").hidden = share < 0 || share > 1;
    $("#needle").style.left = `${share * 100}%`;
  }

  target(node) {
    return node.dataset.jump === "next" ? this.state.next : node.dataset.jump;
  }

  async jump(node) {
    if (!this.state) return;
    if (await this.set(node, { jump_to: this.state.jumps[this.target(node)] })) toast(say("jumped"));
  }

  async set(node, fields) {
    node.setAttribute("aria-busy", "true");
    try {
      await post("/sandbox/clock", fields);
      return true;
    } catch (error) {
      toast(`${say("failed")}: ${error.message}`);
      return false;
    } finally {
      node.removeAttribute("aria-busy");
      await this.refresh();
    }
  }
}

function stamp(moment, timeZone, options) {
  return new Intl.DateTimeFormat(locale(), { timeZone, hourCycle: "h23", ...options }).format(moment);
}
