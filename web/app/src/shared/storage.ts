/** What we need of localStorage. */
export interface Store {
  get(key: string): string | null
  set(key: string, value: string): void
  remove(key: string): void
  /** False when everything is forgotten with the page: worth telling the customer. */
  readonly lasting: boolean
}

export function memoryStore(): Store {
  const values = new Map<string, string>()
  return {
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
    remove: (key) => void values.delete(key),
    lasting: false,
  }
}

/**
 * localStorage where the browser lets us. In a third-party iframe even reading the property may
 * throw, and a full disk makes setItem throw: then the values live as long as the page.
 */
export function openStore(): Store {
  const memory = memoryStore()
  let disk: Storage
  try {
    disk = window.localStorage
    disk.setItem('yinda.probe', '1')
    disk.removeItem('yinda.probe')
  } catch {
    return memory
  }
  return {
    get: (key) => memory.get(key) ?? disk.getItem(key),
    set(key, value) {
      try {
        disk.setItem(key, value)
        memory.remove(key)
      } catch {
        memory.set(key, value)
      }
    },
    remove(key) {
      memory.remove(key)
      disk.removeItem(key)
    },
    lasting: true,
  }
}
