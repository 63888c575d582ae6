// webpack's own command line is another 40 packages.
import { cp } from "node:fs/promises";
import webpack from "webpack";

await cp("index.html", "dist/index.html");
webpack({ mode: "production", entry: "./main.js" }, (error, stats) => {
  console.log(error ?? stats.toString());
  if (error || stats.hasErrors()) process.exit(1);
});
