import { KubeadmConfigKind, type KubeadmConfigSpec, KubeadmConfigTemplateKind } from "#apis"
import type { KindRules } from "#meta"
import { duplicateError, type FieldError, invalidError } from "#schema"

/** What upstream's webhooks check of kubeadm configurations. */
export const kubeadmRules: readonly KindRules[] = [
  {
    kind: KubeadmConfigKind,
    validate: ({ object, operation }) => ({
      errors: operation === "DELETE" ? [] : validateSpec(specOf(object, ["spec"]), "spec"),
      warnings: [],
    }),
  },
  {
    kind: KubeadmConfigTemplateKind,
    validate: ({ object, operation }) => ({
      errors:
        operation === "DELETE"
          ? []
          : validateSpec(specOf(object, ["spec", "template", "spec"]), "spec.template.spec"),
      warnings: [],
    }),
  },
]

function specOf(object: unknown, path: readonly string[]): KubeadmConfigSpec {
  let value: unknown = object
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name]
  return value ?? {}
}

function validateSpec(spec: KubeadmConfigSpec, path: string): readonly FieldError[] {
  return [...validateFiles(spec, `${path}.files`), ...validateUsers(spec, `${path}.users`)]
}

function validateFiles({ files = [] }: KubeadmConfigSpec, path: string): readonly FieldError[] {
  const seen = new Set<string>()
  return files.flatMap((file, index) => {
    const at = `${path}[${index}]`
    const errors: FieldError[] = []
    if (file.permissions !== undefined && !/^0?[0-7]{3,4}$/.test(file.permissions)) {
      errors.push(invalidError(`${at}.permissions`, file.permissions, "is not an octal mode"))
    }
    if (file.content !== undefined && file.contentFrom !== undefined) {
      errors.push(invalidError(at, file.path, "only one of content or contentFrom may be set"))
    }
    if (seen.has(file.path)) errors.push(duplicateError(`${at}.path`, file.path))
    seen.add(file.path)
    return errors
  })
}

function validateUsers({ users = [] }: KubeadmConfigSpec, path: string): readonly FieldError[] {
  return users.flatMap((user, index) =>
    user.passwd !== undefined && user.passwdFrom !== undefined
      ? [
          invalidError(
            `${path}[${index}]`,
            user.name,
            "only one of passwd or passwdFrom may be set",
          ),
        ]
      : [],
  )
}
