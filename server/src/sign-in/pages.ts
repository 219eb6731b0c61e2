import { readFileSync } from 'node:fs'
import type { EmulatedProvider } from '../config.ts'

export const providerNames: Record<EmulatedProvider, string> = { github: 'GitHub', aad: 'Microsoft', twitter: 'X' }

/** Where the pages below find their style: the content security policy allows none inside of them. */
export const stylePath = '/.auth/pages.css'

export function styleSheet(): Response {
  const css = readFileSync(new URL('pages.css', import.meta.url))
  return new Response(css, { headers: { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-cache' } })
}

/** A page that only says something. */
export function plainPage(status: number, title: string, text: string): Response {
  return page(title, `<p>${escapeHtml(text)}</p>\n    <p><a href="/">To Chatr</a></p>`, status)
}

function page(title: string, body: string, status: number): Response {
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escapeHtml(title)} – Chatr</title>
    <link rel="icon" href="/favicon.svg">
    <link rel="stylesheet" href="${stylePath}">
  </head>
  <body>
    <main>
    <h1>${escapeHtml(title)}</h1>
    ${body}
    </main>
  </body>
</html>
`
  return new Response(html, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  })
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (letter) => escapes[letter] ?? letter)
