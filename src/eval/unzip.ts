import { unzipSync } from "fflate";
import type { InputFile } from "./input-files.ts";

/** More than any evaluation set that a page could hold in memory. */
const MOST_BYTES = 1.5e9;

/**
 * The files of a ZIP archive.
 * @throws where it is broken, encrypted, or larger than 1.5 GB when unpacked
 */
export function unzipFiles(bytes: Uint8Array): readonly InputFile[] {
  let total = 0;
  const files = unzipSync(bytes, {
    filter: ({ name, originalSize }) => {
      total += originalSize;
      if (total > MOST_BYTES) throw new RangeError(`The archive unpacks to more than ${String(MOST_BYTES)} bytes.`);
      return !name.endsWith("/");
    },
  });
  return Object.entries(files).map(([path, content]) => ({ path, bytes: content }));
}
