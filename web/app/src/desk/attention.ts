import { ref, watch } from 'vue'
import { openStore } from '../shared/storage'

const store = openStore()
const title = document.title
let audio: AudioContext | undefined

export const soundOn = ref(store.get('yinda.desk.sound') !== '0')
watch(soundOn, (on) => store.set('yinda.desk.sound', on ? '1' : '0'))

/** How many wait, where an agent who works in another window sees it. */
export function showWaiting(count: number): void {
  document.title = count ? `(${count}) ${title}` : title
}

/** Two short tones for the queue, one for a message. Browsers allow sound after the first click only. */
export function ring(kind: 'message' | 'queue'): void {
  if (!soundOn.value) return
  try {
    audio ??= new AudioContext()
    const starts = kind === 'queue' ? [0, 0.18] : [0]
    for (const start of starts) {
      const tone = audio.createOscillator()
      const volume = audio.createGain()
      tone.frequency.value = kind === 'queue' ? 880 : 660
      volume.gain.value = 0.05
      tone.connect(volume).connect(audio.destination)
      tone.start(audio.currentTime + start)
      tone.stop(audio.currentTime + start + 0.1)
    }
  } catch {
    // No sound device: the title still says it.
  }
}
