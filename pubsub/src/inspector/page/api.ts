export type Outcome<Answer> = { ok: true; answer: Answer } | { ok: false; error: string }

/** Asks the inspector's server to do something. What it refuses, and that it is not there, is a sentence. */
export async function post<Answer = unknown>(action: string, body: object): Promise<Outcome<Answer>> {
  const response = await fetch(`/inspector/api/${action}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }).catch((error: unknown) => {
    // a fetch rejects so when nobody answers
    if (error instanceof TypeError) return undefined
    throw error
  })
  if (!response) return { ok: false, error: 'The service does not answer.' }
  const text = await response.text()
  if (!response.headers.get('content-type')?.startsWith('application/json')) return { ok: false, error: text }
  // the server's own words, in the shape that its actions give them
  const answer = JSON.parse(text) as Answer & { error?: string }
  return response.ok ? { ok: true, answer } : { ok: false, error: answer.error ?? response.statusText }
}

/** What was typed, as the server sends it on: JSON where it is meant as such. `undefined` when it is not JSON. */
export function readMessage(dataType: string, text: string): { dataType: 'text' | 'json'; data: unknown } | undefined {
  if (dataType !== 'json') return { dataType: 'text', data: text }
  try {
    return { dataType: 'json', data: JSON.parse(text) as unknown }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
