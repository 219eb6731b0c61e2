import { readonly, ref } from 'vue'

export type Theme = 'system' | 'light' | 'dark'

/** `public/theme.js` reads the same key before the first paint. */
const storageKey = 'chatr.theme'
const isTheme = (value: unknown): value is Theme => value === 'light' || value === 'dark' || value === 'system'

/** Storage may be switched off; then a choice lasts as long as the page. */
function readChoice(): Theme {
  try {
    const stored = localStorage.getItem(storageKey)
    return isTheme(stored) ? stored : 'system'
  } catch {
    return 'system'
  }
}

function writeChoice(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(storageKey)
    else localStorage.setItem(storageKey, theme)
  } catch {
    // Nothing to remember it in.
  }
}

/** Colours the browser's own frame after the side bar. */
function paintFrame(): void {
  const side = getComputedStyle(document.documentElement).getPropertyValue('background-color')
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.dataset['system'] ??= meta.content
    meta.content = document.documentElement.dataset['theme'] ? side : meta.dataset['system']
  }
}

function changeAtOnce(): void {
  document.documentElement.dataset['still'] = ''
  requestAnimationFrame(() => requestAnimationFrame(() => delete document.documentElement.dataset['still']))
}

/** The theme that this device chose, and how to choose another. It is applied at once and remembered. */
export function useTheme() {
  const theme = ref<Theme>(readChoice())
  function choose(next: Theme): void {
    theme.value = next
    writeChoice(next)
    if (next === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = next
    changeAtOnce()
    paintFrame()
  }
  return { theme: readonly(theme), choose }
}
