/** What the parts of a citizen's submission share. */
import type { InjectionKey } from 'vue'
import type { CaseDocuments } from '../../composables/useCaseDocuments'

export const OWN_FILES: InjectionKey<CaseDocuments> = Symbol('own files')
