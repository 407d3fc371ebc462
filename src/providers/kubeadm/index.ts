import type { Controller } from "#controller"
import {
  kubeadmConfigController,
  type KubeadmOptions,
} from "./kubeadm-config/kubeadm-config.controller.ts"

export { kubeadmRules } from "./kubeadm-config.rules.ts"

/** The controllers of the kubeadm bootstrap provider. */
export function kubeadmControllers(options: KubeadmOptions): readonly Controller[] {
  return [kubeadmConfigController(options)]
}
