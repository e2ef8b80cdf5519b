// Placements of versions on each other, from the service; each pair is requested once.

export class Alignments {
  constructor(client) {
    this.client = client;
    this.known = new Map();
  }

  // The placement of `version` on `onto`; null if the two do not seem to show the same picture.
  find(version, onto) {
    const pair = [version, onto];
    const key = pair.map(({ scored }) => scored.id).join();
    if (!this.known.has(key)) {
      this.known.set(key, this.ask(pair).catch((error) => {
        this.known.delete(key); // a later request may succeed
        throw error;
      }));
    }
    return this.known.get(key);
  }

  async ask(pair) {
    try {
      return await this.client.alignment(pair.map(({ scored }) => scored.id));
    } catch (error) {
      if (error.code !== "version_unknown") throw error;
    }
    // The service has forgotten the versions since they were ranked, so both are sent again.
    const sent = await Promise.all(pair.map(({ file }) => this.client.version(file)));
    return this.client.alignment(sent.map(({ id }) => id));
  }
}
