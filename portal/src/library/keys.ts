/** What the editor's parts hand down to the fields in them. */

import type { ComputedRef, InjectionKey } from 'vue'
import type { Choice } from './fields'

/** Service items by id and name, for fields that name one. */
export const ITEM_CHOICES: InjectionKey<ComputedRef<Choice[]>> = Symbol('item choices')
