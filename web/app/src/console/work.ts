import { onUnmounted, ref, type Ref } from 'vue'
import { problem } from '../shared/api'
import { type Progress, stream } from '../shared/stream'

/** One long piece of work of a page: its progress, its result, its failure. It ends with the page. */
export function useWork<T>(path: string): {
  progress: Ref<Progress | undefined>
  result: Ref<T | undefined>
  failure: Ref<string>
  run: (body: unknown) => Promise<void>
  stop: () => void
} {
  const progress = ref<Progress>()
  const result = ref<T>() as Ref<T | undefined>
  const failure = ref('')
  let leave: AbortController | undefined
  async function run(body: unknown): Promise<void> {
    leave?.abort()
    const mine = new AbortController()
    leave = mine
    failure.value = ''
    result.value = undefined
    progress.value = { step: '正在准备', done: 0, of: 0 }
    try {
      const answer = await stream<T>(path, body, (now) => mine === leave && (progress.value = now), mine.signal)
      if (mine === leave) result.value = answer
    } catch (error) {
      if (mine === leave && !mine.signal.aborted) failure.value = problem(error)
    } finally {
      if (mine === leave) progress.value = undefined
    }
  }
  const stop = () => leave?.abort()
  onUnmounted(stop)
  return { progress, result, failure, run, stop }
}
