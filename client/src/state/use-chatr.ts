import { inject, type InjectionKey } from 'vue'
import type { Actions, AppState } from './types.ts'

export interface Chatr {
  readonly state: AppState
  readonly actions: Actions
}

export const chatrKey: InjectionKey<Chatr> = Symbol('chatr')

/** The one store of the page; `main.ts` provides it. */
export function useChatr(): Chatr {
  const chatr = inject(chatrKey)
  if (!chatr) throw new Error('useChatr() was called outside of the app')
  return chatr
}
