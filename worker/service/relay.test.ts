/** Pages that answer, that do not, and that go away. */
import { describe, expect, it } from "vitest";
import { ASK, type PageMessage, type RelayMessage } from "../../src/endpoint/relay-protocol.ts";
import { relay, type OpenPages } from "./relay.ts";

const ROUTE = { service: "cohere", isKnown: true } as const;
const CALLER = "caller";

type Says = "serves" | "idle" | "nothing";

/** A page of the app, as the service worker sees it. */
class Page {
  readonly id: string;
  readonly seen: RelayMessage[] = [];
  readonly #says: Says;
  readonly #onCall: (answer: (body: unknown) => void) => void;

  constructor(id: string, says: Says, onCall: (answer: (body: unknown) => void) => void = () => undefined) {
    this.id = id;
    this.#says = says;
    this.#onCall = onCall;
  }

  postMessage(message: unknown, [port]: Transferable[]): void {
    expect(message).toBe(ASK);
    if (this.#says === "nothing" || !(port instanceof MessagePort)) return;
    const send = (answer: PageMessage): void => {
      port.postMessage(answer);
    };
    port.onmessage = ({ data }: MessageEvent<RelayMessage>) => {
      this.seen.push(data);
      if (data.type !== "call") return;
      this.#onCall((body) => {
        send({ type: "answer", answer: { status: 200, body } });
      });
    };
    send({ type: "serves", isServing: this.#says === "serves" });
  }
}

function clientsOf(pages: Page[]): OpenPages {
  return {
    matchAll: () => Promise.resolve(pages),
    get: (id) => Promise.resolve(id === CALLER ? CALLER : pages.find((page) => page.id === id)),
  };
}

const post = (signal?: AbortSignal) =>
  new Request("https://sunwi.test/api/v2/rerank", { method: "POST", body: "{}", ...(signal && { signal }) });
const answers = (body: unknown) => (answer: (body: unknown) => void) => {
  answer(body);
};

async function statusAndBody(response: Response): Promise<readonly [number, unknown]> {
  return [response.status, await response.json()];
}

describe("relay", () => {
  it("asks all pages, and hands the call to one that serves", async () => {
    const pages = [new Page("a", "idle"), new Page("b", "nothing"), new Page("c", "serves", answers({ it: "works" }))];
    const response = await relay(clientsOf(pages), post(), ROUTE, CALLER);
    expect(await statusAndBody(response)).toEqual([200, { it: "works" }]);
    expect(pages.map(({ seen }) => seen.length)).toEqual([0, 0, 1]);
    expect(pages[2]?.seen[0]).toMatchObject({ method: "POST", url: "https://sunwi.test/api/v2/rerank", body: "{}" });
  });

  it.each([[[]], [[new Page("a", "idle")]], [[new Page("a", "nothing")]]])("503 without one: %j", async (pages) => {
    const [status, body] = await statusAndBody(await relay(clientsOf(pages), post(), ROUTE, CALLER));
    expect([status, body]).toEqual([503, { message: expect.stringContaining("No open page serves") as string }]);
  });

  it("goes to the next page when one is closed in the middle", async () => {
    const pages = [new Page("a", "serves", () => void pages.shift())];
    pages.push(new Page("b", "nothing"));
    const running = relay(clientsOf(pages), post(), ROUTE, CALLER);
    setTimeout(() => pages.push(new Page("c", "serves", answers("next"))), 200);
    expect(await statusAndBody(await running)).toEqual([200, "next"]);
  });

  it("lets the page know when the caller cancels, or is gone", async () => {
    for (const [callerId, cancel] of [
      [CALLER, AbortSignal.timeout(100)],
      ["closed", undefined],
    ] as const) {
      const page = new Page("a", "serves");
      await expect(relay(clientsOf([page]), post(cancel), ROUTE, callerId)).rejects.toMatchObject({
        name: "AbortError",
      });
      await expect.poll(() => page.seen.at(-1)).toEqual({ type: "cancel" });
    }
  });
});
