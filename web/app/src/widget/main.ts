import { createApp } from 'vue'
import { guessLanguage, isLanguage } from '../shared/i18n'
import { openStore } from '../shared/storage'
import App from './App.vue'
import { speak } from './text'
import './widget.css'

const store = openStore()
const saved = store.get('yinda.lang')
const lang = isLanguage(saved) ? saved : guessLanguage(navigator.languages)

// The dictionary comes first: a page that changes its language after a moment is a flash.
speak(lang)
  .catch(() => {})
  .then(() => createApp(App, { store, lang }).mount('#app'))
