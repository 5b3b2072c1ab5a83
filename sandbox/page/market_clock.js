// Market time in Seoul and New York, its speed, and the jumps.

import { post } from "./api.js";
import { $, all } from "./dom.js";
import { toast } from "./pressing.js";
import { locale, say } from "./words.js";
import { NEW_YORK, SEOUL, zone } from "./zone.js";

const TICK_MS = 200;
// Minutes of the day at the ends of each bar: 04:00 to 16:00 in New York, 08:40 to 20:00 in Seoul.
const NEW_YORK_DAY = [4 * 60, 16 * 60];
const SEOUL_DAY = [8 * 60 + 40, 20 * 60];

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

  show({ clock, krx }) {
    this.state = { ...clock, at: Date.parse(clock.now), seen: performance.now() };
    const word = say(clock.frozen ? "frozen" : clock.phase);
    $("#phase").textContent = krx ? `${say("new_york")} ${word}` : word;
    $("#phase").dataset.phase = clock.phase;
    for (const part of ["#phase-krx", "#krx-day", "#krx-jumps"]) $(part).hidden = !krx;
    if (krx) {
      $("#phase-krx").textContent = `${say("korea")} ${say(clock.frozen ? "frozen" : krx.phase)}`;
      $("#phase-krx").dataset.phase = krx.phase;
    }
    all("[data-speed]").forEach((node) => {
      node.setAttribute("aria-pressed", String(Number(node.dataset.speed) === clock.speed));
    });
    all("[data-jump]").forEach((node) => {
      const moment = Date.parse(clock.jumps[this.target(node)]);
      if (Number.isNaN(moment)) return; // a jump of a market that is not there
      const kind = node.dataset.jump === "next" ? `${say(`jump_${clock.next}`)} · ` : "";
      const then = stamp(moment, SEOUL, { weekday: "short", hour: "2-digit", minute: "2-digit" });
      $("small", node).textContent = `${kind}${then} ${zone(moment, SEOUL)}`;
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
    point($("#needle"), now, NEW_YORK, NEW_YORK_DAY);
    point($("#needle-krx"), now, SEOUL, SEOUL_DAY);
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

/** The needle on a bar that reaches from one minute of the day to another. */
function point(needle, now, zone, [first, last]) {
  const [hour, minute] = stamp(now, zone, { hour: "2-digit", minute: "2-digit" }).split(":").map(Number);
  const share = (hour * 60 + minute - first) / (last - first);
  needle.hidden = share < 0 || share > 1;
  needle.style.left = `${share * 100}%`;
}

function stamp(moment, timeZone, options) {
  return new Intl.DateTimeFormat(locale(), { timeZone, hourCycle: "h23", ...options }).format(moment);
}
