/** `npm run screenshot`: the README's picture, taken of the built app after a search. */
import { join } from "node:path";
import { build } from "vite";
import { PROJECT_ROOT } from "./build-page.ts";
import { launchChromium } from "./chromium.ts";
import { serveStatic } from "./static-server.ts";

const OUTPUT = join(PROJECT_ROOT, ".github/screenshot.png");
const QUESTION = "VPN error 812 뜨는데 어떻게 해결해요?";

await build({ root: PROJECT_ROOT, logLevel: "warn" });
const server = await serveStatic({ roots: [join(PROJECT_ROOT, "dist")] });
const browser = await launchChromium("none");
try {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 1000 },
    locale: "ko-KR",
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  await page.goto(server.url);
  await page.getByRole("searchbox", { name: "검색어" }).fill(QUESTION);
  await page.keyboard.press("Enter");
  await page.getByRole("status").filter({ hasText: "다시 정렬했습니다" }).waitFor({ state: "attached" });
  await page.evaluate(() => {
    scrollTo(0, 0);
  });
  await page.screenshot({ path: OUTPUT });
  console.log(OUTPUT);
} finally {
  await browser.close();
  await server.close();
}
