/** Registers the embed view, and the element itself, apart from the rest. */
import { createLibrary } from "../../library/library.ts";
import { SunwiRerank } from "../../widget/rerank-element.ts";
import { embeddedModel } from "../models.ts";
import { EmbedSite } from "./embed-site.ts";
import { EmbedView } from "./embed-view.ts";
import { EndpointPanel } from "./endpoint-panel.ts";

const library = createLibrary({ defaultModel: () => ({ modelUrl: embeddedModel(location.href).url }) });
SunwiRerank.loadLibrary = () => Promise.resolve(library);

customElements.define("sunwi-rerank", SunwiRerank);
customElements.define("sunwi-embed-site", EmbedSite);
customElements.define("sunwi-endpoint", EndpointPanel);
customElements.define("sunwi-embed", EmbedView);
