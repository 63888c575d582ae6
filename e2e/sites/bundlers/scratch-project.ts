/** Projects that have sunwi from a packed tarball, in a temporary folder, and the commands that run there. */
import { spawn, spawnSync } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../build-page.ts";
import { buildPackage, writeTypes } from "../../package/package-build.ts";

/** Builds and packs what would be published; `lib/` is left to `npm run build:package`. Answers the tarball's path. */
export async function packSunwi(workshop: string): Promise<string> {
  const staging = join(workshop, "staging");
  await mkdir(staging);
  for (const name of ["package.json", "README.md", "LICENSE"]) await cp(join(PROJECT_ROOT, name), join(staging, name));
  await buildPackage(join(staging, "lib"));
  await writeTypes(join(staging, "lib"));
  const printed = command(staging, "npm", ["pack", "--ignore-scripts", "--silent"]);
  return join(staging, printed.trim().split("\n").at(-1) ?? "");
}

/** A copy of the project of that name, its packages installed. Answers its folder. */
export async function installProject(workshop: string, name: string, tarball: string): Promise<string> {
  const folder = join(workshop, name);
  await cp(join(import.meta.dirname, name), folder, {
    recursive: true,
    filter: (path) => !/(node_modules|dist|\.next)$/.test(path),
  });
  await cp(tarball, join(folder, "sunwi.tgz"));
  command(folder, "npm", ["install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]);
  return folder;
}

const ENVIRONMENT = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };

/** @throws Error with all that the command printed, where it fails */
export function command(folder: string, name: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(name, args, { cwd: folder, encoding: "utf8", env: ENVIRONMENT });
  if (status === 0) return stdout;
  throw new Error(`${[name, ...args].join(" ")} failed.\n${String(error ?? "")}${stdout}${stderr}`);
}

/**
 * Runs a script of a package that serves, until `use` is done.
 * @param argsFor its arguments for a port
 */
export async function whileServing<T>(
  folder: string,
  argsFor: (port: string) => readonly string[],
  use: (url: string) => Promise<T>,
): Promise<T> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}/`;
  const server = spawn(process.execPath, argsFor(port), { cwd: folder, env: ENVIRONMENT });
  let printed = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => (printed += String(text)));
  const ended = new Promise((resolve) => server.once("exit", resolve));
  try {
    for (let tries = 0; !(await answers(url)); tries += 1) {
      if (tries === 100 || server.exitCode !== null) throw new Error(`No server at ${url}:\n${printed}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const used = await use(url);
    if (/error/i.test(printed)) throw new Error(`The server complained:\n${printed}`);
    return used;
  } finally {
    server.kill();
    await ended;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
