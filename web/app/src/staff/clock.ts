import { onUnmounted, ref, type Ref } from 'vue'

/** The time in seconds, ticking once a second while the component lives. */
export function useNow(): Ref<number> {
  const now = ref(Date.now() / 1000)
  const timer = setInterval(() => (now.value = Date.now() / 1000), 1000)
  onUnmounted(() => clearInterval(timer))
  return now
}
