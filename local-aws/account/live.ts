/** What is live in an account and has to end with it: function processes above all. */

type Stop = () => void | Promise<void>;

/** Once the account has ended, what a late request still starts is stopped at once. */
export class Live extends Set<Stop> {
  #ended = false;

  override add(stop: Stop): this {
    if (this.#ended) {
      void stop();
    }
    return this.#ended ? this : super.add(stop);
  }

  /** Stops everything that is live; new things may start. */
  async stopAll(): Promise<void> {
    const running = [...this];
    this.clear();
    await Promise.all(running.map((stop) => stop()));
  }

  /** Stops everything, for good. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.stopAll();
  }
}
