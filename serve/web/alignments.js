// How the service lays versions on each other; it is asked once for every two.

export class Alignments {
  constructor(client) {
    this.client = client;
    this.known = new Map();
  }

  // The placement of a version on another one; null where the two do not seem to show the same picture.
  find(version, onto) {
    const pair = [version, onto];
    const key = pair.map(({ scored }) => scored.id).join();
    if (!this.known.has(key)) {
      this.known.set(key, this.ask(pair).catch((error) => {
        this.known.delete(key); // may work when somebody looks again
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
    // Forgotten since they were ranked.
    const sent = await Promise.all(pair.map(({ file }) => this.client.version(file)));
    return this.client.alignment(sent.map(({ id }) => id));
  }
}
