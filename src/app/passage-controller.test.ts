import { describe, expect, it } from "vitest";
import { nextCall, stage } from "./testing/stage.ts";

describe("PassageController", () => {
  it("scores the filled passages without blending and names their fields", async () => {
    const all = await stage();
    const { passages } = all.app;
    all.current().ready();
    passages.write(0, "하나");
    passages.write(1, "  ");
    const done = passages.score();
    const call = await nextCall(all);
    expect(call.options.blend).toBe(false);
    expect(call.documents).toHaveLength(2);
    call.answer([-1, 3]);
    await done;
    expect(passages.state.value).toMatchObject({
      type: "done",
      scored: [
        { position: 3, rank: 1, logit: 3 },
        { position: 1, rank: 2, text: "하나" },
      ],
    });
  });

  it("says what is missing", async () => {
    const { app } = await stage();
    app.passages.question.set(" ");
    await app.passages.score();
    expect(app.passages.state.value).toEqual({ type: "incomplete", missing: "question" });
    app.passages.question.set("질문");
    for (const { id } of app.passages.passages.value) app.passages.remove(id);
    await app.passages.score();
    expect(app.passages.state.value).toEqual({ type: "incomplete", missing: "passage" });
  });
});
