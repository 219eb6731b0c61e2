import { onBeforeUnmount, onMounted, type Ref } from 'vue'

const takesKeys = 'input, textarea, select, [contenteditable], dialog'

/** Typing a character anywhere on the page puts it into the box, unless something else there takes keys. */
export function useTypeAnywhere(box: Ref<HTMLElement | null>): void {
  function onKey(event: KeyboardEvent): void {
    const isCharacter = event.key.length === 1 && event.key !== ' '
    if (!isCharacter || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    const isTaken = event.target instanceof Element && event.target.closest(takesKeys)
    if (!isTaken && !document.querySelector('dialog[open]')) box.value?.focus()
  }
  onMounted(() => document.addEventListener('keydown', onKey))
  onBeforeUnmount(() => document.removeEventListener('keydown', onKey))
}
