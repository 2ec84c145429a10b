import { resolve } from "node:path";
import { defineConfig } from "vite";

const here = import.meta.dirname;
const service = process.env["MASTHEAD_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
    resolve: {
        alias: {
            // The client as it stands in this repository; elsewhere it would be a package.
            "masthead-client": resolve(here, "../../clients/typescript/src/index.ts"),
            "openapi-fetch": resolve(here, "node_modules/openapi-fetch"),
        },
    },
    build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
    ssr: { noExternal: true },
    server: { proxy: { "/v1": service, "/feeds": service, "/sitemaps": service, "/docs": service, "/openapi.json": service } },
});
