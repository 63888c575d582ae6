import { html, render } from "lit";
import type { App } from "./app.ts";
import type { LoadSentinel } from "./load-sentinel.ts";
import { messagesFor } from "./messages/messages-for.ts";

/** Shows the app on the page; then, once something is painted, fetches the sample, and after it the model. */
export function startApp(app: App): void {
  const reflect = (): void => {
    const { locale, theme } = app.preferences.value;
    const page = document.documentElement;
    page.lang = locale;
    document.title = messagesFor(locale).title;
    if (theme === "system") delete page.dataset["theme"];
    else page.dataset["theme"] = theme;
  };
  reflect();
  app.preferences.subscribe(reflect);
  tellOfVisibility(app.sentinel);
  render(html`<sunwi-app .app=${app}></sunwi-app>`, document.body);
  void afterPaint().then(() => app.endpoint.resume());
  void afterPaint().then(async () => {
    await app.datasets.useSample();
    // What else is on this device can wait until the model in use is there.
    await app.models.load().catch(() => undefined);
    void app.endpoint.prepareThreads();
    await app.library.refresh();
  });
}

/** A page in the background may be ended by the browser at any time, which says nothing against its model. */
function tellOfVisibility(sentinel: LoadSentinel): void {
  const tell = (): void => {
    if (document.hidden) sentinel.suspend();
    else void sentinel.resume();
  };
  tell();
  document.addEventListener("visibilitychange", tell);
  window.addEventListener("pagehide", () => {
    sentinel.suspend();
  });
  // From the browser's cache of pages a page may come back without having been hidden.
  window.addEventListener("pageshow", tell);
}

/** Resolves when what is on the page has been painted; a hidden page is not painted, and not kept waiting. */
function afterPaint(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) resolve();
    else requestAnimationFrame(() => setTimeout(resolve));
  });
}
