import { RerankError } from "../core/errors.ts";
import type { GivenFile } from "../eval/dataset-protocol.ts";

/**
 * The bundled questions.
 * @throws RerankError `invalid-input`; details: `reason` "unreachable", `url` and `status`, 0 where nothing answered
 */
export async function fetchSample(sampleUrl: string, fetch: typeof globalThis.fetch): Promise<GivenFile> {
  const response = await fetch(sampleUrl).catch(() => undefined);
  const file = response?.ok === true ? await response.blob().catch(() => undefined) : undefined;
  if (file !== undefined) return { path: sampleUrl.split("/").at(-1) ?? "", file };
  throw new RerankError("invalid-input", `${sampleUrl} could not be downloaded. Check the connection and retry.`, {
    details: { reason: "unreachable", url: sampleUrl, status: response?.status ?? 0 },
  });
}
