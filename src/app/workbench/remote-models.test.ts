import { afterEach, describe, expect, it, vi } from "vitest";
import { respond, serveRemoteReranker, type RemoteServiceOptions } from "../../../e2e/remote-services.ts";
import { reportAsCsv, reportAsJson, reportAsMarkdown } from "../../eval/workbench-report.ts";
import { KeptStorage } from "../testing/stage.ts";
import { MINI, started, use, given, type WorkbenchStage } from "../testing/workbench-stage.ts";
import { embedOf } from "./embed-of.ts";
import { choiceOf, isRemote, RemoteModels, serviceName, type RemoteEndpoint } from "./remote-models.ts";

const KEY = "sk-secret-0123456789";
const COHERE: RemoteEndpoint = {
  kind: "cohere",
  url: "https://api.cohere.com/v2/rerank",
  model: "rerank-v3.5",
  scores: "relevance",
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** Right is what the stage's own model says is right. */
async function service(options: RemoteServiceOptions = {}) {
  const server = await serveRemoteReranker({ logit: (_, text) => (text.startsWith("맞는") ? 2 : -3), ...options });
  closing.push(() => server.close());
  const endpoint: RemoteEndpoint = { kind: "tei", url: server.url, model: "", scores: "logit" };
  return { server, endpoint };
}

describe("the list of remote rerankers", () => {
  it("outlives the page, and keys do only where that is asked for", () => {
    const storage = new KeptStorage();
    const stored = (): string =>
      JSON.stringify(Array.from({ length: storage.length }, (_, at) => storage.getItem(storage.key(at) ?? "")));
    const remote = new RemoteModels(storage);
    const { url: id } = remote.add(COHERE, KEY, false);
    expect(remote.keyState(id)).toBe("held");
    expect(stored()).toContain("api.cohere.com");
    expect(stored()).not.toContain(KEY);
    expect(new RemoteModels(storage).keyState(id)).toBe("none");
    remote.add(COHERE, "", true);
    expect(remote.choices).toHaveLength(1);
    expect(storage.getItem("sunwi.remote-keys")).toContain(KEY);
    const next = new RemoteModels(storage);
    expect(next.keyState(id)).toBe("remembered");
    next.forgetKeys();
    expect(next.keyState(id)).toBe("none");
    expect(stored()).not.toContain(KEY);
    remote.remove(id);
    expect(new RemoteModels(storage).choices).toEqual([]);
  });

  it("deletes the key with the reranker", () => {
    const storage = new KeptStorage();
    const remote = new RemoteModels(storage);
    const { url: id } = remote.add(COHERE, KEY, true);
    remote.remove(id);
    expect(storage.getItem("sunwi.remote-keys")).toBe("[]");
    expect(remote.keyState(remote.add(COHERE, "", false).url)).toBe("none");
  });

  it("does not carry a key to another address", () => {
    const remote = new RemoteModels(undefined);
    remote.add(COHERE, KEY, false);
    expect(remote.keyState(remote.add({ ...COHERE, url: "https://proxy.test/" }, "", false).url)).toBe("none");
  });

  it("refuses what cannot be asked, and keeps nothing of it", () => {
    const remote = new RemoteModels(undefined);
    expect(() => remote.add({ ...COHERE, url: "http://proxy.test/" }, KEY, false)).toThrow(/unencrypted/);
    expect(() => remote.add({ ...COHERE, model: "" }, KEY, false)).toThrow(/model/);
    expect(remote.choices).toEqual([]);
  });

  it("names kind, host and model, and nothing else of an address", () => {
    const { name, url } = choiceOf({ ...COHERE, url: "https://proxy.test/a?token=hunter2" });
    expect(name).toBe("rerank-v3.5@proxy.test");
    expect(url).toMatch(/^remote:cohere:rerank-v3\.5@proxy\.test:[0-9a-f]{16}$/);
    expect(isRemote(url)).toBe(true);
    expect(isRemote(MINI.url)).toBe(false);
    expect(url).not.toBe(choiceOf({ ...COHERE, url: "https://proxy.test/a?token=other" }).url);
  });

  it("tells of one that is gone", () => {
    expect(() => new RemoteModels(undefined).createScorer("remote:x")).toThrow(/no longer/);
    expect(serviceName("tei")).toBe("Hugging Face TEI");
    expect(serviceName("newer")).toBe("newer");
  });
});

describe("a connection test", () => {
  it("sends two pairs that are not the user's", async () => {
    const { server, endpoint } = await service({ logit: (_, text) => (text.includes("환불") ? 2 : -3) });
    const signal = new AbortController().signal;
    const test = await new RemoteModels(undefined).test(endpoint, KEY, signal);
    expect(test).toMatchObject({ right: 2, wrong: -3 });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  it("fails at once", async () => {
    const { server, endpoint } = await service({ misbehave: (response) => respond(response, 500, "") });
    const test = new RemoteModels(undefined).test(endpoint, "", new AbortController().signal);
    await expect(test).rejects.toMatchObject({ code: "remote-unavailable" });
    expect(server.requests).toHaveLength(1);
  });
});

describe("a comparison with a remote reranker", () => {
  async function withRemote(options: RemoteServiceOptions = {}) {
    const { server, endpoint } = await service(options);
    const stage = await started();
    const added = stage.workbench.remote.add(endpoint, KEY, false);
    stage.workbench.toggle(added);
    return { server, stage, added };
  }

  const asked = ({ workbench }: WorkbenchStage) =>
    vi.waitFor(() => workbench.remote.consent.asked.value ?? expect.fail("not asked"));

  it("asks before anything is sent, and makes a row like others", async () => {
    const { server, stage, added } = await withRemote();
    const { workbench } = stage;
    workbench.change({ windows: true });
    const run = workbench.compare();
    const question = await asked(stage);
    expect(question).toMatchObject({ hosts: [server.host], questions: 3, candidates: 20, hasLocal: true });
    expect(server.requests).toHaveLength(0);
    expect(stage.scorers).toHaveLength(0);
    question.answer("all");
    await run;
    expect(workbench.remote.consent.asked.value).toBeUndefined();
    // Once more to warm up.
    expect(server.requests).toHaveLength(4);
    const report = workbench.report.value ?? expect.fail("no report");
    expect(report.receipt.models[1]).toMatchObject({
      key: added.url,
      device: server.host,
      service: { kind: "tei", host: server.host, model: "" },
    });
    expect(report.receipt.models[1]?.memoryBytes).toBeUndefined();
    const rows = report.judgement.systems.filter(({ recipe }) => recipe.model === added.url);
    expect(rows).toMatchObject([{ key: `logit ${added.url}`, metrics: { "Hit@1": 1 } }]);
    for (const text of [reportAsJson(report), reportAsCsv(report), reportAsMarkdown(report, "ko")]) {
      expect(text).toContain(server.host);
      expect(text).not.toContain(KEY);
    }
    expect(embedOf(report, MINI.url)?.modelUrl).toBeUndefined();
  });

  it("asks once for a host and its data, and scores nothing twice", async () => {
    const { server, stage } = await withRemote();
    const { workbench } = stage;
    const run = workbench.compare();
    (await asked(stage)).answer("all");
    await run;
    await workbench.compare();
    expect(server.requests).toHaveLength(4);
    workbench.change({ candidates: 50 });
    const more = workbench.compare();
    (await asked(stage)).answer("none");
    await more;
    expect(workbench.run.value).toEqual({ type: "idle" });
    await use(stage, given("other.csv", "question,document\n배터리 보관,배터리 보관 방법\n환불 기한,환불은 7일\n"));
    workbench.change({ candidates: 20 });
    const other = workbench.compare();
    (await asked(stage)).answer("none");
    await other;
    expect(server.requests).toHaveLength(4);
  });

  it("asks anew for another host", async () => {
    const { stage } = await withRemote();
    const { workbench } = stage;
    const run = workbench.compare();
    (await asked(stage)).answer("all");
    await run;
    const second = await service();
    workbench.toggle(workbench.remote.add(second.endpoint, "", false));
    const next = workbench.compare();
    const question = await asked(stage);
    expect(question.hosts).toEqual([second.server.host]);
    question.answer("local");
    await next;
    expect(second.server.requests).toHaveLength(0);
    expect(workbench.report.value?.receipt.models).toHaveLength(1);
  });

  it("withdraws its question when the run is called off, or asked for again", async () => {
    const { server, stage } = await withRemote();
    const { workbench } = stage;
    const first = workbench.compare();
    const question = await asked(stage);
    const second = workbench.compare();
    await first;
    await vi.waitFor(() => {
      expect(workbench.remote.consent.asked.value).not.toBe(question);
    });
    await asked(stage);
    question.answer("all");
    workbench.pause();
    await second;
    expect(workbench.remote.consent.asked.value).toBeUndefined();
    expect(server.requests).toHaveLength(0);
  });

  it("ends with the service's error, goes on from there, and can be paused", async () => {
    let isBroken = true;
    const { stage } = await withRemote({
      misbehave: (response, _, count) => isBroken && count > 1 && respond(response, 401, { message: KEY }),
    });
    const { workbench, store } = stage;
    const run = workbench.compare();
    (await asked(stage)).answer("all");
    await run;
    expect(workbench.run.value).toMatchObject({ type: "failed", error: { code: "remote-unauthorized" } });
    expect(JSON.stringify([workbench.run.value, await store.session()])).not.toContain(KEY);
    isBroken = false;
    await workbench.compare();
    expect(workbench.run.value).toEqual({ type: "idle" });
    expect(workbench.report.value?.receipt.models).toHaveLength(2);
  });
});
