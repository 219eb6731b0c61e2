const names = new Map([
  ['github', 'GitHub'],
  ['aad', 'Microsoft'],
  ['twitter', 'X'],
  ['guest', 'Guest'],
])

/** How somebody signed in, in words; a provider we have no word for goes by its own. */
export const providerName = (provider: string) => names.get(provider) ?? provider
