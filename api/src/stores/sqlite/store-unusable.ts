/** The file cannot be this store's: damaged, somebody else's, or from a newer version. `message` is one line for a person. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable'
}
