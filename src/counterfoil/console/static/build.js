// Builds what the browser runs: every source below, with the hash of its content in its name, packed, and the manifest
// that says which name is whose. `node build.js [directory]`
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "..", "built");
// A page that needs more than the console's own script and style names its entry here.
const ENTRIES = ["console.js", "console.css", "diagram.js", "diagram.css", "chart.js", "chart.css"];
const COPIED = ["icon.svg"];

const hashed = (name, content) => {
  const dot = name.lastIndexOf(".");
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  return `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
};

const result = await build({
  entryPoints: ENTRIES.map((name) => join(here, name)),
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  outdir: target,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  publicPath: "/console/static/",
  loader: { ".woff": "file", ".woff2": "file", ".ttf": "file", ".eot": "file", ".svg": "file" },
  legalComments: "none",
  metafile: true,
  write: false,
});

const manifest = {};
for (const [path, output] of Object.entries(result.metafile.outputs)) {
  if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(path);
}
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const files = result.outputFiles.map((file) => [basename(file.path), file.contents]);
for (const name of COPIED) {
  const content = readFileSync(join(here, name));
  manifest[name] = hashed(name, content);
  files.push([manifest[name], content]);
}
for (const [name, content] of files) {
  writeFileSync(join(target, name), content);
  if (/\.(js|css|svg)$/.test(name)) writeFileSync(join(target, `${name}.gz`), gzipSync(content, { level: 9 }));
}
writeFileSync(join(target, "manifest.json"), JSON.stringify(manifest, null, 1));
