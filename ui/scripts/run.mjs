// Runs a TypeScript script of this folder with what Vite brings along: `node scripts/run.mjs NAME ARGS…`. Node 20 does
// not read TypeScript, and one more tool for it would be one more dependency.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [name, ...args] = process.argv.slice(2);
const file = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
const { module } = await runnerImport(file, { configFile: false, logLevel: 'error' });
await module.run(args);
