import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium, type Browser } from "@playwright/test";

const KNOWN_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** A Chromium of this machine: `SUNWI_CHROMIUM`, Playwright's own, or an installed one. */
export function findChromium(): string | undefined {
  const named = process.env["SUNWI_CHROMIUM"];
  return [named, chromium.executablePath(), ...KNOWN_PLACES].find((path) => path !== undefined && existsSync(path));
}

/**
 * Finds a Chromium, or installs one: by apt where this is root on a Debian, else by Playwright's download.
 * @throws Error saying what to install by hand
 */
export function ensureChromium(): string {
  const found = findChromium();
  if (found !== undefined) return found;
  for (const [command, ...args] of installers()) {
    console.log(`No Chromium found; running: ${[command, ...args].join(" ")}`);
    spawnSync(command, args, { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
    const installed = findChromium();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    "No Chromium could be found or installed. Install Chromium or Chrome, or set SUNWI_CHROMIUM to its executable.",
  );
}

function installers(): [string, ...string[]][] {
  const playwright: [string, ...string[]] = ["npx", "playwright", "install", "--with-deps", "--no-shell", "chromium"];
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return [playwright];
  return [["sh", "-c", "apt-get update && apt-get install -y chromium fonts-noto-cjk"], playwright];
}

/** `software-gpu` emulates a GPU on the CPU; `gpu` uses the machine's own, if any; `none` has no WebGPU. */
export type GpuMode = "none" | "gpu" | "software-gpu";

/** Command-line switches: quiet on the network, and WebGPU as asked. */
export function chromiumArgs(gpu: GpuMode): string[] {
  const webgpu = {
    none: [],
    gpu: ["--enable-unsafe-webgpu", "--enable-features=Vulkan", "--ignore-gpu-blocklist"],
    "software-gpu": ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  };
  return [
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--no-first-run",
    ...webgpu[gpu],
  ];
}

export function launchChromium(gpu: GpuMode): Promise<Browser> {
  return chromium.launch({ executablePath: ensureChromium(), args: chromiumArgs(gpu) });
}
