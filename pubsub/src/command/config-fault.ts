/** Why a file of the configuration could not be used, as the end of a sentence. Throws what is no such fault. */
export function describeConfigFault(error: unknown): string {
  // the words of JSON.parse hold pieces of the text, which may be of a key
  if (error instanceof SyntaxError) return `is not JSON: ${error.message.replaceAll(/identifier ".*"/g, 'identifier')}`
  if (!(error instanceof Error) || !('code' in error)) throw error
  return `cannot be read: ${reasons[String(error.code)] ?? error.message}`
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'this account may not read it',
  EISDIR: 'it is a folder',
}
