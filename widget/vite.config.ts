import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Vite wraps every import() in 1.5 kB that fetches what a file needs first; ours bring their style sheets themselves. And
 * what a file exports under its own names it exports once more as one object, if another file needs some of it. */
const plainDynamicImport: Plugin = {
  name: "plain-dynamic-import",
  apply: "build",
  enforce: "pre",
  load: (id) =>
    id.includes("vite/preload-helper") ? "export const __vitePreload = (load) => load();" : null,
  renderChunk: (code) =>
    code
      .replace(
        /__vitePreload\(\(\) => (import\([^)]*\))(?:\.then\(\(n\) => n\.t\))?, __VITE_PRELOAD__\)/g,
        "$1",
      )
      .replace(/, \w+_exports as t\b/, ""),
};

// The page is served at /book/:slug but its files live under /widget/, so a CDN can hold them for ever.
// `npm run dev` serves the page itself at /book/:slug and sends everything else to a running server.
export default defineConfig(({ command }) => ({
  base: command === "build" ? "/widget/" : "/",
  plugins: [plainDynamicImport],
  // Smaller than calls of the JSX runtime.
  oxc: {
    jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment" },
    jsxInject: 'import { h, Fragment } from "preact"',
  },
  build: {
    outDir: "dist/widget",
    emptyOutDir: true,
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"], // so that light-dark() stays as it is
    assetsInlineLimit: 0, // the page's content security policy allows no data: scripts or styles
    modulePreload: { polyfill: false },
    minify: "terser", // smaller than Vite's own by 1 %
    terserOptions: {
      module: true,
      ecma: 2020,
      compress: {
        passes: 3,
        pure_getters: true,
        unsafe: true, // the built-in functions are the browser's own
        unsafe_arrows: true,
        unsafe_methods: true,
        keep_fargs: false,
      },
    },
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
