import { createApp } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import '../staff/elements'
import './desk.css'
import Root from './Root.vue'

const router = createRouter({
  history: createWebHistory('/desk'),
  routes: [
    { path: '/', component: () => import('./Desk.vue') },
    { path: '/team', component: () => import('./Team.vue') },
    { path: '/:rest(.*)', redirect: '/' },
  ],
})
createApp(Root).use(router).mount('#app')
