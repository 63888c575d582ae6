/**
 * One file from a hub onto this disk. The hub's own library starts a file from its beginning each time; files of
 * gigabytes go on where they were.
 */
import { abortReason, RerankError } from "../../src/core/errors.ts";
import { ATTEMPTS, reasonOf, requestHub, waitBeforeRetry, type HubConnection } from "./connection.ts";
import { isPresent, PartialFile } from "./partial-file.ts";
import type { HubFile } from "./repository.ts";

export interface FileDownload {
  readonly connection: HubConnection;
  readonly commit: string;
  readonly file: HubFile;
  /** Where the file comes to lie; its folder exists. */
  readonly path: string;
  /** Told how many bytes of the file are here. */
  readonly onBytes: (bytes: number) => void;
}

/** How often a file whose digest is wrong is fetched from its beginning: bytes of an earlier run may be the bad ones. */
const WHOLE_TRIES = 2;

/**
 * Fetches the file, or what is missing of it, and checks size and digest. A file that is here is not asked for.
 * @throws RerankError `model-download`, `model-integrity`, `invalid-input`, `aborted`
 */
export async function downloadFile(download: FileDownload): Promise<void> {
  const { path, file, onBytes } = download;
  if (!(await isPresent(path, file))) {
    const partial = await PartialFile.open(path, file);
    try {
      await fetchChecked(download, partial);
    } finally {
      await partial.close();
    }
  }
  onBytes(file.bytes);
}

async function fetchChecked(download: FileDownload, partial: PartialFile): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await fetchMissing(download, partial);
    if (await partial.finish()) return;
    await partial.restart();
    if (attempt === WHOLE_TRIES) throw altered(download, "its bytes do not match its checksum");
  }
}

/** Asks for what is missing until all of it is here. */
async function fetchMissing(download: FileDownload, partial: PartialFile): Promise<void> {
  const { connection, file } = download;
  let entityTag: string | undefined;
  for (let fruitless = 0; partial.received < file.bytes;) {
    const before = partial.received;
    const body = await openBody(download, partial, entityTag);
    entityTag = body.entityTag;
    const cut = await drain(download, partial, body);
    if (cut === undefined) continue;
    fruitless = partial.received > before ? 0 : fruitless + 1;
    if (fruitless === ATTEMPTS) throw cutOff(download, partial, cut);
    await waitBeforeRetry(connection, fruitless + 1);
  }
}

interface Body {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  /** Of the bytes that come; names this very version of the file. */
  readonly entityTag: string | undefined;
}

/** The missing bytes, or the whole file where the host gives no parts or has another version by now. */
async function openBody(download: FileDownload, partial: PartialFile, entityTag: string | undefined): Promise<Body> {
  const start = partial.received;
  const answer = await askFrom(download, start, entityTag);
  if (answer.status === 416 && start > 0) {
    // Fewer bytes there than here.
    await answer.body?.cancel();
    await partial.restart();
    return await openBody(download, partial, undefined);
  }
  if (answer.status === 206) await checkPart(download, start, answer);
  else await acceptWhole(download, partial, answer);
  if (answer.body === null) throw altered(download, "it came without a body");
  const tag = answer.headers.get("ETag") ?? undefined;
  return { reader: answer.body.getReader(), entityTag: tag?.startsWith('"') === true ? tag : undefined };
}

function askFrom(
  { connection, commit, file }: FileDownload,
  start: number,
  entityTag: string | undefined,
): Promise<Response> {
  const url = `${connection.hubUrl}/${connection.repository}/resolve/${commit}/${encodeURIComponent(file.path)}`;
  const headers = start === 0 ? {} : { Range: `bytes=${String(start)}-`, ...(entityTag && { "If-Range": entityTag }) };
  return requestHub(connection, url, headers);
}

async function checkPart(download: FileDownload, start: number, answer: Response): Promise<void> {
  const { bytes } = download.file;
  const range = answer.headers.get("Content-Range") ?? "";
  if (range === `bytes ${String(start)}-${String(bytes - 1)}/${String(bytes)}`) return;
  await answer.body?.cancel();
  throw altered(download, `the host answers "${range}" when asked for what follows byte ${String(start)}`);
}

async function acceptWhole(download: FileDownload, partial: PartialFile, answer: Response): Promise<void> {
  const length = answer.headers.get("Content-Length");
  const isEncoded = answer.headers.has("Content-Encoding");
  if (length !== null && !isEncoded && Number(length) !== download.file.bytes) {
    await answer.body?.cancel();
    throw altered(download, `it comes with ${length} bytes, as "${answer.headers.get("Content-Type") ?? "nothing"}"`);
  }
  if (partial.received > 0) await partial.restart();
}

/** Writes what comes. @returns why no more came before the file's end; undefined at its end */
async function drain(download: FileDownload, partial: PartialFile, body: Body): Promise<string | undefined> {
  const { connection, file, onBytes } = download;
  const stop = (): Promise<void> => body.reader.cancel().catch(() => undefined);
  const timer = setTimeout(() => void stop(), connection.stallMs);
  try {
    while (partial.received < file.bytes) {
      const next = await readNext(body);
      if (connection.signal?.aborted === true) throw abortReason(connection.signal);
      if (typeof next === "string") return next;
      timer.refresh();
      await accept(download, partial, next);
      onBytes(partial.received);
    }
    return undefined;
  } finally {
    clearTimeout(timer);
    await stop();
  }
}

async function accept(download: FileDownload, partial: PartialFile, bytes: Uint8Array): Promise<void> {
  if (partial.received + bytes.length > download.file.bytes) {
    await partial.restart();
    throw altered(download, "more bytes come than it has");
  }
  await partial.write(bytes);
}

/** Apart from the writing: a broken connection is made anew, a full disk is not. @returns bytes, or why none come */
async function readNext({ reader }: Body): Promise<Uint8Array | string> {
  try {
    const { value } = await reader.read();
    return value ?? "it ended early";
  } catch (error) {
    return error instanceof Error ? reasonOf(error) : String(error);
  }
}

function cutOff({ file }: FileDownload, partial: PartialFile, reason: string): RerankError {
  return new RerankError(
    "model-download",
    `${file.path} cannot be fetched to its end: the connection breaks off again and again (${reason}), now at ` +
      `${String(partial.received)} of ${String(file.bytes)} bytes. Start again on a better connection: it goes on from there.`,
    { details: { file: file.path, received: partial.received, bytes: file.bytes } },
  );
}

function altered({ file, connection }: FileDownload, problem: string): RerankError {
  return new RerankError(
    "model-integrity",
    `${file.path} of ${connection.repository} does not arrive as the hub lists it (${String(file.bytes)} bytes, ` +
      `${file.digest.algorithm} ${file.digest.hex}): ${problem}. A proxy, a mirror or a sign-in page may alter it; try ` +
      "another network, or unset HF_ENDPOINT.",
    { details: { file: file.path, problem } },
  );
}
