/** Registers the page's elements. */
import { AppShell } from "./app-shell.ts";
import { DatasetPanel } from "./dataset-panel.ts";
import { ModelPanel } from "./model-panel.ts";
import { PassagePanel } from "./passage-panel.ts";
import { SearchPanel } from "./search-panel.ts";
import { SearchResults } from "./search-results.ts";

customElements.define("sunwi-app", AppShell);
customElements.define("sunwi-dataset", DatasetPanel);
customElements.define("sunwi-model", ModelPanel);
customElements.define("sunwi-passages", PassagePanel);
customElements.define("sunwi-results", SearchResults);
customElements.define("sunwi-search", SearchPanel);
