/** Where a chat stands: on the portal's page, on a kiosk in a hall, or in somebody else's page; its parts ask here. */
import { inject, ref, type InjectionKey, type Ref } from 'vue'

export interface Surface {
  kind: 'page' | 'kiosk' | 'embed'
  /** 长辈版: larger type, fewer things. */
  elder: Readonly<Ref<boolean>>
  /** Show a checklist whose page is at `path` of the hub. */
  openChecklist: (path: string) => void
}

export const SURFACE: InjectionKey<Surface> = Symbol('surface')

const NOWHERE: Surface = { kind: 'page', elder: ref(false), openChecklist: () => undefined }

export const useSurface = () => inject(SURFACE, NOWHERE)
