import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// `npm run dev` serves the pages with hot reload and hands /api on to a running hub.
const hub = process.env.KAOPU_HUB ?? 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [vue()],
  build: {
    // Browsers on office machines and kiosks are often years old.
    target: ['chrome87', 'edge88', 'firefox78', 'safari14'],
    // Everything is a file below /assets: a Content-Security-Policy can forbid data: and inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Two documents: the portal, and the interfaces' page, whose size citizens shall not pay for.
    rolldownOptions: { input: ['index.html', 'docs.html'] },
    chunkSizeWarningLimit: 2000,
  },
  server: { proxy: { '/api': hub } },
})
