import { describe, expect, it } from "vitest";
import { SerialQueue } from "./serial-queue.ts";

describe("SerialQueue", () => {
  it("runs one job at a time, in order", async () => {
    const queue = new SerialQueue();
    const events: string[] = [];
    const job = (name: string) => async () => {
      events.push(`${name} starts`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      events.push(`${name} ends`);
    };
    await Promise.all([queue.run(job("a")), queue.run(job("b"))]);
    expect(events).toEqual(["a starts", "a ends", "b starts", "b ends"]);
  });

  it("goes on after a job that failed, whose caller still gets the error", async () => {
    const queue = new SerialQueue();
    const failing = queue.run(() => Promise.reject(new Error("broken")));
    const next = queue.run(() => Promise.resolve("fine"));
    await expect(failing).rejects.toThrow("broken");
    await expect(next).resolves.toBe("fine");
  });
});
