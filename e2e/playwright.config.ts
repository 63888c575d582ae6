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
  // Long waits cost nothing where all is well: two browsers on two busy cores need minutes for what takes one seconds.
  timeout: 300_000,
  expect: { timeout: 100_000 },
  workers: 2,
  fullyParallel: true,
  forbidOnly: process.env["CI"] !== undefined,
  reporter: [["list"]],
  // No trace: recording one doubled the time of a test that loads models. `--trace on` asks for it.
  use: { locale: "ko-KR" },
  projects: [
    { name: "wasm", testIgnore: "**/*.webgpu.spec.ts", use: chromium("none") },
    { name: "webgpu", testMatch: "**/*.webgpu.spec.ts", use: chromium("software-gpu") },
  ],
});
