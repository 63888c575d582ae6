import { defineConfig } from "@playwright/test";
import { chromiumArgs, findChromium, type GpuMode } from "./chromium.ts";

const executablePath = findChromium();
const chromium = (gpu: GpuMode) => ({
  launchOptions: { args: chromiumArgs(gpu), ...(executablePath !== undefined && { executablePath }) },
});

export default defineConfig({
  testDir: ".",
  outputDir: "output",
  globalSetup: "./build-for-tests.ts",
  // The slowest step is the emulated GPU's shader compilation, several seconds on two cores.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  workers: 2,
  forbidOnly: process.env["CI"] !== undefined,
  reporter: [["list"]],
  use: { locale: "ko-KR", trace: "retain-on-failure" },
  projects: [
    { name: "wasm", testIgnore: "**/*.webgpu.spec.ts", use: chromium("none") },
    { name: "webgpu", testMatch: "**/*.webgpu.spec.ts", use: chromium("software-gpu") },
  ],
});
