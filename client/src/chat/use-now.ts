import { onScopeDispose, shallowRef } from 'vue'

/** The time, good to half a minute: for words such as "Today". */
export function useNow() {
  const now = shallowRef(new Date())
  const timer = setInterval(() => (now.value = new Date()), 30_000)
  onScopeDispose(() => clearInterval(timer))
  return now
}
