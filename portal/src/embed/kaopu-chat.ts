/**
 * `<kaopu-chat>`: the chat in any page, by one script tag.
 *
 *     <script async src="https://hub.example/embed/kaopu-chat.js"></script>
 *     <kaopu-chat></kaopu-chat>
 *
 * Attributes: `hub` (address of the hub; by default where the script came from), `channel` (embed), `open`. All chats of
 * one page talk to one hub. The page's Content-Security-Policy needs the hub in script-src and connect-src, nothing
 * more: the styles are constructed sheets in a shadow root, and nothing is written inline or evaluated.
 */
import { createApp, h, reactive, type App } from 'vue'
import type { Channel } from '../api/consult'
import { useHub } from '../api/http'
import EmbedPanel from './EmbedPanel.vue'
import './embed.css'

/** The style sheets of everything in here; the build puts them in place of this name. */
declare const __KAOPU_STYLES__: string

const NAME = 'kaopu-chat'
const CHANNELS: readonly Channel[] = ['embed', 'pc', 'mobile', 'window']
const script = document.currentScript as HTMLScriptElement | null
const home = script?.src ? new URL(script.src).origin : window.location.origin

function dress(root: ShadowRoot): void {
  const styles = __KAOPU_STYLES__
  if ('adoptedStyleSheets' in Document.prototype && 'replaceSync' in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    root.adoptedStyleSheets = [sheet]
    return
  }
  // Browsers without constructed sheets; a page with a strict policy stays unstyled there.
  const style = document.createElement('style')
  style.textContent = styles
  root.appendChild(style)
}

class KaopuChat extends HTMLElement {
  static readonly observedAttributes = ['open', 'channel']
  private readonly state = reactive({ opened: false, channel: 'embed' as Channel })
  private app: App | null = null

  connectedCallback(): void {
    if (this.app) return
    useHub(this.getAttribute('hub') || home)
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
    root.replaceChildren()
    dress(root)
    const place = document.createElement('div')
    root.appendChild(place)
    const { state } = this
    this.app = createApp({
      render: () =>
        h(EmbedPanel, { ...state, onToggled: (opened: boolean) => this.toggleAttribute('open', opened) }),
    })
    this.app.mount(place)
  }

  disconnectedCallback(): void {
    // An element that is only moved comes back at once and keeps its conversation.
    queueMicrotask(() => {
      if (this.isConnected) return
      this.app?.unmount()
      this.app = null
    })
  }

  attributeChangedCallback(name: string, _before: string | null, value: string | null): void {
    if (name === 'open') this.state.opened = value !== null
    else this.state.channel = CHANNELS.find((one) => one === value) ?? 'embed'
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, KaopuChat)
