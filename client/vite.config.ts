/// <reference types="node" />
import vue from '@vitejs/plugin-vue'
import { defineConfig, loadEnv } from 'vite'
import { compress } from './build/compress.ts'
import { narrowFont } from './build/narrow-font.ts'
import { preloadFont } from './build/preload-font.ts'
import { purgeCss } from './build/purge-css.ts'
import manifest from './package.json' with { type: 'json' }

/** What the page asks of the server. The Host header is kept: sign-in redirects are made from it. */
function proxyTo(target: string) {
  return {
    '/api': { target },
    '/assets': { target }, // of the built pages that the server serves by itself, such as the emulated sign-in
    '/.auth': { target },
    '/client': { target, ws: true },
  }
}

export default defineConfig(({ mode }) => {
  const env = loadEnv(mode, import.meta.dirname, 'CHATR_')
  return {
    root: import.meta.dirname,
    plugins: [vue(), purgeCss(), narrowFont(), preloadFont(), compress()],
    // Bulma is written for the Sass of its day; it is not ours to mend.
    css: { preprocessorOptions: { scss: { quietDeps: true, silenceDeprecations: ['if-function'] } } },
    define: {
      __APP_VERSION__: JSON.stringify(manifest.version),
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    build: {
      target: ['chrome123', 'firefox128', 'safari17.5'],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: { main: 'index.html', login: 'login.html', emulated: 'emulated.html' } },
    },
    server: { proxy: proxyTo(env['CHATR_DEV_SERVER'] ?? 'http://127.0.0.1:4281') },
  }
})
