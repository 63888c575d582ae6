import { describe, expect, it } from "vitest";
import { CSV, file, stage } from "./testing/stage.ts";

describe("DatasetController", () => {
  it("keeps what it has when a file is broken, and says what was wrong", async () => {
    const { app } = await stage();
    const before = app.datasets.state.value;
    await app.datasets.useFiles(file("wrong.csv", "a,b\n1,2\n"));
    expect(app.datasets.state.value).toBe(before);
    expect(app.datasets.intake.value).toMatchObject({ type: "rejected", name: "wrong.csv" });
    const [hit] = (await app.datasets.search("환불", 5)).found;
    expect(hit).toMatchObject({ id: "d2" });
    await app.datasets.useSample();
    expect(app.datasets.intake.value.type).toBe("none");
  });

  it("lets the newest of two files win", async () => {
    const { app } = await stage();
    const first = app.datasets.useFiles(file("first.csv", CSV));
    const second = app.datasets.useFiles(file("second.csv", CSV));
    await Promise.all([first, second]);
    expect(app.datasets.state.value).toMatchObject({ source: "file", loaded: { facts: { name: "second.csv" } } });
  });

  it("empties the search, whose question was for other documents", async () => {
    const { app } = await stage();
    app.search.search("환불");
    await app.datasets.useFiles(file("a.csv", CSV));
    expect(app.search.query.value).toBe("");
    expect(app.search.state.value).toEqual({ type: "idle" });
  });

  it("reports a sample that cannot be had, and fetches it again", async () => {
    let isOnline = false;
    const { app } = await stage(() =>
      isOnline ? Promise.resolve(new Response(CSV)) : Promise.resolve(new Response("", { status: 503 })),
    );
    expect(app.datasets.state.value).toMatchObject({
      type: "failed",
      error: { code: "invalid-input", details: { reason: "unreachable", status: 503 } },
    });
    isOnline = true;
    await app.datasets.useSample();
    expect(app.datasets.state.value.type).toBe("ready");
  });
});
