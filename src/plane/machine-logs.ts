import { RemoteMachineKind, SecretKind } from "#apis"
import type { ApiServer, SubresourceHandler } from "#apiserver"
import type { Clock, Logger } from "#base"
import { ApiError, notFound } from "#meta"
import { journalText, ProvisionError, readMachineJournal } from "#providers/remote"
import { defaultHostLayout, HostError } from "#remote"

export interface MachineLogsOptions {
  readonly server: ApiServer
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Serves `remotemachines/NAME/logs[?follow=true]`: the journal that lies on the host, with the
 * output of each step. Whoever may get it needs no key of the host's.
 */
export function machineLogs(options: MachineLogsOptions): SubresourceHandler {
  const { server, clock, log } = options
  return {
    async *stream({ namespace, name = "" }, { query, signal }) {
      const machine = server.caches.view(RemoteMachineKind).get(namespace, name)
      if (!machine) throw notFound(RemoteMachineKind, name)
      const keyName = machine.spec?.sshKeyRef?.name
      const keySecret =
        keyName === undefined ? undefined : server.caches.view(SecretKind).get(namespace, keyName)
      const follow = query.get("follow") === "true"
      const layout = defaultHostLayout
      const journal = { machine, keySecret, follow, signal, clock, log, layout }
      try {
        for await (const event of readMachineJournal(journal)) yield journalText(event)
      } catch (error) {
        if (!(error instanceof HostError || error instanceof ProvisionError)) throw error
        throw new ApiError(503, "ServiceUnavailable", `${error.reason}: ${error.message}`)
      }
    },
  }
}
