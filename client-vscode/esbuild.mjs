/** Makes `dist/extension.js`; with `--tests`, `dist/test/*.test.js` for `node --test`. */
import { build } from "esbuild";
import { globSync } from "node:fs";

const tests = process.argv.includes("--tests");

await build({
  entryPoints: tests ? globSync("test/*.test.ts") : ["src/extension.ts"],
  outdir: tests ? "dist/test" : "dist",
  outExtension: tests ? { ".js": ".cjs" } : {},
  external: ["vscode"],
  platform: "node",
  format: "cjs",
  target: "node20",
  bundle: true,
  minify: !tests,
  sourcemap: tests ? "inline" : false,
  logLevel: "warning",
});
