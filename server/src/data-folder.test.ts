import { afterEach, beforeEach, describe, expect, it } from 'bun:test'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDataFolder } from './data-folder.ts'
import { openSecrets } from './secrets.ts'
import { makeTempFolder } from './testing.ts'

let parent: string
beforeEach(() => {
  parent = makeTempFolder()
})
afterEach(() => rmSync(parent, { recursive: true }))

const modeOf = (path: string) => statSync(path).mode & 0o777

describe('the data folder', () => {
  it('is made for its owner alone, and so are its files', () => {
    const folder = openDataFolder(join(parent, 'a/b'))
    expect(modeOf(folder.path)).toBe(0o700)
    expect(modeOf(folder.privateFile('x.sqlite'))).toBe(0o600)
    folder.release()
  })

  it('is for one Chatr at a time, and for the next one afterwards', () => {
    const first = openDataFolder(join(parent, 'data'))
    expect(() => openDataFolder(first.path)).toThrow(/another Chatr is running on the folder/)
    first.release()
    openDataFolder(first.path).release()
  })

  it('is refused in one line where it cannot be made', () => {
    writeFileSync(join(parent, 'file'), '')
    expect(() => openDataFolder(join(parent, 'file/data'))).toThrow(/^CHATR_DATA: the folder .* cannot be used: .*$/)
  })
})

describe('the secrets', () => {
  it('are made once, long, different, and for their owner alone', () => {
    const secrets = openSecrets(parent)
    const all = [secrets.sessionKey, ...secrets.pubsubKeys]
    expect(all.every((key) => Buffer.from(key, 'base64url').length >= 32)).toBe(true)
    expect(new Set(all).size).toBe(3)
    expect(modeOf(join(parent, 'secrets.json'))).toBe(0o600)
    expect(existsSync(join(parent, 'secrets.json.new'))).toBe(false)
    expect(openSecrets(parent)).toEqual(secrets)
  })

  it('are not replaced when the file is damaged, and not quoted either', () => {
    const file = join(parent, 'secrets.json')
    for (const damaged of ['{"sessionKey": "precious', '{"sessionKey": "precious", "pubsubKeys": []}', '']) {
      writeFileSync(file, damaged)
      expect(() => openSecrets(parent)).toThrow(/are damaged/)
      expect(() => openSecrets(parent)).not.toThrow(/precious/)
      expect(readFileSync(file, 'utf8')).toBe(damaged)
    }
  })
})
