/** Registers the models view apart from the rest: the first search does not need it. */
import { AddModel } from "./add-model.ts";
import { ModelCard } from "./model-card.ts";
import { ModelsView } from "./models-view.ts";

customElements.define("sunwi-add-model", AddModel);
customElements.define("sunwi-model-card", ModelCard);
customElements.define("sunwi-models", ModelsView);
