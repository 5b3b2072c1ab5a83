// The broker's app: buying by hand, moving a price, what the account holds.

import { post } from "./api.js";
import { $, all, el } from "./dom.js";
import { toast } from "./pressing.js";
import { say } from "./words.js";

const DRIFT_S = 60; // of human time
const MOST_SHARES = 9999;

export class Broker {
  constructor(refresh) {
    this.refresh = refresh;
    this.quotes = new Map();
    this.speed = 1;
    $("#buy-send").addEventListener("click", () => this.buy());
    $("#buy-symbol").addEventListener("change", () => this.price());
    all("[data-nudge]").forEach((node) => node.addEventListener("click", () => this.nudge(node.dataset.nudge)));
    all("[data-drift]").forEach((node) => node.addEventListener("click", () => this.drift(node.dataset.drift)));
  }

  show({ quotes, clock, cash, holdings, orders }) {
    this.speed = clock.speed;
    this.quotes = new Map(quotes.map((quote) => [quote.symbol, quote]));
    this.fillSymbols(quotes);
    this.price();
    $("#cash").textContent = `${say("buying_power")} $${money(cash)}`;
    rows($("#holdings"), holdings.map((item) => this.holding(item)), say("none_held"));
    rows($("#orders"), orders.map(openOrder), say("none_open"));
  }

  fillSymbols(quotes) {
    const select = $("#buy-symbol");
    if (select.options.length === quotes.length) return;
    select.replaceChildren(
      ...quotes.map(({ symbol, name }) => el("option", { value: symbol }, name === symbol ? name : `${symbol} ${name}`)),
    );
  }

  price() {
    const quote = this.quotes.get($("#buy-symbol").value);
    if (!quote) return;
    $("#price").textContent = `$${money(quote.price)}`;
    const pct = (quote.price / quote.prev_close - 1) * 100;
    $("#change").textContent = signed(pct);
    $("#change").className = pct < 0 ? "down" : "up";
  }

  holding({ symbol, qty, average, price, gain_pct: gain }) {
    return el(
      "p",
      {},
      el("b", {}, symbol, el("small", {}, `${qty}${say("shares") === "주" ? "주" : ` ${say("shares")}`}`)),
      el("span", {}, `$${money(average)} → $${money(price)}`),
      el("b", { class: Number(gain) < 0 ? "down" : "up" }, signed(Number(gain))),
    );
  }

  async buy() {
    const symbol = $("#buy-symbol").value;
    const qty = Math.trunc(Number($("#buy-qty").value));
    const ask = this.quotes.get(symbol)?.ask;
    if (!ask) return toast(say("no_price"));
    if (!(qty >= 1 && qty <= MOST_SHARES)) return toast(say("refused: not enough sellable shares"));
    // Well across the spread: it trades at once, at the ask.
    const limit = (Math.ceil(Number(ask) * 101) / 100).toFixed(2);
    return this.act("/sandbox/buy", { symbol, qty, limit }, `${symbol} ${qty}${say("bought") === "주의 매수 주문을 냈습니다" ? "" : " "}${say("bought")}`);
  }

  nudge(pct) {
    return this.act("/sandbox/nudge", { symbol: $("#buy-symbol").value, pct }, `${$("#buy-symbol").value} ${signed(Number(pct))}`);
  }

  drift(pct) {
    const seconds = Math.round(DRIFT_S * this.speed);
    return this.act("/sandbox/drift", { symbol: $("#buy-symbol").value, pct, seconds }, `${$("#buy-symbol").value} ${say("drift")}`);
  }

  async act(path, body, done) {
    try {
      await post(path, body);
      toast(done);
    } catch (error) {
      toast(say(error.message));
    }
    await this.refresh();
  }
}

function openOrder({ side, symbol, open, limit }) {
  const name = el("b", { class: side === "sell" ? "down" : "up" }, say(side));
  return el("p", {}, el("span", {}, name, ` ${symbol}`), el("span", {}, `${open}`), el("span", {}, `$${money(limit)}`));
}

function rows(root, nodes, none) {
  root.replaceChildren(...(nodes.length > 0 ? nodes : [el("p", { class: "none" }, none)]));
}

function money(text) {
  return Number(text).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function signed(pct) {
  return `${pct < 0 ? "−" : "+"}${Math.abs(pct).toFixed(2)} %`;
}
