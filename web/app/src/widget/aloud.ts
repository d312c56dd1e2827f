import { type Component, shallowRef } from 'vue'

/** The read-aloud button, fetched when elderly mode is chosen: most customers never need it. */
export const aloud = shallowRef<Component>()

export async function loadAloud(): Promise<void> {
  aloud.value ??= (await import('./ReadAloud.vue')).default
}
