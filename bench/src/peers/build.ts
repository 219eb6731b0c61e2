import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Programs } from './target.ts'

const flags = ['-std=gnu17', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror']
const sources: Record<keyof Programs, string[]> = {
  bare: ['servers/bare.c', 'servers/accept.c'],
  echo: ['servers/echo.c'],
  listen: ['servers/listen.c'],
  load: ['load', 'plan', 'conn', 'frames', 'http', 'run', 'stats'].map((name) => `load/${name}.c`),
}

/** Compiles what is in C into the folder. Throws with what the compiler says. */
export function buildPrograms(folder: string): Programs {
  const program = (name: keyof Programs) => compile(folder, name)
  return { bare: program('bare'), echo: program('echo'), listen: program('listen'), load: program('load') }
}

function compile(folder: string, name: keyof Programs): string {
  const output = join(folder, name)
  const files = sources[name].map((file) => fileURLToPath(new URL(file, import.meta.url)))
  const { status, stderr, error } = spawnSync('gcc', [...flags, '-o', output, ...files], { encoding: 'utf8' })
  if (error) throw new Error('the bench needs gcc: apt-get install -y gcc libc6-dev', { cause: error })
  if (status !== 0) throw new Error(stderr)
  return output
}
