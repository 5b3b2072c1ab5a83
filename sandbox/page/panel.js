// The demo's panel: opens, asks the sandbox once a second, hands the answer to its parts.

import { get } from "./api.js";
import { Broker } from "./broker.js";
import { $ } from "./dom.js";
import { MarketClock } from "./market_clock.js";
import { SwitchList } from "./switch_list.js";

const LOOK_MS = 1000;

export function startPanel() {
  const beside = matchMedia("(min-width: 900px)");
  const refresh = () => look(true);
  const parts = [new MarketClock(refresh), new Broker(refresh), new SwitchList(refresh)];
  let last = null;

  async function look(isWanted = false) {
    const isSeen = beside.matches || document.body.classList.contains("panel-open");
    if (!isWanted && (!isSeen || document.hidden)) return;
    try {
      last = await get("/sandbox/panel");
      parts.forEach((part) => part.show(last));
    } catch {
      // The chat's own line says that the sandbox is gone.
    }
  }

  function open(isOpen) {
    document.body.classList.toggle("panel-open", isOpen);
    $("#scrim").hidden = !isOpen;
    $("#panel-toggle").setAttribute("aria-expanded", String(isOpen));
    if (isOpen) refresh();
  }

  $("#panel-toggle").addEventListener("click", () => open(!document.body.classList.contains("panel-open")));
  $("#panel-close").addEventListener("click", () => open(false));
  $("#scrim").addEventListener("click", () => open(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && open(false));
  setInterval(() => look(), LOOK_MS);
  refresh();
  return { redraw: () => last && parts.forEach((part) => part.show(last)) };
}
