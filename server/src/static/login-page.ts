export interface LoginOffer {
  /** Values of `data-provider` that can be used here. */
  providers: readonly string[]
  isEmulated: boolean
}

/**
 * The sign-in page without the ways that are not open: elements marked `data-provider` with another provider go, and
 * elements marked `data-emulated` stay only where sign-in is emulated.
 */
export function tailorLoginPage(html: string, { providers, isEmulated }: LoginOffer): string {
  return new HTMLRewriter()
    .on('[data-provider]', {
      element(element) {
        if (!providers.includes(element.getAttribute('data-provider') ?? '')) element.remove()
      },
    })
    .on('[data-emulated]', {
      element(element) {
        if (!isEmulated) element.remove()
      },
    })
    .transform(html)
}
