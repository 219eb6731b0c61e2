'use strict'

const { existsSync, statSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname, join } = require('node:path')

const requireHere = createRequire(__filename)
/** What stands in its place until the package's install script has run is a few words. */
const smallestBinary = 1_000_000

/**
 * The path of the `bun` binary that came with the npm package `bun`. Where install scripts are not run, that of the
 * package for this platform is found instead. Throws one line that says what to do.
 */
exports.findBun = function findBun() {
  if (process.versions.bun) return process.execPath
  const found = candidates().find((file) => existsSync(file) && statSync(file).size > smallestBinary)
  if (found) return found
  throw new Error(
    `chatr-pubsub needs the npm package "bun", which has no binary here for ${process.platform} ${process.arch}; ` +
      'install again with optional dependencies (npm install --include=optional)',
  )
}

function candidates() {
  const bun = folderOf('bun', requireHere)
  if (!bun) return []
  // the platform's package is a dependency of `bun`, so it is looked for from there
  const requireThere = createRequire(join(bun, 'package.json'))
  const isMusl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime
  const platform = `@oven/bun-${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const own = folderOf(isMusl ? `${platform}-musl` : platform, requireThere)
  const ownNames = ['bun', 'bun.exe'].map((name) => own && join(own, 'bin', name))
  return [join(bun, 'bin', 'bun.exe'), ...ownNames].filter((file) => file !== undefined)
}

function folderOf(name, require) {
  try {
    return dirname(require.resolve(`${name}/package.json`))
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}
