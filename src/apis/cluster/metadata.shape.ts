import type { LabelSelector } from "#meta"
import { s } from "#schema"

/** Labels and annotations that a template gives to what is made from it. */
export function templateMetadata(description: string) {
  return s.object(
    description,
    {
      labels: s.optional(s.map("Labels to set.", s.string("Label value."))),
      annotations: s.optional(s.map("Annotations to set.", s.string("Annotation value."))),
    },
    { minProperties: 1 },
  )
}

/** `metav1.LabelSelector`. */
export function labelSelector(description: string) {
  return s.typed<LabelSelector>(
    s.object(
      description,
      {
        matchLabels: s.optional(
          s.map("Labels that must all be there with these values.", s.string("Label value.")),
        ),
        matchExpressions: s.optional(
          s.list(
            "Requirements that must all hold.",
            s.object("One requirement on a label.", {
              key: s.string("Label key."),
              operator: s.string("In, NotIn, Exists or DoesNotExist."),
              values: s.optional(
                s.list("Values for In and NotIn; none otherwise.", s.string("Label value.")),
              ),
            }),
          ),
        ),
      },
      { atomic: true },
    ),
  )
}
