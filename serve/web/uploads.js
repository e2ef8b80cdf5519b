// Sends every file once, a few at a time. A bad file does not stop the others; a lost network stops all.

const SIDE_BY_SIDE = 3;

export class Uploads {
  // changed: called after every file, also after a failure that stops all.
  constructor(client, changed) {
    this.client = client;
    this.changed = changed;
    this.waiting = [];
    this.sending = new Set();
    this.stopped = null; // the Failure that stopped all sending
  }

  get busy() {
    return this.sending.size > 0 || (this.waiting.length > 0 && !this.stopped);
  }

  add(versions) {
    this.waiting.push(...versions);
    this.next();
  }

  remove(version) {
    version.sending?.abort();
    this.waiting = this.waiting.filter((other) => other !== version);
  }

  again() {
    this.stopped = null;
    this.next();
  }

  next() {
    while (!this.stopped && this.waiting.length && this.sending.size < SIDE_BY_SIDE) this.send(this.waiting.shift());
  }

  async send(version) {
    this.sending.add(version);
    version.sending = new AbortController();
    const { signal } = version.sending;
    try {
      version.scored = await this.client.version(version.file, signal);
    } catch (error) {
      if (!signal.aborted) {
        if (error.kind === "token" || error.kind === "again") {
          this.stopped = error;
          this.waiting.unshift(version);
        } else {
          version.failure = error;
        }
      }
    }
    this.sending.delete(version);
    this.next();
    this.changed();
  }
}
