export type Encoding = 'br' | 'gzip'

const preference: readonly Encoding[] = ['br', 'gzip']

/** The encodings we have that the request takes, our favourite first. `q=0` is a no. */
export function acceptedEncodings(request: Request): Encoding[] {
  const weights = new Map(
    (request.headers.get('accept-encoding') ?? '').split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      return [name, Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)] as const
    }),
  )
  return preference.filter((encoding) => (weights.get(encoding) ?? weights.get('*') ?? 0) > 0)
}
