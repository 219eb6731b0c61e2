import { brotliCompressSync } from 'node:zlib'

export interface FirstLoad {
  files: { path: string; bytes: number }[]
  totalKb: number
}

/** What a browser that has nothing yet transfers for the first page, compressed as it is served: page, scripts, styles, font. */
export async function measureFirstLoad(base: string, cookie: string): Promise<FirstLoad> {
  const get = async (path: string) => {
    const answer = await fetch(base + path, { headers: { cookie, 'accept-encoding': 'br' }, decompress: false })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
    return { answer, bytes: new Uint8Array(await answer.arrayBuffer()) }
  }
  const page = await (await fetch(`${base}/`, { headers: { cookie } })).text()
  const paths = new Set(
    [...page.matchAll(/<(?:script|link)[^>]+(?:src|href)="(\/[^"]+)"/g)]
      .filter(([tag]) => !/rel="(?:manifest|icon|apple-touch-icon)"/.test(tag))
      .map(([, path]) => path ?? ''),
  )
  const files = [{ path: '/', bytes: brotliCompressSync(page).byteLength }]
  for (const path of paths) files.push({ path, bytes: (await get(path)).bytes.byteLength })
  return { files, totalKb: files.reduce((sum, { bytes }) => sum + bytes, 0) / 1000 }
}
