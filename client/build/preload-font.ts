import type { Plugin } from 'vite'

const firstFont = /inter-latin-wght-normal.*\.woff2$/

/** Asks the browser for the text's font before it has read the style sheet. */
export function preloadFont(): Plugin {
  return {
    name: 'chatr:preload-font',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const font = Object.keys(bundle ?? {}).find((name) => firstFont.test(name))
        if (!font) throw new Error('the build holds no latin Inter to preload')
        const attrs = { rel: 'preload', href: `/${font}`, as: 'font', type: 'font/woff2', crossorigin: '' }
        return [{ tag: 'link', attrs, injectTo: 'head-prepend' }]
      },
    },
  }
}
