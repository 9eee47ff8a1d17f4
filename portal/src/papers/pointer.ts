/** Whether the pointer itself moved: a list that scrolls under a resting mouse must not take the light from the keyboard. */
export const moved = (event: MouseEvent) => event.movementX !== 0 || event.movementY !== 0
