/** The conversation is the largest part of the client and not needed for the list: it comes by itself, once. */
export const loadConversation = () => import('./ConversationPane.vue')
