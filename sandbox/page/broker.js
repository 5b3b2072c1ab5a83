// The broker's app: buying by hand, moving a price, what the account holds.

import { post } from "./api.js";
import { $, all, el } from "./dom.js";
import { toast } from "./pressing.js";
import { say, tongue } from "./words.js";

const DRIFT_S = 60; // of human time
const MOST_SHARES = 9999;
const DOLLARS = { sign: "$", digits: 2 };
const WON = { sign: "₩", digits: 0 };

export class Broker {
  constructor(refresh) {
    this.refresh = refresh;
    this.quotes = new Map();
    this.speed = 1;
    this.spoken = "";
    $("#buy-send").addEventListener("click", () => this.buy());
    $("#buy-symbol").addEventListener("change", () => this.price());
    all("[data-nudge]").forEach((node) => node.addEventListener("click", () => this.nudge(node.dataset.nudge)));
    all("[data-drift]").forEach((node) => node.addEventListener("click", () => this.drift(node.dataset.drift)));
  }

  show({ quotes, clock, cash, holdings, orders, krx }) {
    this.speed = clock.speed;
    const priced = [
      ...quotes.map((quote) => ({ ...quote, money: DOLLARS })),
      ...(krx?.quotes ?? []).map((quote) => ({ ...quote, money: WON })),
    ];
    this.quotes = new Map(priced.map((quote) => [quote.symbol, quote]));
    this.fillSymbols(quotes, krx, clock.phase === "closed");
    this.price();
    const both = krx ? ` · ${amount(krx.cash, WON)}` : "";
    $("#cash").textContent = `${say("buying_power")} ${amount(cash, DOLLARS)}${both}`;
    rows($("#holdings"), [...holdings, ...(krx?.holdings ?? [])].map((item) => this.holding(item)), say("none_held"));
    rows($("#orders"), [...orders, ...(krx?.orders ?? [])].map((item) => this.openOrder(item)), say("none_open"));
  }

  fillSymbols(quotes, krx, isNewYorkClosed) {
    const select = $("#buy-symbol");
    if (select.options.length === this.quotes.size && this.spoken === tongue()) return;
    const isNew = select.options.length === 0;
    const chosen = select.value;
    this.spoken = tongue();
    const listed = (list) => list.map(({ symbol }) => el("option", { value: symbol }, this.title(symbol)));
    select.replaceChildren(
      ...(krx
        ? [
            el("optgroup", { label: say("new_york") }, ...listed(quotes)),
            el("optgroup", { label: say("korea") }, ...listed(krx.quotes)),
          ]
        : listed(quotes)),
    );
    if (!isNew) select.value = chosen;
    else if (krx && isNewYorkClosed && krx.phase !== "closed") select.value = krx.quotes[0].symbol;
  }

  /** Korean codes say nothing: their name comes first. */
  title(symbol) {
    const { name, money } = this.quotes.get(symbol);
    if (name === symbol) return name;
    return money === WON ? `${name} ${symbol}` : `${symbol} ${name}`;
  }

  short(symbol) {
    const { name, money } = this.quotes.get(symbol);
    return money === WON ? name : symbol;
  }

  price() {
    const quote = this.quotes.get($("#buy-symbol").value);
    if (!quote) return;
    $("#price").textContent = amount(quote.price, quote.money);
    const pct = (quote.price / quote.prev_close - 1) * 100;
    $("#change").textContent = signed(pct);
    $("#change").className = pct < 0 ? "down" : "up";
  }

  holding({ symbol, qty, average, price, gain_pct: gain }) {
    const { money } = this.quotes.get(symbol);
    return el(
      "p",
      {},
      el("b", {}, this.short(symbol), el("small", {}, `${qty}${say("shares") === "주" ? "주" : ` ${say("shares")}`}`)),
      el("span", {}, `${amount(average, money)} → ${amount(price, money)}`),
      el("b", { class: Number(gain) < 0 ? "down" : "up" }, signed(Number(gain))),
    );
  }

  openOrder({ side, symbol, open, limit }) {
    const name = el("b", { class: side === "sell" ? "down" : "up" }, say(side));
    const price = Number(limit) ? amount(limit, this.quotes.get(symbol).money) : say("market_order");
    return el("p", {}, el("span", {}, name, ` ${this.short(symbol)}`), el("span", {}, `${open}`), el("span", {}, price));
  }

  async buy() {
    const symbol = $("#buy-symbol").value;
    const qty = Math.trunc(Number($("#buy-qty").value));
    const { ask, money } = this.quotes.get(symbol) ?? {};
    if (!ask && money !== WON) return toast(say("no_price"));
    if (!(qty >= 1 && qty <= MOST_SHARES)) return toast(say("refused: not enough sellable shares"));
    // Well across the spread: it trades at once, at the ask. The KRX knows market orders.
    const limit = money === WON ? null : (Math.ceil(Number(ask) * 101) / 100).toFixed(2);
    return this.act("/sandbox/buy", { symbol, qty, limit }, `${this.short(symbol)} ${qty}${say("bought") === "주의 매수 주문을 냈습니다" ? "" : " "}${say("bought")}`);
  }

  nudge(pct) {
    const symbol = $("#buy-symbol").value;
    return this.act("/sandbox/nudge", { symbol, pct }, `${this.short(symbol)} ${signed(Number(pct))}`);
  }

  drift(pct) {
    const seconds = Math.round(DRIFT_S * this.speed);
    const symbol = $("#buy-symbol").value;
    return this.act("/sandbox/drift", { symbol, pct, seconds }, `${this.short(symbol)} ${say("drift")}`);
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

function rows(root, nodes, none) {
  root.replaceChildren(...(nodes.length > 0 ? nodes : [el("p", { class: "none" }, none)]));
}

function amount(text, { sign, digits }) {
  return sign + Number(text).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function signed(pct) {
  return `${pct < 0 ? "−" : "+"}${Math.abs(pct).toFixed(2)} %`;
}
