import type { Messages } from "./ko.ts";

export const embed: Messages["embed"] = {
  heading: "Put it on your site",
  intro:
    "One tag gives the search that a site already has a better order. When it is late, or fails, the order stays as it was.",
  options: "Options",
  list: "Result list",
  listHelp: "A selector of the list",
  queryFrom: "Where the query is",
  queryFromHelp: "A selector of the search box, or a parameter of the address (?q)",
  items: "One result",
  itemsHelp: "Empty: the list’s children",
  text: "What to read",
  textHelp: "Empty: all text of a result",
  model: "Model",
  device: "Device",
  top: "Results to rerank",
  budget: "Time to wait (ms)",
  consent: "Ask before downloads over (MB)",
  showsRank: "Let results tell their former rank",
  appliesLate: "Show a new order that comes late, too",
  snippet: "Code for your page",
  copy: "Copy",
  copied: "Copied.",
  copyRefused: "The clipboard is not available. Select the code above and copy it.",
  hubModel:
    "ONNX models of the hub run on this page only. For a site, make a package with compile-model and put it on a server.",
  localModel:
    "A model that was imported from files has no address. Put its package folder on a server, and that address into the model attribute.",
  sources: [
    "Script and model files: after npm i sunwi, put all of node_modules/sunwi/lib on your server as /sunwi/. The standard model is in it.",
    'With a bundler (Vite, webpack, Next.js) one line will do: import "sunwi/element".',
    "For another model, put its package folder (with manifest.json) on a server and its address into the model attribute. Another origin needs CORS headers.",
  ],
  csp: "A site with a Content-Security-Policy needs the following; unsafe-eval is not needed.",
  site: "See it on a sample site",
  siteHelp: "A small site that searches the data in use, with exactly the options above.",
  siteSearch: "Search the site",
  fromReport: "Put this on a site",
};
