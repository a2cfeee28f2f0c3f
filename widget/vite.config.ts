import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Vite wraps every import() in 1.5 kB that fetches a chunk's styles first; we have one chunk, and it has none. */
const plainDynamicImport: Plugin = {
  name: "plain-dynamic-import",
  apply: "build",
  enforce: "pre",
  load: (id) =>
    id.includes("vite/preload-helper") ? "export const __vitePreload = (load) => load();" : null,
};

// The page is served at /book/:slug but its files live under /widget/, so a CDN can hold them for ever.
// `npm run dev` serves the page itself at /book/:slug and sends everything else to a running server.
export default defineConfig(({ command }) => ({
  base: command === "build" ? "/widget/" : "/",
  plugins: [plainDynamicImport],
  build: {
    outDir: "dist/widget",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the page's content security policy allows no data: scripts or styles
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": process.env.SITE_URL ?? "http://localhost:8000" } },
  test: {
    environment: "node", // a test that needs a page asks for happy-dom in its first line
    environmentOptions: {
      // Frames are there, with a window of their own, but stay empty.
      happyDOM: {
        settings: { enableIframePageLoading: true, navigation: { disableChildFrameNavigation: true } },
      },
    },
  },
}));
