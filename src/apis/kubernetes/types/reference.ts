/** `core/v1.ObjectReference`. */
export interface ObjectReference {
  readonly apiVersion?: string | undefined
  readonly kind?: string | undefined
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly fieldPath?: string | undefined
}

/** The name of something in the same namespace. */
export interface LocalObjectReference {
  readonly name?: string | undefined
}
