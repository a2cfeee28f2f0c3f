import { defineConfig } from "vite";

// The loader is one classic script at a fixed address, because tradies paste that address into their own pages.
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: "es2022",
    minify: "terser", // as of the widget
    terserOptions: { ecma: 2020, compress: { passes: 3, unsafe_arrows: true } },
    lib: { entry: "embed.ts", name: "PeepoPay", formats: ["iife"], fileName: () => "embed.js" },
  },
});
