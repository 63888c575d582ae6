/** How the app's specs find things on its page, and act on it. */
import type { Locator, Page } from "@playwright/test";

export const before = (page: Page): Locator => page.getByRole("region", { name: "리랭킹 전" });
export const after = (page: Page): Locator => page.getByRole("region", { name: "리랭킹 후" });
export const panel = (page: Page, name: string): Locator => page.getByRole("region", { name, exact: true });

export async function search(page: Page, query: string): Promise<void> {
  await page.getByRole("searchbox", { name: "검색어" }).fill(query);
  await page.getByRole("button", { name: "검색", exact: true }).click();
}

/** Drops a file on the page, as a hand with a mouse would. */
export async function drop(page: Page, name: string, content: string | Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, bytes]) => {
      const dropped = new DataTransfer();
      dropped.items.add(new File([Uint8Array.from(bytes)], fileName, { type: "text/csv" }));
      return dropped;
    },
    [name, [...Buffer.from(content)]] as const,
  );
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.locator("body").dispatchEvent(type, { dataTransfer: transfer });
  }
}

/** The line that tells that the reranked order is there. */
export const rerankedStatus = (page: Page): Locator =>
  page.getByRole("status").filter({ hasText: "다시 정렬했습니다" });

/** A model's card in the models view. */
export const card = (page: Page, name: string): Locator => page.getByRole("article", { name });

/** Drops files or folders of this machine on the page, as a hand with a mouse would. */
export async function dropPaths(page: Page, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
    // Chromium drops only where the page has said by then that it takes what hovers over it.
    await page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          requestAnimationFrame(() => {
            resolve();
          });
        }),
    );
  }
  await session.detach();
}
