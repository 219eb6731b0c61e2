import './theme/index.ts'
import { createApp } from 'vue'
import App from './App.vue'
import { loadConversation } from './chat/load-conversation.ts'
import { loadPrincipal } from './connection/http-api.ts'
import { chatIdOf } from './list/route.ts'
import { createChatr } from './state/create-chatr.ts'
import { chatrKey } from './state/use-chatr.ts'

async function start(): Promise<void> {
  // At the same time as the question who is there; elsewhere it comes when somebody reaches for the list.
  if (chatIdOf(location.pathname)) void loadConversation()
  const me = await loadPrincipal()
  if (!me) {
    location.replace(`/login.html?post_login_redirect_uri=${encodeURIComponent(location.pathname)}`)
    return
  }
  const chatr = createChatr({ me })
  createApp(App).provide(chatrKey, chatr).mount('#app')
  void chatr.start()
}

void start()
