import { createApp, Teleport, KeepAlive, TransitionGroup, h } from 'vue'
import { ElButton } from 'element-plus'
createApp({ setup: () => () => h('div', [h(Teleport, { to: 'body' }), h(KeepAlive), h(TransitionGroup), h(ElButton)]) }).mount('#app')
