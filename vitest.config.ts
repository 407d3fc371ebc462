import { defineConfig } from "vitest/config"
import { leftOutHere } from "./test/requirements.ts"
import { RunReport } from "./test/run-report.ts"

const exclude = ["**/node_modules/**", "**/dist/**"]
const onMachines = ["test/lab/**/*.test.ts"]
const isEverythingRequired = process.env["MOTHERSHIP_TEST_REQUIRE"] === "all"
const leftOut = isEverythingRequired ? [] : leftOutHere(import.meta.dirname)

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: [
      "default",
      new RunReport({
        isEverythingRequired,
        leftOut,
        write: (text) => void process.stdout.write(text),
      }),
    ],
    projects: [
      {
        extends: true,
        test: {
          name: "modules",
          include: ["{src,test,tools,lab,bench}/**/*.test.ts"],
          exclude: [...exclude, ...onMachines, ...leftOut.flatMap(({ files }) => files)],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Machines share the host's processors and memory: one file at a time, after the others.
        extends: true,
        test: {
          name: "lab",
          include: onMachines,
          exclude,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
