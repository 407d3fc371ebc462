import type { BuiltinColumn } from "../builtin-kind.ts"
import {
  ageColumn,
  booleanColumn,
  column,
  countColumn,
  listAt,
  nameColumn,
  textAt,
  textColumn,
  valueAt,
  wide,
} from "../cell.ts"

const accessModes = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
] as const

function shortModes(modes: readonly unknown[]): string {
  return accessModes
    .filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(",")
}

const phaseColumn = column("Status", (object) =>
  textAt(object, "metadata.deletionTimestamp") === ""
    ? textAt(object, "status.phase")
    : "Terminating",
)
const modeColumn = textColumn("VolumeMode", "spec.volumeMode", "<unset>")
const attributesColumn = textColumn(
  "VolumeAttributesClass",
  "spec.volumeAttributesClassName",
  "<unset>",
)

/** The storage class; an annotation of old came before the field. */
const classColumn = column("StorageClass", (object) => {
  const annotation = object.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"]
  return annotation ?? textAt(object, "spec.storageClassName")
})

const isDefault = (annotations: Readonly<Record<string, string>> = {}): boolean =>
  annotations["storageclass.kubernetes.io/is-default-class"] === "true" ||
  annotations["storageclass.beta.kubernetes.io/is-default-class"] === "true"

function claim(volume: unknown): string {
  const reference = valueAt(volume, "spec.claimRef")
  return reference ? `${textAt(reference, "namespace")}/${textAt(reference, "name")}` : ""
}

/** What a claim has, once it is bound. */
const bound = (object: unknown, cell: () => string): string =>
  textAt(object, "spec.volumeName") === "" ? "" : cell()

/** Columns of volumes and what provides them, by group and kind. */
export const storageColumns: Readonly<Record<string, readonly BuiltinColumn[]>> = {
  "/PersistentVolume": [
    nameColumn,
    column("Capacity", (object) => String(valueAt(object, "spec.capacity.storage") ?? "0")),
    column("Access Modes", (object) => shortModes(listAt(object, "spec.accessModes"))),
    textColumn("Reclaim Policy", "spec.persistentVolumeReclaimPolicy"),
    phaseColumn,
    column("Claim", claim),
    classColumn,
    attributesColumn,
    textColumn("Reason", "status.reason"),
    ageColumn,
    ...wide(modeColumn),
  ],
  "/PersistentVolumeClaim": [
    nameColumn,
    phaseColumn,
    textColumn("Volume", "spec.volumeName"),
    column("Capacity", (object) =>
      bound(object, () => String(valueAt(object, "status.capacity.storage") ?? "0")),
    ),
    column("Access Modes", (object) =>
      bound(object, () => shortModes(listAt(object, "status.accessModes"))),
    ),
    classColumn,
    attributesColumn,
    ageColumn,
    ...wide(modeColumn),
  ],
  "storage.k8s.io/StorageClass": [
    {
      ...nameColumn,
      cell: ({ metadata }) =>
        isDefault(metadata.annotations) ? `${metadata.name} (default)` : metadata.name,
    },
    textColumn("Provisioner", "provisioner"),
    textColumn("ReclaimPolicy", "reclaimPolicy", "Delete"),
    textColumn("VolumeBindingMode", "volumeBindingMode", "Immediate"),
    { ...booleanColumn("AllowVolumeExpansion", "allowVolumeExpansion"), type: "string" },
    ageColumn,
  ],
  "storage.k8s.io/VolumeAttributesClass": [
    nameColumn,
    textColumn("DriverName", "driverName"),
    ageColumn,
  ],
  "storage.k8s.io/VolumeAttachment": [
    nameColumn,
    { ...textColumn("Attacher", "spec.attacher"), format: "name" },
    textColumn("PV", "spec.source.persistentVolumeName"),
    textColumn("Node", "spec.nodeName"),
    booleanColumn("Attached", "status.attached"),
    ageColumn,
  ],
  "storage.k8s.io/CSINode": [nameColumn, countColumn("Drivers", "spec.drivers"), ageColumn],
  "storage.k8s.io/CSIDriver": [
    nameColumn,
    booleanColumn("AttachRequired", "spec.attachRequired", true),
    booleanColumn("PodInfoOnMount", "spec.podInfoOnMount"),
    booleanColumn("StorageCapacity", "spec.storageCapacity"),
    column("TokenRequests", (object) => {
      const requests = listAt(object, "spec.tokenRequests").map((each) => textAt(each, "audience"))
      return valueAt(object, "spec.tokenRequests") ? requests.join(",") : "<unset>"
    }),
    booleanColumn("RequiresRepublish", "spec.requiresRepublish"),
    column("Modes", (object) => listAt(object, "spec.volumeLifecycleModes").join(",") || "<none>"),
    ageColumn,
  ],
  "storage.k8s.io/CSIStorageCapacity": [
    nameColumn,
    textColumn("StorageClassName", "storageClassName"),
    column("Capacity", (object) => String(valueAt(object, "capacity") ?? "<unset>")),
  ],
}
