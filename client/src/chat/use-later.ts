import { onScopeDispose, ref, watch } from 'vue'

/** True once `condition` has held for `delayMs` without a break; what is over sooner is never shown. */
export function useLater(condition: () => boolean, delayMs: number) {
  const isLater = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    condition,
    (holds) => {
      clearTimeout(timer)
      isLater.value = false
      if (holds) timer = setTimeout(() => (isLater.value = true), delayMs)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return isLater
}
