import { describe, expect, it } from "vitest";
import { parsePackageAddress } from "./package-address.ts";

const base = { pageUrl: "https://page.test/app/#models", hubUrl: "https://hub.test/" };
const folderOf = (typed: string): string => parsePackageAddress(typed, base).folder;

describe("parsePackageAddress", () => {
  it.each([
    ["https://a.test/model", "https://a.test/model/"],
    ["https://a.test/model/manifest.json?x=1#y", "https://a.test/model/"],
    [" ./models/mini ", "https://page.test/app/models/mini/"],
    ["/models/mini/", "https://page.test/models/mini/"],
    ["owner/name", "https://hub.test/owner/name/resolve/main/"],
    ["owner/name@v1.2", "https://hub.test/owner/name/resolve/v1.2/"],
    ["owner/name@v1/browser/q4", "https://hub.test/owner/name/resolve/v1/browser/q4/"],
    ["owner/name/browser", "https://hub.test/owner/name/resolve/main/browser/"],
    ["https://hub.test/owner/name", "https://hub.test/owner/name/resolve/main/"],
    ["https://hub.test/owner/name/tree/dev/browser", "https://hub.test/owner/name/resolve/dev/browser/"],
    ["https://hub.test/owner/name/blob/main/manifest.json", "https://hub.test/owner/name/resolve/main/"],
  ])("%s", (typed, folder) => {
    expect(folderOf(typed)).toBe(folder);
  });

  it.each(["", "  ", "name", "javascript:alert(1)", "ftp://a.test/x", "https://", "owner/ name", "data:,x"])(
    "refuses %j",
    (typed) => {
      expect(() => folderOf(typed)).toThrow(expect.objectContaining({ details: { reason: "address" } }));
    },
  );
});
