import { s } from "#schema"
import { path } from "./component.shape.ts"

const word = (description: string) =>
  s.optional(s.string(description, { minLength: 1, maxLength: 256 }))

const name = s.string("Name.", { minLength: 1, maxLength: 256 })

export const secretKey = s.object("A key of a Secret.", {
  name: s.string("Name of the Secret.", { minLength: 1, maxLength: 253 }),
  key: s.string("Key in its data.", { minLength: 1, maxLength: 256 }),
})

/** Fields of a file that both versions write alike. */
export const fileFields = {
  path: path("Where the file is written."),
  owner: word("Owner, as `user:group`."),
  permissions: s.optional(s.string("Mode in octal digits.", { minLength: 1, maxLength: 16 })),
  encoding: s.optional(s.enum("How the content is encoded.", ["base64", "gzip", "gzip+base64"])),
  append: s.optional(s.boolean("Whether the content is added to what is there.")),
  content: s.optional(s.string("The content.", { minLength: 1, maxLength: 10240 })),
  contentFrom: s.optional(s.object("Where the content comes from.", { secret: secretKey })),
}

export const files = s.list(
  "Files to write before kubeadm runs.",
  s.object("One file.", {
    ...fileFields,
    contentFormat: s.optional(
      s.enum("Template when the content is a Go template.", ["Raw", "Template"]),
    ),
  }),
  { minItems: 1, maxItems: 200 },
)

export const command = s.string("One command line.", { minLength: 1, maxLength: 10240 })

/** Commands that run in order. */
export function commands(description: string) {
  return s.list(description, command, { minItems: 1, maxItems: 1000 })
}

/** Fields of a user that both versions write alike. */
export const userFields = {
  name,
  gecos: word("Full name."),
  groups: word("Further groups, comma separated."),
  homeDir: word("Home directory."),
  inactive: s.optional(s.boolean("Whether the account is disabled.")),
  shell: word("Login shell."),
  passwd: word("Hash of the password."),
  passwdFrom: s.optional(s.object("Where the password hash comes from.", { secret: secretKey })),
  primaryGroup: word("Primary group."),
  lockPassword: s.optional(s.boolean("Whether password logins are off.")),
  sudo: word("Rule of sudo."),
}

const authorizedKey = s.string("One public key.", { minLength: 1, maxLength: 2048 })

export const authorizedKeys = s.list("SSH keys that may log in.", authorizedKey, {
  maxItems: 100,
})

export const users = s.list(
  "Users to create.",
  s.object("One user.", { ...userFields, sshAuthorizedKeys: s.optional(authorizedKeys) }),
  { minItems: 1, maxItems: 100 },
)

export const ntp = s.object(
  "How the clock is kept.",
  {
    servers: s.optional(
      s.list("Time servers.", path("Name or address of one server."), { maxItems: 100 }),
    ),
    enabled: s.optional(s.boolean("Whether NTP is set up.")),
  },
  { minProperties: 1 },
)

const diskDevice = s.string("Path of the device.", { minLength: 1, maxLength: 256 })

export const filesystems = s.list(
  "File systems to make.",
  s.object("One file system.", {
    device: diskDevice,
    filesystem: s.string("Its type.", { minLength: 1, maxLength: 128 }),
    label: s.optional(path("Its label.")),
    partition: s.optional(s.string("Partition to use.", { minLength: 1, maxLength: 128 })),
    overwrite: s.optional(s.boolean("Whether an existing one is overwritten.")),
    replaceFS: s.optional(s.string("Type that is replaced.", { minLength: 1, maxLength: 128 })),
    extraOpts: s.optional(
      s.list("Options for mkfs.", s.string("One option.", { minLength: 1, maxLength: 256 }), {
        maxItems: 100,
      }),
    ),
  }),
  { maxItems: 100 },
)

const partitionTypes =
  "Linux|LinuxSwap|LinuxRAID|LVM|Fat32|NTFS|LinuxExtended|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

const diskLayout = s.list(
  "Partitions to make, in order.",
  s.object("One partition.", {
    percentage: s.int32("Share of the disk.", { minimum: 1, maximum: 100 }),
    partitionType: s.optional(
      s.string("Type of the partition.", {
        minLength: 1,
        maxLength: 36,
        rules: [
          {
            rule: `self.matches('^(${partitionTypes})$')`,
            message:
              "partitionType must be one of Linux, LinuxSwap, LinuxRAID, LVM, Fat32, NTFS, LinuxExtended or a full GPT partition GUID",
          },
        ],
      }),
    ),
  }),
  { minItems: 1, maxItems: 100 },
)

/** Fields of a partition table that both versions write alike. */
export const partitionFields = {
  device: diskDevice,
  overwrite: s.optional(s.boolean("Whether an existing table is overwritten.")),
  tableType: s.optional(s.enum("Kind of partition table.", ["mbr", "gpt"])),
}

export const partitionLayout = s.boolean("Whether one partition takes the whole disk.")

export const diskSetup = s.object(
  "Partitions and file systems.",
  {
    partitions: s.optional(
      s.list(
        "Partition tables to write.",
        s.object(
          "One disk.",
          {
            ...partitionFields,
            layout: s.optional(partitionLayout),
            diskLayout: s.optional(diskLayout),
          },
          {
            rules: [
              {
                rule: "[has(self.layout),has(self.diskLayout)].filter(x,x==true).size() == 1",
                message: "exactly one of the fields in [layout diskLayout] must be set",
              },
            ],
          },
        ),
        { maxItems: 100 },
      ),
    ),
    filesystems: s.optional(filesystems),
  },
  { minProperties: 1 },
)

export const mounts = s.list(
  "Entries of fstab.",
  s.list("Fields of one entry.", path("One field."), { minItems: 1, maxItems: 100 }),
  { minItems: 1, maxItems: 100 },
)

export const ignition = s.object(
  "Settings of the ignition format.",
  {
    containerLinuxConfig: s.optional(
      s.object(
        "Container Linux configuration to merge.",
        {
          additionalConfig: s.optional(
            s.string("The configuration, as YAML.", { minLength: 1, maxLength: 32768 }),
          ),
          strict: s.optional(s.boolean("Whether warnings are errors.")),
        },
        { minProperties: 1 },
      ),
    ),
  },
  { minProperties: 1 },
)
