import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

/**
 * The style sheets go into the script, as text that it makes constructed sheets of, and are rid of what belongs to the
 * page around: `:root` becomes the element, and a rem, the size of the page's own type, a length of ours.
 */
const stylesInside: Plugin = {
  name: 'styles-inside',
  enforce: 'post',
  generateBundle(_options, bundle) {
    let css = ''
    for (const [name, file] of Object.entries(bundle)) {
      if (file.type !== 'asset' || !name.endsWith('.css')) continue
      css += String(file.source)
      delete bundle[name]
    }
    css = css
      .replace(/:root\b/g, ':host')
      .replace(/html\.elder\b/g, ':host(.elder)')
      .replace(/(?<![\w-])(-?\d*\.?\d+)rem\b/g, 'calc($1*var(--kp-rem))')
    for (const file of Object.values(bundle))
      if (file.type === 'chunk') file.code = file.code.replaceAll('__KAOPU_STYLES__', () => JSON.stringify(css))
  },
}

// The chat as a custom element for other people's pages: one file, /embed/kaopu-chat.js.
export default defineConfig({
  plugins: [vue({ features: { optionsAPI: false } }), stylesInside],
  publicDir: false,
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    target: ['chrome87', 'edge88', 'firefox78', 'safari14'],
    cssCodeSplit: false,
    reportCompressedSize: false,
    lib: { entry: 'src/embed/kaopu-chat.ts', formats: ['iife'], name: 'KaopuChat', fileName: () => 'kaopu-chat.js' },
  },
})
