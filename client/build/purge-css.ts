import { PurgeCSS } from 'purgecss'
import type { Plugin } from 'vite'

/** Attributes that scripts set at run time, so that no template names them. */
const runtimeAttributes = ['data-theme', 'open', 'aria-current', 'aria-selected', 'aria-pressed', 'hidden', 'disabled']

/** Takes out of the built style sheets what no page and no script mentions. Our own variables always stay. */
export function purgeCss(): Plugin {
  return {
    name: 'chatr:purge-css',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_options, bundle) {
      const files = Object.values(bundle)
      const content = files.flatMap((file) => {
        if (file.type === 'chunk') return [{ raw: file.code, extension: 'js' }]
        return file.fileName.endsWith('.html') ? [{ raw: String(file.source), extension: 'html' }] : []
      })
      for (const file of files) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue
        const [purged] = await new PurgeCSS().purge({
          content,
          css: [{ raw: String(file.source) }],
          variables: true,
          dynamicAttributes: runtimeAttributes,
          safelist: { variables: [/^--(?!bulma-)/], deep: [/^:/], greedy: [/data-v-/] },
        })
        if (purged) file.source = purged.css
      }
    },
  }
}
