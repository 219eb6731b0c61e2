import { onBeforeUnmount, onMounted } from 'vue'

/** Gives the page the height above the on-screen keyboard, on the phones where the viewport does not shrink by itself. */
export function useViewport(): void {
  const view = window.visualViewport
  function fit(): void {
    if (!view || view.scale !== 1) return
    const isCovered = window.innerHeight - view.height > 60
    document.documentElement.style.setProperty('--page', isCovered ? `${view.height}px` : '100dvh')
    if (isCovered) window.scrollTo(0, 0)
  }
  onMounted(() => view?.addEventListener('resize', fit))
  onBeforeUnmount(() => view?.removeEventListener('resize', fit))
}
