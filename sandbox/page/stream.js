// The chat's events, resumed by change number for as long as the page lives.

const RETRY_MS = 1000;
const PATIENCE_MS = 25000; // beats come every ten seconds

export class Stream {
  /** `take(delta)` for each event, `show(isConnected)` at each change of the line. */
  constructor(take, show) {
    this.take = take;
    this.show = show;
    this.mark = "0";
    this.open();
  }

  open() {
    this.source = new EventSource(`/sandbox/telegram/events?after=${encodeURIComponent(this.mark)}`);
    this.source.addEventListener("open", () => this.alive());
    this.source.addEventListener("beat", () => this.alive());
    this.source.addEventListener("chat", (event) => {
      this.alive();
      this.mark = event.lastEventId;
      this.take(JSON.parse(event.data));
    });
    this.source.addEventListener("error", () => this.lost());
  }

  alive() {
    this.show(true);
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.lost(), PATIENCE_MS);
  }

  lost() {
    this.show(false);
    this.source.close();
    clearTimeout(this.watch);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), RETRY_MS);
  }
}
