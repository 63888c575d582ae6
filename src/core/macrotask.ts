const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => {
  waiting.shift()?.();
};

/**
 * Resolves in a later task, so that messages which have arrived meanwhile (a cancel) are read first. Awaiting a WASM
 * run would not do: it yields microtasks only. `setTimeout` would do, but waits 4 ms when nested.
 */
export function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(null);
  });
}
