/** A note of the operating system. `tag`: a later one with the same replaces it. */
export interface Note {
  title: string
  text: string
  tag: string
  onClick: () => void
}

export interface Notifier {
  /** Shows nothing when the user has not allowed it. */
  show: (note: Note) => void
  ask: () => Promise<NotificationPermission | 'unsupported'>
}

export const browserNotifier: Notifier = {
  show({ title, text, tag, onClick }) {
    if (!isSupported() || Notification.permission !== 'granted') return
    try {
      const notification = new Notification(title, { body: text, tag })
      notification.addEventListener('click', () => {
        notification.close()
        onClick()
      })
    } catch {
      // Chrome on Android knows the constructor and throws: it wants a service worker. The pop-up is there anyway.
    }
  },
  ask: async () => (isSupported() ? Notification.requestPermission() : 'unsupported'),
}

const isSupported = () => 'Notification' in globalThis
