import type { MachineSet } from "#apis"
import { expect, test } from "vitest"
import { preflightProblems } from "./preflight.ts"

function aMachineSet(version: string | undefined, skip?: string): MachineSet {
  return {
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "MachineSet",
    metadata: {
      name: "ms",
      ...(skip
        ? { annotations: { "machineset.cluster.x-k8s.io/skip-preflight-checks": skip } }
        : {}),
    },
    spec: {
      clusterName: "c",
      selector: {},
      template: {
        spec: {
          clusterName: "c",
          version,
          bootstrap: {
            configRef: { apiGroup: "b", kind: "KubeadmConfigTemplate", name: "t" },
          },
          infrastructureRef: { apiGroup: "g", kind: "K", name: "t" },
        },
      },
    },
  }
}

function checksFailed(
  machineSet: MachineSet,
  controlPlane: { readonly version?: string; readonly currentVersion?: string },
): readonly string[] {
  const { version, currentVersion } = controlPlane
  return preflightProblems({
    machineSet,
    controlPlane: { version, currentVersion },
    title: "KubeadmControlPlane cp",
    bootstrapTemplate: undefined,
  }).map((problem) => /"(\w+)" preflight/.exec(problem)?.[1] ?? problem)
}

const stable = { version: "v1.34.4", currentVersion: "v1.34.4" }

test.each([
  ["the same version on a stable control plane", aMachineSet("v1.34.0"), stable, []],
  ["a control plane without a version", aMachineSet("v1.34.4"), {}, []],
  [
    "a control plane that is coming up",
    aMachineSet("v1.34.4"),
    { version: "v1.34.4" },
    ["ControlPlaneIsStable"],
  ],
  [
    "a control plane that is being upgraded",
    aMachineSet("v1.34.4"),
    { version: "v1.34.4", currentVersion: "v1.34.3" },
    ["ControlPlaneIsStable"],
  ],
  ["a newer set", aMachineSet("v1.35.0"), stable, ["KubernetesVersionSkew", "KubeadmVersionSkew"]],
  ["a set three minors behind", aMachineSet("v1.31.0"), stable, ["KubeadmVersionSkew"]],
  [
    "a set four minors behind",
    aMachineSet("v1.30.0"),
    stable,
    ["KubernetesVersionSkew", "KubeadmVersionSkew"],
  ],
  ["a check that is skipped", aMachineSet("v1.33.0", "KubeadmVersionSkew"), stable, []],
  ["all checks skipped", aMachineSet("v1.20.0", "All"), { version: "v1.34.4" }, []],
  ["a set without a version", aMachineSet(undefined), stable, []],
] as const)("%s fails the right checks", (_name, machineSet, controlPlane, expected) => {
  expect(checksFailed(machineSet, controlPlane)).toEqual(expected)
})
