// Asks the server after a pause, and keeps only the answer about the latest text.

export class Latest {
  // `ask(signal)` answers a promise; `answered(result)` gets it unless something newer was asked; `failed(error)` too.
  constructor(pause, ask, answered, failed) {
    Object.assign(this, { pause, ask, answered, failed, timer: 0, running: null });
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), this.pause);
  }

  async now() {
    clearTimeout(this.timer);
    this.running?.abort();
    const mine = new AbortController();
    this.running = mine;
    try {
      const result = await this.ask(mine.signal);
      if (this.running === mine) this.answered(result);
    } catch (error) {
      if (this.running === mine && !mine.signal.aborted) this.failed(error);
    }
  }
}
