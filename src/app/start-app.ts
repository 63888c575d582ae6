import { html, render } from "lit";
import type { App } from "./app.ts";
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
  render(html`<sunwi-app .app=${app}></sunwi-app>`, document.body);
  void afterPaint().then(async () => {
    await app.datasets.useSample();
    app.models.start();
  });
}

/** Resolves when what is on the page has been painted; a hidden page is not painted, and not kept waiting. */
function afterPaint(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) resolve();
    else requestAnimationFrame(() => setTimeout(resolve));
  });
}
