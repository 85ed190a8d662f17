/**
 * Finds and ends what a function's process has started, also what has left its process group for a session of its own.
 *
 * Two things tell such processes. They descend from the function's process; that can be seen while all their ancestors live. And
 * they have inherited its environment, with the secret of its Runtime API. So one escapes that has left the process group, whose
 * environment doesn't tell, and one of whose ancestors ended before it was looked for. The environment doesn't tell when the process
 * was started with another one, when it has written over its own (a few daemons do), or when the system doesn't show it: that of
 * another user's process (`sudo`), and on macOS that of the system's own programs. Only a container or a namespace would leave no way
 * out, and neither is to be had on every machine.
 *
 * Plain CommonJS, as both the account and the runtime in the function's process run it. Synchronous, as the runtime runs it while
 * its process ends.
 */
"use strict";
const { spawnSync } = require("node:child_process");
const { existsSync, readdirSync, readFileSync } = require("node:fs");

/** Looks at the list of processes. Usually the second brings nothing new; in one that does, each process is read once. */
const LOOKS = 50;

/** Bytes; `ps` writes the environments of all processes. */
const MAXIMUM_LISTING = 64 * 1024 * 1024;

/**
 * Ends every process that carries the mark in its environment or descends from `root`, but neither `root` nor the calling process.
 *
 * @param {string} mark a text that is in no other process's environment
 * @param {number} [root] the id of a process that lives
 */
exports.endStartedProcesses = function endStartedProcesses(mark, root) {
  const known = new Map();
  const ended = new Set([process.pid, root]);
  // One that ends before it is read may have started another before that, which then is new in the next list.
  for (let look = 0; look < LOOKS; look++) {
    const before = known.size;
    if (existsSync("/proc/self/environ")) {
      readProc(mark, known);
    } else {
      readPs(mark, known);
    }
    if (known.size === before) {
      return;
    }
    const spared = [root, known.get(process.pid)?.group];
    for (const pid of family(known, root)) {
      if (ended.has(pid)) {
        continue;
      }
      ended.add(pid);
      const { group } = known.get(pid);
      // None gets away from the end of a whole group by starting itself anew. Who founded it came from the function too.
      end(group > 1 && !spared.includes(group) ? -group : pid);
    }
  }
};

function end(target) {
  try {
    process.kill(target, "SIGKILL");
  } catch {
    // It has ended by itself, or is another user's.
  }
}

/** The ids of what is marked or descends from `root`, but for `root`. */
function family(known, root) {
  const members = new Set();
  for (let size = -1; size !== members.size; ) {
    size = members.size;
    for (const [pid, { parent, marked }] of known) {
      if (marked || parent === root || members.has(parent)) {
        members.add(pid);
      }
    }
  }
  return members;
}

/** Linux: adds what isn't known yet. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function readProc(mark, known) {
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!/^\d+$/.test(name) || known.has(pid)) {
      continue;
    }
    // The name of the program stands in parentheses, and may hold some itself.
    const [, parent, group] = /\) \S (\d+) (\d+) [^)]*$/.exec(read(`/proc/${name}/stat`)) ?? [];
    const marked = read(`/proc/${name}/environ`).includes(mark);
    known.set(pid, { parent: Number(parent), group: Number(group), marked });
  }
}

/** Empty when the process has ended meanwhile, or is another user's. */
function read(file) {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** macOS: adds what isn't known yet; `-E` puts the environment behind the command. */
function readPs(mark, known) {
  const ps = spawnSync("/bin/ps", ["-A", "-E", "-ww", "-o", "pid=,ppid=,pgid=,command="], {
    encoding: "latin1",
    env: {},
    maxBuffer: MAXIMUM_LISTING,
    stdio: ["ignore", "pipe", "ignore"],
  });
  for (const line of ps.stdout?.split("\n") ?? []) {
    const [, id, parent, group, command] = /^\s*(\d+)\s+(\d+)\s+(\d+) (.*)$/.exec(line) ?? [];
    // A variable with a newline in it goes on in a line of its own, which begins with no three numbers.
    if (command === undefined) {
      continue;
    }
    const pid = Number(id);
    if (pid === ps.pid || known.has(pid)) {
      continue;
    }
    known.set(pid, { parent: Number(parent), group: Number(group), marked: command.includes(mark) });
  }
}
