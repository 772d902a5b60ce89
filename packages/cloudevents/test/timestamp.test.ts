import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkAttribute } from "@coresdk/cloudevents";
import fc from "fast-check";

const isTimestamp = (text: string): boolean => checkAttribute("time", text) === undefined;

describe("timestamps (RFC 3339)", () => {
  it("takes dates that the calendar has", () => {
    for (const text of [
      "2018-04-05T17:31:00Z",
      "2018-04-05t17:31:00z",
      "0000-01-01T00:00:00Z",
      "9999-12-31T23:59:59.999999999999Z",
      "2024-02-29T00:00:00+23:59",
      "2000-02-29T12:00:00-00:00",
      "1985-04-12T23:20:50.52Z",
      "1937-01-01T12:00:27.87+00:20",
    ]) {
      assert.ok(isTimestamp(text), text);
    }
  });

  it("refuses dates that it has not", () => {
    for (const text of [
      "2023-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "2024-04-31T00:00:00Z",
      "2024-13-01T00:00:00Z",
      "2024-00-01T00:00:00Z",
      "2024-01-00T00:00:00Z",
      "2024-01-32T00:00:00Z",
      "2024-01-01T24:00:00Z",
      "2024-01-01T00:60:00Z",
      "2024-01-01T00:00:61Z",
      "2024-01-01T00:00:00+24:00",
      "2024-01-01T00:00:00+00:60",
    ]) {
      assert.ok(!isTimestamp(text), text);
    }
  });

  it("takes second 60 only at the end of a month in UTC", () => {
    for (const text of [
      "1990-12-31T23:59:60Z",
      "1990-12-31T15:59:60-08:00",
      "2017-01-01T08:59:60+09:00",
      "2016-12-31T23:59:60.5Z",
    ]) {
      assert.ok(isTimestamp(text), text);
    }
    for (const text of [
      "1990-12-31T23:58:60Z",
      "1990-12-30T23:59:60Z",
      "1990-12-31T23:59:60-08:00",
      "2017-01-02T08:59:60+09:00",
    ]) {
      assert.ok(!isTimestamp(text), text);
    }
  });

  it("refuses what only looks like one", () => {
    for (const text of [
      "",
      "now",
      "2018-04-05",
      "2018-04-05T17:31Z",
      "2018-04-05T17:31:00",
      "2018-04-05 17:31:00Z",
      "2018-4-05T17:31:00Z",
      "18-04-05T17:31:00Z",
      "2018-04-05T17:31:00.Z",
      "2018-04-05T17:31:00,5Z",
      "2018-04-05T17:31:00+0100",
      "2018-04-05T17:31:00+01",
      "2018-04-05T17:31:00Z ",
      " 2018-04-05T17:31:00Z",
      "+2018-04-05T17:31:00Z",
      "2018-04-05T17:31:00ZZ",
      "2018-04-05T17:31:00Z+01:00",
      "２018-04-05T17:31:00Z",
      "2018-04-05T17:31:00-",
      "1522949460000",
    ]) {
      assert.ok(!isTimestamp(text), text);
    }
  });

  it("agrees with the calendar of Date", () => {
    const field = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, "0"));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9999 }),
        field,
        field,
        field,
        field,
        field,
        (year, mo, d, h, mi, s) => {
          const text = `${String(year).padStart(4, "0")}-${mo}-${d}T${h}:${mi}:${s}Z`;
          const date = new Date(text);
          // Date takes 24:00 and rolls 31 April over; neither is in RFC 3339.
          const real = !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === text.slice(0, 19);
          fc.pre(s !== "60");
          assert.equal(isTimestamp(text), real, text);
        },
      ),
    );
  });
});
