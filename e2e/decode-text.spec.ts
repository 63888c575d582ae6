import { expect, test } from "./fixtures.ts";

test("a browser reads all of CP949, the syllables that KS X 1001 lacks included", async ({ driven: page }) => {
  // "똠방각하 뷁 €" in CP949, from Python.
  const bytes = [0x8c, 0x63, 0xb9, 0xe6, 0xb0, 0xa2, 0xc7, 0xcf, 0x20, 0x94, 0xee, 0x20, 0xa2, 0xe6];
  const decoded = await page.evaluate((codes) => window.sunwi.decodeText(Uint8Array.from(codes)), bytes);
  expect(decoded).toEqual({ text: "똠방각하 뷁 €", encoding: "euc-kr" });
});
