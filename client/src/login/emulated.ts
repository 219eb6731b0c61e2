import { providerName } from '../icons/provider-name.ts'
import { refusalIn } from './sign-in-links.ts'

const provider = /^\/\.auth\/login\/([\w-]+)/.exec(location.pathname)?.[1]
const heading = document.querySelector('h1')
if (provider && heading) heading.textContent = `Development sign-in: ${providerName(provider)}`

const refusal = refusalIn(location.search)
const place = document.querySelector<HTMLElement>('[data-refusal]')
if (refusal && place) {
  place.textContent = refusal
  place.hidden = false
}
