import { onMounted, onUnmounted } from 'vue'

export const shortcuts = [
  { keys: 'n', what: '接待下一位' },
  { keys: 'j / k', what: '下一个 / 上一个会话' },
  { keys: 'r', what: '回复客户' },
  { keys: 'm', what: '写内部备注' },
  { keys: 't', what: '转接' },
  { keys: 'e', what: '结束会话' },
  { keys: 'Ctrl + Enter', what: '发送' },
  { keys: '/', what: '在回复框里调用话术' },
  { keys: 'Esc', what: '离开输入框' },
  { keys: '?', what: '显示本列表' },
]

/** Single keys, only while no field has the focus and no dialog is open. */
export function useShortcuts(actions: Record<string, () => void>): void {
  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return
    const target = event.target as HTMLElement
    if (target.closest('input, textarea, select, [contenteditable], [role="dialog"]')) return
    const action = actions[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }
  onMounted(() => window.addEventListener('keydown', press))
  onUnmounted(() => window.removeEventListener('keydown', press))
}
