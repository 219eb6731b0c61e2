/** How the keys that open "Find or jump to" are written on this machine. */
export const findShortcut = /Mac|iP(?:hone|ad)/.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K'
