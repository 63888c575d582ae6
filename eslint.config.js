import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["dist/", "lib/", "node_modules/", "e2e/output/", "e2e/sites/bundlers/*/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          "src/core/tsconfig.json",
          "src/model/tsconfig.json",
          "src/retrieval/tsconfig.json",
          "src/eval/tsconfig.json",
          "src/dataset/tsconfig.json",
          "src/endpoint/tsconfig.json",
          "src/tsconfig.json",
          "worker/tsconfig.json",
          "compiler/tsconfig.json",
          "e2e/tsconfig.json",
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "no-console": "error",
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 50, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 12],
    },
  },
  {
    files: ["**/*.test.ts", "e2e/**/*.ts", "compiler/**/*.ts"],
    rules: { "no-console": "off", "max-lines": "off", "max-lines-per-function": "off" },
  },
);
