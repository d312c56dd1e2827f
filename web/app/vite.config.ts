import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/**
 * Gives the customer widget its own copies of Vue and of src/shared. Otherwise shared chunks would
 * hold the union of what widget, desk and console use of them (Vue alone about 40 KB gzipped), and
 * every customer would load what only the staff's pages need.
 */
function ownCopiesForWidget(): Plugin {
  const widget = resolve(import.meta.dirname, 'src/widget') + '/'
  const mark = '?widget'
  return {
    name: 'own-copies-for-widget',
    apply: 'build',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!importer || !(/^(vue$|@vue\/)/.test(source) || source.startsWith('.'))) return null
      if (!importer.endsWith(mark) && !importer.startsWith(widget)) return null
      const found = await this.resolve(source, importer.replace(/\?.*$/, ''), { ...options, skipSelf: true })
      if (!found || found.id.startsWith(widget) || found.id.includes('?')) return found
      return { ...found, id: found.id + mark, moduleSideEffects: false }
    },
    load(id) {
      if (!id.endsWith(mark)) return null
      const file = id.slice(0, -mark.length)
      return { code: readFileSync(file, 'utf8'), moduleType: file.endsWith('.ts') ? 'ts' : 'js' }
    },
  }
}

/**
 * Vite wraps every dynamic import in a helper that preloads stylesheets (0.7 KB gzipped). No page of
 * ours needs it: all styles are imported by the entries, which also means no flash of unstyled parts.
 */
function plainDynamicImport(): Plugin {
  return {
    name: 'plain-dynamic-import',
    apply: 'build',
    enforce: 'pre',
    load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load()' : null),
  }
}

/** `npm run dev` answers at the addresses of the Go server; /api and /ws go to a running one. */
function serverPaths(): Plugin {
  const pages: [RegExp, string][] = [[/^\/widget(?=$|\?)/, '/widget.html'], [/^\/desk(\/[\w/-]*)?(?=$|\?)/, '/desk.html'], [/^\/console(\/[\w/-]*)?(?=$|\?)/, '/console.html'], [/^\/embed\.js/, '/src/embed/embed.ts']]
  return {
    name: 'server-paths',
    apply: 'serve',
    configureServer(dev) {
      dev.middlewares.use((request, _, next) => {
        const [path, file] = pages.find(([pattern]) => pattern.test(request.url ?? '')) ?? []
        if (path && file) request.url = request.url!.replace(path, file)
        next()
      })
    },
  }
}

const server = process.env.YINDA_URL ?? 'http://127.0.0.1:8080'
const proxy = Object.fromEntries(['/api', '/ws'].map((path) => [path, { target: server, ws: true }]))

export default defineConfig({
  // Relative to the site's root: the Go server serves dist/ at "/".
  base: '/',
  plugins: [ownCopiesForWidget(), plainDynamicImport(), serverPaths(), vue()],
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  server: { proxy },
  build: {
    target: 'es2020',
    // The server's CSP allows no inline styles and no fonts from data: URLs.
    assetsInlineLimit: 0,
    modulePreload: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: {
        index: resolve(import.meta.dirname, 'index.html'),
        widget: resolve(import.meta.dirname, 'widget.html'),
        desk: resolve(import.meta.dirname, 'desk.html'),
        console: resolve(import.meta.dirname, 'console.html'),
        embed: resolve(import.meta.dirname, 'src/embed/embed.ts'),
      },
      output: {
        // The bank's page names embed.js for years; everything else may carry a hash.
        entryFileNames: (chunk) => (chunk.name === 'embed' ? 'embed.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
    restoreMocks: true,
  },
})
