import { isCidr, isIpv4, isIpv6, isMac } from "./address-format.ts"
import {
  isBase64,
  isEmail,
  isHostname,
  isLongName,
  isQuantity,
  isShortName,
  isUri,
} from "./text-format.ts"
import { isDate, isDateTime, isDuration } from "./time-format.ts"

const uuid = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/i
const uuid3 = /^[\da-f]{8}-?[\da-f]{4}-?3[\da-f]{3}-?[\da-f]{4}-?[\da-f]{12}$/i
const uuid4 = /^[\da-f]{8}-?[\da-f]{4}-?4[\da-f]{3}-?[89ab][\da-f]{3}-?[\da-f]{12}$/i
const uuid5 = /^[\da-f]{8}-?[\da-f]{4}-?5[\da-f]{3}-?[89ab][\da-f]{3}-?[\da-f]{12}$/i
const colorPart = "\\s*(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\s*"
const rgbColor = new RegExp(`^rgb\\(${colorPart},${colorPart},${colorPart}\\)$`)

/** The string formats that are enforced, by their name without dashes. */
const stringFormats: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: (text) => /^[\da-f]{24}$/i.test(text),
  byte: isBase64,
  cidr: isCidr,
  date: isDate,
  datetime: isDateTime,
  duration: isDuration,
  email: isEmail,
  hexcolor: (text) => /^#?(?:[\da-f]{3}|[\da-f]{6})$/i.test(text),
  hostname: isHostname,
  ipv4: isIpv4,
  ipv6: isIpv6,
  k8slongname: isLongName,
  k8sshortname: isShortName,
  mac: isMac,
  password: () => true,
  quantity: isQuantity,
  rgbcolor: (text) => text.length < 64 && rgbColor.test(text),
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  uri: isUri,
  uuid: (text) => uuid.test(text),
  uuid3: (text) => uuid3.test(text),
  uuid4: (text) => uuid4.test(text),
  uuid5: (text) => uuid5.test(text),
}

/** The check of a string format; undefined for formats that nobody enforces. */
export function stringFormat(format: string): ((text: string) => boolean) | undefined {
  const name = format.replaceAll("-", "")
  return Object.hasOwn(stringFormats, name) ? stringFormats[name] : undefined
}

const largestFloat = 3.4028234663852886e38

const numberFormats: Readonly<Record<string, (value: number) => boolean>> = {
  int32: (value) => value >= -(2 ** 31) && value < 2 ** 31,
  int64: (value) => value >= -(2 ** 63) && value < 2 ** 63,
  float: (value) => Math.abs(value) <= largestFloat,
  double: () => true,
}

/** The range check of a number format; undefined for formats that nobody enforces. */
export function numberFormat(format: string): ((value: number) => boolean) | undefined {
  return Object.hasOwn(numberFormats, format) ? numberFormats[format] : undefined
}
