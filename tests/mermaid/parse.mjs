// Parses Mermaid files with mermaid itself. One line for each that it refuses; then the exit code is 1.
//
//     node parse.mjs FILE...
import { readFile } from "node:fs/promises";
import DOMPurify from "dompurify";

// mermaid cleans texts for a page, and there is no page here: nothing is drawn.
DOMPurify.sanitize = (text) => text;
DOMPurify.addHook = () => {};

const { default: mermaid } = await import("mermaid");
let refused = 0;
for (const path of process.argv.slice(2)) {
  try {
    const { diagramType } = await mermaid.parse(await readFile(path, "utf8"));
    if (diagramType !== "flowchart-v2") throw new Error(`is read as ${diagramType}`);
  } catch (error) {
    refused += 1;
    console.error(`${path}: ${String(error.message).split("\n").join(" ")}`);
  }
}
process.exit(refused ? 1 : 0);
