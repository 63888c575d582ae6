/** Registers the workbench apart from the rest: the first search does not need it. */
import { WorkbenchInput } from "./workbench-input.ts";
import { WorkbenchPlots } from "./workbench-plots.ts";
import { WorkbenchQuestions } from "./workbench-questions.ts";
import { WorkbenchRemote } from "./workbench-remote.ts";
import { WorkbenchResult } from "./workbench-result.ts";
import { WorkbenchView } from "./workbench-view.ts";

customElements.define("sunwi-workbench-input", WorkbenchInput);
customElements.define("sunwi-workbench-plots", WorkbenchPlots);
customElements.define("sunwi-workbench-questions", WorkbenchQuestions);
customElements.define("sunwi-workbench-remote", WorkbenchRemote);
customElements.define("sunwi-workbench-result", WorkbenchResult);
customElements.define("sunwi-workbench", WorkbenchView);
