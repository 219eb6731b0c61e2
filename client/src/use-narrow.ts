import { onScopeDispose, ref } from 'vue'

/** Whether the page shows one pane at a time; the style sheets break at the same width. */
export function useNarrow() {
  const query = window.matchMedia('(width < 760px)')
  const isNarrow = ref(query.matches)
  const follow = () => (isNarrow.value = query.matches)
  query.addEventListener('change', follow)
  onScopeDispose(() => query.removeEventListener('change', follow))
  return isNarrow
}
