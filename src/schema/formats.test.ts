import { describe, expect, test } from "vitest"
import { numberFormat, stringFormat } from "./formats.ts"

const cases: Readonly<Record<string, { readonly good: string[]; readonly bad: string[] }>> = {
  "date-time": {
    good: ["2026-02-28T23:59:59Z", "2024-02-29t00:00:00.123456z", "2026-01-01T00:00:00+02:00"],
    bad: [
      "",
      "2026-01-01",
      "2026-02-30T00:00:00Z",
      "2026-01-01T24:00:00Z",
      "2026-01-01T00:00:00",
      "2026-01-01 00:00:00Z",
    ],
  },
  date: { good: ["2026-12-31", "2024-02-29"], bad: ["2026-02-29", "2026-13-01", "26-1-1", "x"] },
  duration: {
    good: [
      "0",
      "-0",
      "1h30m",
      "1.5h",
      "300ms",
      "3\u03bcs",
      "22 ns",
      "2 weeks",
      "1d",
      "5 Minutes",
      ".5s",
    ],
    bad: ["", "5", "m", "five minutes", "1 x", `${"9".repeat(30)}s`],
  },
  quantity: {
    good: ["0", "1", "+1.5", "-2", ".5", "1.", "500m", "1.5Gi", "1Ki", "2k", "3E", "1e3", "1E-3"],
    bad: ["", "x", "1 Gi", "Gi", "1gi", "1K", "1e", "1.2.3", "1Gi "],
  },
  byte: { good: ["YQ==", "YWI=", "YWJj"], bad: ["", "YQ=", "YQ", "Y-_=", "YQ==YQ=="] },
  uri: {
    good: ["https://a.b:80/c%20d?e=%#f", "/path", "mailto:a", "*", "http://[::1]:80/", "a://"],
    bad: [
      "",
      "path",
      "http://a b/",
      "http://a/%zz",
      "http://a:b/",
      "http://[::1",
      "a\nb:",
      "/\x7f",
    ],
  },
  uuid: {
    good: ["123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000"],
    bad: ["123e4567-e89b-12d3-a456-42661417400", "g23e4567-e89b-12d3-a456-426614174000"],
  },
  uuid3: {
    good: ["123e4567-e89b-32d3-a456-426614174000"],
    bad: ["123e4567-e89b-42d3-a456-426614174000"],
  },
  uuid4: {
    good: ["123e4567-e89b-42d3-a456-426614174000"],
    bad: ["123e4567-e89b-42d3-c456-426614174000"],
  },
  uuid5: {
    good: ["123e4567-e89b-52d3-a456-426614174000"],
    bad: ["123e4567-e89b-42d3-a456-426614174000"],
  },
  ipv4: {
    good: ["1.2.3.4", "010.1.1.1", "::ffff:1.2.3.4"],
    bad: ["1.2.3", "1.2.3.256", "::1", "1.2.3.4/8"],
  },
  ipv6: {
    good: ["::", "::1", "fe80::1", "1:2:3:4:5:6:7:8", "1::8", "::1.2.3.4"],
    bad: [
      "1.2.3.4",
      ":::",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "12345::",
      "fe80::1%eth0",
      "1:2:3:4:5:6:7:8:9",
    ],
  },
  cidr: {
    good: ["10.0.0.0/8", "fd00::/64"],
    bad: ["10.0.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "/8"],
  },
  email: {
    good: ["a@b.c", "Some One <a.b@c>", '"a b"@c.d', "<a@b>"],
    bad: ["", "a", "@b", "a@", "a b@c", "a@b>", "a@b c", "a..b@c"],
  },
  hostname: {
    good: ["a", "my-host", "a.example.com", "1a.example.com", "bücher.example"],
    bad: [
      "",
      "-a",
      "a-",
      "a..b",
      "a_b.com",
      "a.b1",
      `${"a".repeat(64)}.com`,
      `${"a.".repeat(130)}com`,
    ],
  },
  mac: {
    good: ["00:00:5e:00:53:01", "00-00-5E-00-53-01", "0000.5e00.5301", "02:00:5e:10:00:00:00:01"],
    bad: ["", "00:00:5e:00:53", "00:00:5e:00:53:0g", "0:0:5e:0:53:1"],
  },
  hexcolor: { good: ["#fff", "ABCDEF"], bad: ["#ff", "red"] },
  rgbcolor: { good: ["rgb(255,255,0)", "rgb( 1 , 2 , 3 )"], bad: ["rgb(256,0,0)", "rgb(1,2)"] },
  ssn: { good: ["123-45-6789", "123456789"], bad: ["12-345-6789"] },
  bsonobjectid: { good: ["507f1f77bcf86cd799439011"], bad: ["507f1f77"] },
  password: { good: ["", "x"], bad: [] },
  "k8s-short-name": { good: ["a", "a-1"], bad: ["", "-a", "A", "a.b", "a".repeat(64)] },
  "k8s-long-name": {
    good: ["a.b-1.c", "a".repeat(64)],
    bad: ["", "a..b", "a.-b", "a".repeat(254)],
  },
}

describe.each(Object.entries(cases))("the format %s", (format, { good, bad }) => {
  const accepts = stringFormat(format)
  test.each(good)("takes %j", (text) => expect(accepts?.(text)).toBe(true))
  if (bad.length > 0) test.each(bad)("refuses %j", (text) => expect(accepts?.(text)).toBe(false))
})

test("a format is known with and without its dashes, and unknown ones are left alone", () => {
  expect(stringFormat("datetime")).toBe(stringFormat("date-time"))
  expect(stringFormat("int-or-string")).toBeUndefined()
  expect(stringFormat("constructor")).toBeUndefined()
  expect(numberFormat("toString")).toBeUndefined()
})

test("number formats bound the value", () => {
  expect(numberFormat("int32")?.(2 ** 31 - 1)).toBe(true)
  expect(numberFormat("int32")?.(2 ** 31)).toBe(false)
  expect(numberFormat("int32")?.(-(2 ** 31))).toBe(true)
  expect(numberFormat("int64")?.(2 ** 53)).toBe(true)
  expect(numberFormat("int64")?.(2 ** 63)).toBe(false)
  expect(numberFormat("float")?.(3e38)).toBe(true)
  expect(numberFormat("float")?.(1e39)).toBe(false)
  expect(numberFormat("double")?.(1e300)).toBe(true)
})

const huge = 500_000
const hostile = [
  "1".repeat(huge),
  "1 ".repeat(huge),
  "a".repeat(huge),
  "a@".repeat(huge),
  `"${"\\".repeat(huge)}`,
  `${"a.".repeat(huge)}!`,
  ":".repeat(huge),
  "%".repeat(huge),
  `rgb(${" ".repeat(huge)}`,
  "=".repeat(huge),
]

test.each(Object.keys(cases))("the format %s answers on very long hostile text", (format) => {
  for (const text of hostile) expect(typeof stringFormat(format)?.(text)).toBe("boolean")
})
