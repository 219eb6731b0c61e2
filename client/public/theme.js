// Runs before the first paint, so that a chosen theme does not flash. `src/theme/use-theme.ts` writes the choice.
try {
  const theme = localStorage.getItem('chatr.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is switched off: the system's theme stays.
}
