import { reactive, readonly } from 'vue'
import { ApiError, get, onSignedOut, post } from '../shared/api'
import type { Role, User } from '../shared/protocol'

const state = reactive<{ user: User | null; known: boolean; offline: boolean }>({ user: null, known: false, offline: false })

/** Who is signed in. `known` is false until the server said so: show nothing before. */
export const auth = readonly(state)

onSignedOut(() => (state.user = null))

export async function whoAmI(): Promise<void> {
  try {
    state.user = await get<User>('/api/me')
    state.offline = false
    state.known = true
  } catch (error) {
    state.offline = !(error instanceof ApiError && error.status === 401)
    state.known = !state.offline
    state.user = null
  }
}

export async function signIn(username: string, password: string): Promise<void> {
  await post('/api/login', { username, password })
  await whoAmI()
}

export async function signOut(): Promise<void> {
  await post('/api/logout').catch(() => {})
  state.user = null
}

export function may(...roles: Role[]): boolean {
  return state.user?.roles.some((role) => roles.includes(role)) ?? false
}
