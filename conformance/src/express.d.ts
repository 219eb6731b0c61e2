/** The little of express 5 that the suite uses; the package brings no types of its own. */
declare module 'express' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface Application {
    (request: IncomingMessage, response: ServerResponse): void
    use(middleware: unknown): void
  }
  export default function express(): Application
}
