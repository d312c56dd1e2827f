import { createApp } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import '../staff/elements'
import './console.css'
import Root from './Root.vue'

const router = createRouter({
  history: createWebHistory('/console'),
  routes: [
    { path: '/', redirect: '/items/entry' },
    { path: '/items/:kind', component: () => import('./Items.vue'), props: true },
    { path: '/items/:kind/new', component: () => import('./ItemPage.vue'), props: (route) => ({ kind: route.params.kind, id: '' }) },
    { path: '/items/:kind/:id', component: () => import('./ItemPage.vue'), props: true },
    { path: '/publish', component: () => import('./Publish.vue') },
    { path: '/unanswered', component: () => import('./Unanswered.vue') },
    { path: '/debrief', component: () => import('./Debrief.vue') },
    { path: '/pairs', component: () => import('./Pairs.vue') },
    { path: '/words', component: () => import('./Words.vue') },
    { path: '/admin/users', component: () => import('./Users.vue') },
    { path: '/admin/audit', component: () => import('./Audit.vue') },
    { path: '/admin', redirect: '/admin/users' },
    { path: '/:rest(.*)', redirect: '/' },
  ],
})
createApp(Root).use(router).mount('#app')
