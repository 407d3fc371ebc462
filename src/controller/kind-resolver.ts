import type { KindRef, UntypedObject } from "#meta"

/**
 * Finds the version in which a kind is served for Cluster API's contracts, from its CRD's labels.
 */
export interface KindResolver {
  /** Undefined when no CRD serves the kind. */
  resolve(
    group: string,
    kind: string,
  ): KindRef<UntypedObject> | undefined | Promise<KindRef<UntypedObject> | undefined>
}

/** A reference to a kind that no CRD serves. It is retried: the CRD may come. */
export class KindNotServedError extends Error {
  override readonly name = "KindNotServedError"
}
