/** Downloads against a hub on loopback, well-behaved and not. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { RerankError } from "../src/core/errors.ts";
import type { ModelManifest } from "../src/model/manifest.ts";
import { fetchCheckpoint, type FetchCheckpointOptions, type HubProgress } from "./hub.ts";
import {
  refuse,
  sendBytes,
  serveHub,
  TOKENS,
  type HubServer,
  type SeenRequest,
  type ServedRepository,
} from "./testing/hub-server.ts";
import { writeTinyCheckpoint } from "./testing/tiny-checkpoint.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const REPOSITORY = "someone/tiny";
const WEIGHTS = "model.safetensors";
/** Large enough to come in several pieces. */
const BYTES = 300_000;

let folder: string;
let tiny: Record<string, Uint8Array>;
let hub: HubServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hub-"));
  await writeTinyCheckpoint(join(folder, "tiny"), "xlm-roberta");
  tiny = Object.fromEntries(
    await Promise.all(
      (await readdir(join(folder, "tiny"))).map(async (name) => [name, await readFile(join(folder, "tiny", name))]),
    ),
  ) as Record<string, Uint8Array>;
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  // The tests' own environment may hold them.
  for (const name of ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT"]) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

const config = Buffer.from(JSON.stringify({ model_type: "xlm-roberta" }));
const weights = Buffer.from(Uint8Array.from({ length: BYTES }, (_, at) => (at * 31) % 251));
const files = { "config.json": config, "tokenizer.json": Buffer.from("{}"), [WEIGHTS]: weights };
const sound: ServedRepository = { commit: COMMIT, card: { license: "apache-2.0" }, files };

async function serve(repository: ServedRepository): Promise<void> {
  hub = await serveHub({ [REPOSITORY]: repository });
}

let caches = 0;
beforeEach(() => {
  caches += 1;
});
const cacheFolder = (): string => join(folder, `cache-${String(caches)}`);
const checkpointFolder = (): string => join(cacheFolder(), "someone--tiny", COMMIT);

function fetchTiny(options: Partial<FetchCheckpointOptions> = {}) {
  return fetchCheckpoint({
    ...{ repository: REPOSITORY, hubUrl: hub.url, cacheFolder: cacheFolder(), retryDelayMs: 1, stallMs: 10_000 },
    ...options,
  });
}

/** What a failed fetch says. */
async function failure(options: Partial<FetchCheckpointOptions> = {}): Promise<RerankError> {
  const error: unknown = await fetchTiny(options).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof RerankError) return error;
  throw new Error(`expected a RerankError, not ${String(error)}`);
}

const fetched = (name: string): Promise<Uint8Array> => readFile(join(checkpointFolder(), name));
const asksForWeights = ({ host, path }: SeenRequest): boolean => host === "cdn" && path.includes(WEIGHTS);
const weightRequests = (): readonly SeenRequest[] => hub.requests.filter(asksForWeights);

describe("a sound repository", () => {
  it("becomes a folder of what the compiler reads, at one commit", async () => {
    await serve({
      ...sound,
      files: { ...files, "special_tokens_map.json": Buffer.from("{}"), "onnx/model.onnx": weights, "a.bin": weights },
    });
    const progress: HubProgress[] = [];
    const checkpoint = await fetchTiny({ onProgress: (step) => progress.push(step) });
    expect(checkpoint).toEqual({
      ...{ folder: checkpointFolder(), repository: REPOSITORY, revision: COMMIT, licence: "Apache-2.0" },
    });
    const names = ["config.json", WEIGHTS, "special_tokens_map.json", "tokenizer.json"];
    expect((await readdir(checkpointFolder())).sort()).toEqual(names.sort());
    expect(weights.equals(await fetched(WEIGHTS))).toBe(true);
    const total = BYTES + config.length + 4;
    expect(progress.at(-1)).toEqual({ file: WEIGHTS, done: total, total });
    const resolved = hub.requests.filter(({ path }) => path.includes("/resolve/"));
    expect(resolved.every(({ path }) => path.includes(`/resolve/${COMMIT}/`))).toBe(true);
  });

  it("is not fetched twice", async () => {
    await serve(sound);
    await fetchTiny();
    const before = hub.requests.length;
    await fetchTiny({ revision: COMMIT });
    expect(hub.requests.slice(before).filter(({ path }) => path.includes("/resolve/"))).toEqual([]);
  });

  it("may hold its weights in shards", async () => {
    const shards = { "model-00001-of-00002.safetensors": weights, "model-00002-of-00002.safetensors": config };
    const index = { weight_map: { a: Object.keys(shards)[0], b: Object.keys(shards)[1], c: Object.keys(shards)[1] } };
    await serve({
      ...sound,
      files: {
        ...{ "config.json": config, "tokenizer.json": Buffer.from("{}"), ...shards },
        "model.safetensors.index.json": Buffer.from(JSON.stringify(index)),
        "model-00003-of-00002.safetensors": weights,
      },
    });
    await fetchTiny();
    expect(await readdir(checkpointFolder())).toEqual(
      ["config.json", ...Object.keys(shards), "model.safetensors.index.json", "tokenizer.json"].sort(),
    );
  });

  it("is compiled by its name, and the manifest says where it comes from", async () => {
    await serve({ ...sound, card: { license: "other", license_name: "my licence" }, files: tiny });
    const pairs = JSON.parse(await readFile(join(import.meta.dirname, "testing/tiny-pairs.json"), "utf8")) as object[];
    await writeFile(join(folder, "golden.json"), JSON.stringify([...pairs, ...pairs]));
    const output = join(folder, "package");
    const options = ["--out", output, "--golden", join(folder, "golden.json"), "--cache", cacheFolder()];
    expect(await runCompiler([REPOSITORY, ...options])).toMatchObject({ code: 0, errors: "" });
    const manifest = JSON.parse(await readFile(join(output, "manifest.json"), "utf8")) as ModelManifest;
    expect(manifest).toMatchObject({
      ...{ id: "tiny", licence: "LicenseRef-my-licence", source: { repository: REPOSITORY, revision: COMMIT } },
    });
  }, 60_000);

  /** The command line, with this hub in the environment. */
  function runCompiler(args: readonly string[]): Promise<{ code: number | null; errors: string }> {
    const main = join(import.meta.dirname, "main.ts");
    const env = { ...process.env, HF_ENDPOINT: hub.url };
    const child = spawn(process.execPath, ["--import", "tsx", main, ...args], { env });
    let errors = "";
    child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
    return new Promise((resolve) => {
      child.on("close", (code) => {
        resolve({ code, errors });
      });
    });
  }

  it.each([
    [{ license: "mit" }, "MIT"],
    [{ license: ["apache-2.0", "cc-by-nc-4.0"] }, "Apache-2.0 OR CC-BY-NC-4.0"],
    [{ license: "gemma" }, "gemma"],
    [{ license: "unknown" }, "NOASSERTION"],
    [{}, "NOASSERTION"],
    [undefined, "NOASSERTION"],
  ])("with the card %j has the licence %s", async (card, licence) => {
    await serve({ commit: COMMIT, files, ...(card && { card }) });
    expect(await fetchTiny()).toMatchObject({ licence });
  });
});

describe("the access token", () => {
  it.each(["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])("is read from %s and goes to the hub only", async (variable) => {
    await serve({ ...sound, isGated: true, isPrivate: true });
    vi.stubEnv(variable, ` ${TOKENS.granted}\n`);
    await fetchTiny();
    const bearers = hub.requests.map(({ host, headers }) => [host, headers.authorization] as const);
    expect(bearers.filter(([host]) => host === "hub").every(([, bearer]) => bearer === "Bearer hf_granted")).toBe(true);
    expect(bearers.filter(([host]) => host === "cdn")).toEqual([["cdn", undefined]]);
  });

  it.each([
    ["gated, no token", { isGated: true }, undefined, /accept its licence at http.*someone\/tiny.*set HF_TOKEN/],
    ["gated, not granted", { isGated: true }, TOKENS.stranger, /account of HF_TOKEN may not read it: accept its lic/],
    [
      "gated, wrong token",
      { isGated: true },
      "hf_wrong",
      /does not know the access token in HF_TOKEN.*settings\/tokens/,
    ],
  ])("is asked for or doubted in plain words: %s", async (_, rights, accessToken, message) => {
    await serve({ ...sound, ...rights });
    const options = accessToken === undefined ? {} : { accessToken };
    expect(await failure(options)).toMatchObject({
      code: "model-download",
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    [undefined, /has no model someone\/tiny, or it is private.*set HF_TOKEN/],
    [TOKENS.stranger, /has no model someone\/tiny, or it is private.*whether the account of HF_TOKEN may/],
  ])("of a private repository may be missing or another's: %s", async (accessToken, message) => {
    await serve({ ...sound, isPrivate: true });
    const options = accessToken === undefined ? {} : { accessToken };
    expect(await failure(options)).toMatchObject({
      code: "invalid-input",
      message: expect.stringMatching(message) as string,
    });
  });
});

describe("a repository that cannot be compiled", () => {
  it("does not exist", async () => {
    await serve(sound);
    const error = await failure({ repository: "someone/other" });
    expect(error).toMatchObject({ code: "invalid-input", details: { status: 401, repository: "someone/other" } });
  });

  it("lacks the revision", async () => {
    await serve(sound);
    const error = await failure({ revision: "feature/x" });
    expect(error).toMatchObject({
      code: "invalid-input",
      message: expect.stringMatching(/no such branch.*--revision/) as string,
    });
  });

  it.each(["tiny", "a/b/c", "../x", "a/..", "https://huggingface.co/a/b"])("has no name: %s", async (repository) => {
    await serve(sound);
    expect(await failure({ repository })).toMatchObject({ code: "invalid-input" });
    expect(hub.requests).toEqual([]);
  });

  const other = Buffer.from(JSON.stringify({ model_type: "qwen2" }));
  const without = (name: string): Record<string, Uint8Array> =>
    Object.fromEntries(Object.entries(files).filter(([path]) => path !== name));

  it.each<[string, Record<string, Uint8Array>, RegExp]>([
    ["another architecture", { ...files, "config.json": other }, /architecture "qwen2"/],
    [
      "PyTorch's own format only",
      { ...without(WEIGHTS), "pytorch_model.bin": weights },
      /pytorch_model\.bin only[^]*from_pretrained\(\*\*source\)\.save_pretrained\("tiny"\)[^]*compile-model -- tiny/,
    ],
    ["a slow tokenizer only", without("tokenizer.json"), /slow tokenizer only[^]*AutoTokenizer\.from_pretrained/],
    ["GGUF only", { "model-q4.gguf": weights }, /GGUF files.*made from/],
    ["ONNX only", { ...without(WEIGHTS), "onnx/model.onnx": weights }, /ONNX files.*made from/],
    ["an adapter only", { "adapter_config.json": config, "adapter_model.safetensors": weights }, /adapter.*merged/],
    ["neither model nor config", { "README.md": config }, /holds no config\.json/],
    ["a broken config", { ...files, "config.json": Buffer.from("{") }, /config\.json.*not a JSON object/],
    [
      "an index that names a file elsewhere",
      { ...without(WEIGHTS), "model.safetensors.index.json": indexOf("../../x.safetensors") },
      /names \.\.\/\.\.\/x\.safetensors, which the repository does not hold/,
    ],
    [
      "an index that names nothing",
      { ...without(WEIGHTS), "model.safetensors.index.json": Buffer.from("{}") },
      /names no files/,
    ],
  ])("holds %s, and says so before its weights are fetched", async (_, held, message) => {
    await serve({ commit: COMMIT, files: held });
    expect(await failure()).toMatchObject({ code: "model-invalid", message: expect.stringMatching(message) as string });
    expect(hub.requests.filter(({ host }) => host === "cdn")).toEqual([]);
  });

  function indexOf(name: string): Uint8Array {
    return Buffer.from(JSON.stringify({ weight_map: { a: name } }));
  }
});

describe("a download that is broken off", () => {
  /** Sends what was asked for, but only `bytes` of it. */
  function cut(seen: SeenRequest, response: ServerResponse, bytes: number): boolean {
    const start = Number(/\d+/.exec(seen.headers.range ?? "0")?.[0]);
    const status = start === 0 ? 200 : 206;
    response.writeHead(status, {
      ...{ "Content-Length": BYTES - start, ETag: '"v1"' },
      ...(status === 206 && { "Content-Range": `bytes ${String(start)}-${String(BYTES - 1)}/${String(BYTES)}` }),
    });
    response.write(weights.subarray(start, start + bytes), () => response.destroy());
    return true;
  }

  it.each([0, 1, 65_536, BYTES - 1])("after %d bytes goes on from there", async (bytes) => {
    await serve(sound);
    hub.intercept = (seen, response) =>
      asksForWeights(seen) && weightRequests().length === 1 && cut(seen, response, bytes);
    await fetchTiny();
    expect(weights.equals(await fetched(WEIGHTS))).toBe(true);
    expect(weightRequests()).toHaveLength(2);
    // What a broken connection had not handed over yet is lost, so it may be less than was sent.
    const start = Number(/^bytes=(\d+)-$/.exec(weightRequests()[1]?.headers.range ?? "bytes=0-")?.[1]);
    expect(start).toBeGreaterThanOrEqual(Math.min(bytes, 1));
    expect(start).toBeLessThanOrEqual(bytes);
  });

  it("goes on in a later run, and says so when it gives up", async () => {
    await serve(sound);
    hub.intercept = (seen, response) =>
      asksForWeights(seen) && cut(seen, response, weightRequests().length === 1 ? 1000 : 0);
    const error = await failure();
    expect(error).toMatchObject({ code: "model-download", details: { received: 1000, bytes: BYTES } });
    expect(error.message).toMatch(/at 1000 of 300000 bytes.*goes on from there/);
    const before = weightRequests().length;
    expect(before).toBe(6);
    hub.intercept = () => false;
    await fetchTiny();
    expect(weightRequests().slice(before)[0]?.headers.range).toBe("bytes=1000-");
    expect(weights.equals(await fetched(WEIGHTS))).toBe(true);
  });

  it("gets on, however often it is cut, as long as bytes come", async () => {
    await serve(sound);
    hub.intercept = (seen, response) =>
      asksForWeights(seen) && weightRequests().length < 20 && cut(seen, response, 10_000);
    await fetchTiny();
    expect(weightRequests()).toHaveLength(20);
    expect(weights.equals(await fetched(WEIGHTS))).toBe(true);
  });

  it("is asked for anew where the host falls silent", async () => {
    await serve(sound);
    hub.intercept = (seen, response) => {
      if (!asksForWeights(seen) || weightRequests().length > 2) return false;
      if (weightRequests().length === 1) return true;
      response.writeHead(200, { "Content-Length": BYTES }).write(weights.subarray(0, 5000));
      return true;
    };
    await fetchTiny({ stallMs: 200 });
    expect(weightRequests().at(-1)?.headers.range).toBe("bytes=5000-");
    expect(weights.equals(await fetched(WEIGHTS))).toBe(true);
  });

  it("stops where it is asked to, and keeps what it has", async () => {
    await serve(sound);
    const stop = new AbortController();
    hub.intercept = (seen, response) => {
      if (!asksForWeights(seen)) return false;
      response.writeHead(200, { "Content-Length": BYTES }).write(weights.subarray(0, 5000));
      return true;
    };
    const onProgress = ({ file }: HubProgress): void => {
      if (file === WEIGHTS) stop.abort(new RerankError("aborted", "enough"));
    };
    expect(await failure({ signal: stop.signal, onProgress })).toMatchObject({ code: "aborted", message: "enough" });
    expect(await fetched(`${WEIGHTS}.partial`)).toHaveLength(5000);
  });
});

describe("a host that misbehaves", () => {
  /** The first 1000 bytes lie here already, as an earlier run left them. */
  async function leavePartial(bytes: Uint8Array): Promise<void> {
    await mkdir(checkpointFolder(), { recursive: true });
    await writeFile(join(checkpointFolder(), `${WEIGHTS}.partial`), bytes);
  }

  it("ignores Range: the file is taken from its beginning", async () => {
    await serve(sound);
    await leavePartial(weights.subarray(0, 1000));
    hub.intercept = (seen, response) => {
      if (!asksForWeights(seen)) return false;
      sendBytes({ headers: {} }, response, weights);
      return true;
    };
    await fetchTiny();
    expect(weightRequests()).toHaveLength(1);
    expect(weights.equals(await fetched(WEIGHTS))).toBe(true);
  });

  it("answers another range than asked for", async () => {
    await serve(sound);
    await leavePartial(weights.subarray(0, 1000));
    hub.intercept = (seen, response) => {
      if (!asksForWeights(seen)) return false;
      response.writeHead(206, { "Content-Range": `bytes 0-${String(BYTES - 1)}/${String(BYTES)}` }).end(weights);
      return true;
    };
    expect(await failure()).toMatchObject({
      code: "model-integrity",
      message: expect.stringMatching(/"bytes 0-299999/) as string,
    });
  });

  it("left wrong bytes in an earlier run: all is fetched again", async () => {
    await serve(sound);
    await leavePartial(new Uint8Array(1000));
    await fetchTiny();
    expect(weightRequests().map(({ headers }) => headers.range)).toEqual(["bytes=1000-", undefined]);
    expect(weights.equals(await fetched(WEIGHTS))).toBe(true);
  });

  it("left more bytes than the file has", async () => {
    await serve(sound);
    await leavePartial(new Uint8Array(BYTES + 1));
    await fetchTiny();
    expect(weights.equals(await fetched(WEIGHTS))).toBe(true);
  });

  it("changes the file between two ranges: the new one is taken whole, and fails its checksum", async () => {
    await serve(sound);
    const changed = weights.map((byte) => byte ^ 1);
    hub.intercept = (seen, response) => {
      if (!asksForWeights(seen)) return false;
      if (weightRequests().length > 1) sendBytes(seen, response, changed, '"v2"');
      else {
        response.writeHead(200, { "Content-Length": BYTES, ETag: '"v1"' });
        response.write(weights.subarray(0, 1000), () => response.destroy());
      }
      return true;
    };
    expect(await failure()).toMatchObject({
      code: "model-integrity",
      message: expect.stringMatching(/checksum/) as string,
    });
    expect(weightRequests().map(({ headers }) => headers["if-range"])).toEqual([undefined, '"v1"', undefined]);
    expect(await readdir(checkpointFolder())).not.toContain(WEIGHTS);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["one flipped bit", weights.map((byte, at) => (at === 77 ? byte ^ 4 : byte)), /do not match its checksum/],
    ["a file too short", weights.subarray(0, 1000), /comes with 1000 bytes/],
    ["a file too long", Buffer.concat([weights, config]), /comes with \d+ bytes/],
    ["a sign-in page", Buffer.from("<!doctype html>"), /comes with 15 bytes/],
  ])("sends %s", async (_, bytes, message) => {
    await serve(sound);
    hub.intercept = (seen, response) => {
      if (!asksForWeights(seen)) return false;
      sendBytes(seen, response, bytes);
      return true;
    };
    expect(await failure()).toMatchObject({
      code: "model-integrity",
      message: expect.stringMatching(message) as string,
    });
    expect(await readdir(checkpointFolder())).not.toContain(WEIGHTS);
  });

  it("sends more than it announced a length for", async () => {
    await serve(sound);
    hub.intercept = (seen, response) => {
      if (!asksForWeights(seen)) return false;
      response.writeHead(200).end(Buffer.concat([weights, weights]));
      return true;
    };
    expect(await failure()).toMatchObject({
      code: "model-integrity",
      message: expect.stringMatching(/more bytes/) as string,
    });
  });

  it("alters a small file", async () => {
    await serve(sound);
    hub.intercept = (seen, response) => {
      if (!seen.path.includes("resolve-cache") || !seen.path.includes("config.json")) return false;
      sendBytes(
        seen,
        response,
        config.map((byte, at) => (at === 3 ? byte + 1 : byte)),
      );
      return true;
    };
    expect(await failure()).toMatchObject({ code: "model-integrity", details: { file: "config.json" } });
  });

  it.each([500, 503, 429])("answers %d for a while", async (status) => {
    await serve(sound);
    hub.intercept = (_, response) => {
      if (hub.requests.length > 3) return false;
      response.writeHead(status, { "Retry-After": "0" }).end("later");
      return true;
    };
    await fetchTiny();
    expect(weights.equals(await fetched(WEIGHTS))).toBe(true);
  });

  it("answers 503 for good", async () => {
    await serve(sound);
    hub.intercept = (_, response) => {
      refuse(response, 503, "", "Service is down");
      return true;
    };
    const error = await failure();
    expect(error).toMatchObject({ code: "model-download", details: { status: 503 } });
    expect(error.message).toMatch(/answers with status 503: Service is down\. Try again later/);
    expect(hub.requests).toHaveLength(5);
  });

  it("is a page of something else", async () => {
    await serve(sound);
    hub.intercept = (_, response) => {
      response.writeHead(200, { "Content-Type": "text/html" }).end("<html>Welcome");
      return true;
    };
    expect(await failure()).toMatchObject({
      code: "model-download",
      message: expect.stringMatching(/does not answer as a Hugging Face hub.*HF_ENDPOINT/) as string,
    });
  });

  it("loses a file between list and download", async () => {
    await serve(sound);
    hub.intercept = ({ path }, response) => {
      if (!path.includes(`resolve/${COMMIT}/${WEIGHTS}`)) return false;
      refuse(response, 404, "EntryNotFound", "Entry not found");
      return true;
    };
    expect(await failure()).toMatchObject({
      code: "model-download",
      message: expect.stringMatching(/no longer holds/) as string,
    });
  });

  it("is not there", async () => {
    await serve(sound);
    await hub.close();
    expect(await failure()).toMatchObject({
      code: "model-download",
      message: expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/) as string,
    });
  });
});

describe("the disk", () => {
  it("has too little room: nothing is fetched", async () => {
    await serve({ ...sound, claimedBytes: { [WEIGHTS]: 1e16 } });
    const error = await failure();
    expect(error).toMatchObject({ code: "storage-full" });
    expect(error.message).toMatch(/needs 10000000000 MB, and only \d+ MB are free.*--cache DIR/);
    expect(weightRequests()).toEqual([]);
  });

  it.skipIf(!existsSync("/dev/full"))("runs full on the way", async () => {
    await serve(sound);
    await mkdir(checkpointFolder(), { recursive: true });
    await symlink("/dev/full", join(checkpointFolder(), `${WEIGHTS}.partial`));
    expect(await failure()).toMatchObject({
      code: "storage-full",
      message: expect.stringMatching(/is full.*goes on/) as string,
    });
  });

  it("has a file where the folder should be", async () => {
    await serve(sound);
    await writeFile(cacheFolder(), "");
    expect(await failure()).toMatchObject({
      code: "invalid-input",
      message: expect.stringMatching(/--cache DIR/) as string,
    });
  });
});
