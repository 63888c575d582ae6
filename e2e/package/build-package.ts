/** `npm run build:package`: writes the npm package into `lib/`. */
import { join } from "node:path";
import { PROJECT_ROOT } from "../build-page.ts";
import { buildPackage, writeTypes } from "./package-build.ts";

const folder = join(PROJECT_ROOT, "lib");
await buildPackage(folder);
await writeTypes(folder);
