import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = fileURLToPath(new URL(".", import.meta.url));
const server = process.env.COTERIE_URL ?? "http://127.0.0.1:8000";

/** Writes .gz and .br beside each text file of some size: the server sends them as they lie. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle)) {
        if (!/\.(js|css|svg|json)$/.test(name) || name === "manifest.json") continue;
        const path = join(options.dir ?? ".", name);
        const text = readFileSync(path);
        if (text.length < 1024) continue;
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(text));
      }
    },
  };
}

export default defineConfig(({ command }) => ({
  plugins: [react(), compressed()],
  base: command === "build" ? "/static/app/" : "/",
  resolve: { alias: { "@": join(here, "src") } },
  build: {
    outDir: join(here, "../src/coterie/web/static/app"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2023",
    // A file inlined as data: would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { main: join(here, "src/main.tsx"), boot: join(here, "src/boot.ts") } },
  },
  server: {
    // What jobs are told with is the server's, so that mails have the same words.
    fs: { allow: [here, join(here, "../src/coterie/jobs/words")] },
    // Host stays as the browser sent it, so that the origin of a request and its host agree.
    proxy: Object.fromEntries(["/api", "/_allauth", "/accounts", "/v1"].map((path) => [path, { target: server }])),
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    css: false,
    // Beside other work on two cores, what is imported first may take longer than the usual five seconds.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
}));
