// Makes src/api/schema.d.ts from an OpenAPI document on standard input; with --check only says whether it is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const file = fileURLToPath(new URL("../src/api/schema.d.ts", import.meta.url));
const head = "// Made from the OpenAPI document by `make schema`. Do not change it by hand.\n\n";

/** The document with one error answer per operation: all errors have the same shape, and 8 copies of it are noise. */
function withoutRepetition(document) {
  document.components.responses = {
    Error: {
      description: "An error.",
      content: { "application/json": { schema: { $ref: "#/components/schemas/ErrorBody" } } },
    },
  };
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations)) {
      for (const status of Object.keys(operation.responses)) {
        if (Number(status) >= 400) delete operation.responses[status];
      }
      operation.responses.default = { $ref: "#/components/responses/Error" };
    }
  }
  return document;
}

const document = withoutRepetition(JSON.parse(await text(process.stdin)));
const made = head + astToString(await openapiTS(document, { defaultNonNullable: false }));
if (!process.argv.includes("--check")) {
  writeFileSync(file, made);
} else if (readFileSync(file, "utf8") !== made) {
  console.error("ui/src/api/schema.d.ts is stale: the API has changed. Run `make schema`.");
  process.exit(1);
}
