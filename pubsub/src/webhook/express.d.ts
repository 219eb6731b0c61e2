/** The little of express 5 that the tests use; the package brings no types of its own. */
declare module 'express' {
  import type { RequestListener } from 'node:http'
  export default function express(): RequestListener & { use(middleware: unknown): void }
}
