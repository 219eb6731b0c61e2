const quiet = () => {}

/** Stands in for `@azure/logger` in the page: nobody reads that log there, and it is 2 kB of the first load. */
export function createClientLogger() {
  return { error: quiet, warning: quiet, info: quiet, verbose: quiet }
}
