import { carryTarget, refusalIn } from './sign-in-links.ts'

const target = new URLSearchParams(location.search).get('post_login_redirect_uri')
for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="/.auth/login/"]')) {
  link.href = carryTarget(link.getAttribute('href') ?? '', target, location.origin)
}
for (const form of document.querySelectorAll<HTMLFormElement>('form[action^="/.auth/login/"]')) {
  form.action = carryTarget(form.getAttribute('action') ?? '', target, location.origin)
}

const refusal = refusalIn(location.search)
const place = document.querySelector<HTMLElement>('[data-refusal]')
if (refusal && place) {
  place.textContent = refusal
  place.hidden = false
  document.querySelector<HTMLInputElement>('input[name="name"]')?.focus()
}
