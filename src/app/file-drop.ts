import type { ReactiveController, ReactiveControllerHost } from "lit";

/** Knows while files hover over the page, and takes those that are dropped anywhere on it. */
export class FileDrop implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #onDrop: (transfer: DataTransfer) => void;
  /** Elements entered and not left: entering a child comes before leaving its parent. */
  #depth = 0;

  constructor(host: ReactiveControllerHost, onDrop: (transfer: DataTransfer) => void) {
    this.#host = host;
    this.#onDrop = onDrop;
    host.addController(this);
  }

  get isHovering(): boolean {
    return this.#depth > 0;
  }

  hostConnected(): void {
    for (const type of EVENTS) window.addEventListener(type, this.#onDrag);
  }

  hostDisconnected(): void {
    for (const type of EVENTS) window.removeEventListener(type, this.#onDrag);
  }

  readonly #onDrag = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    // Otherwise the browser would leave the page for the file.
    event.preventDefault();
    if (event.type === "dragenter") this.#setDepth(this.#depth + 1);
    if (event.type === "dragleave") this.#setDepth(this.#depth - 1);
    if (event.type !== "drop") return;
    this.#setDepth(0);
    this.#onDrop(event.dataTransfer);
  };

  #setDepth(depth: number): void {
    this.#depth = Math.max(0, depth);
    this.#host.requestUpdate();
  }
}

const EVENTS = ["dragenter", "dragover", "dragleave", "drop"] as const;
