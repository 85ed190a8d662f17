/**
 * Loaded before the programs of the npm scripts: npm passes signals on to them, but not the one that ends npm at once, nor
 * does it know that a terminal was closed. A program whose parent is gone is ended as if by SIGTERM.
 */

/** Milliseconds between two looks. */
const INTERVAL = 500;

const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) {
    return;
  }
  clearInterval(watch);
  process.kill(process.pid, "SIGTERM");
}, INTERVAL);
watch.unref();
