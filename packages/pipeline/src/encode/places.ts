/** Where events and their attributes stand in a text, and what becomes of that when the text is written. */
import { batchHeadBytes, type EventIndex, writeBatchRow } from "../batch.ts";

/** Places in characters, counted from the start of the text; a length of 0 means that the attribute is absent. */
export interface EventPlaces {
  readonly start: number;
  end: number;
  typeAt: number;
  typeLength: number;
  subjectAt: number;
  subjectLength: number;
  idAt: number;
  idLength: number;
  timeAt: number;
  timeLength: number;
  readonly flags: number;
}

/** Events in a row, as one text. */
export interface EventTexts {
  readonly text: string;
  /** Bytes of the text in UTF-8. */
  readonly byteLength: number;
  readonly events: readonly EventPlaces[];
}

/** Absent attributes stand where the event starts. */
export function startPlaces(start: number, flags: number): EventPlaces {
  return {
    start,
    end: start,
    typeAt: start,
    typeLength: 0,
    subjectAt: start,
    subjectLength: 0,
    idAt: start,
    idLength: 0,
    timeAt: start,
    timeLength: 0,
    flags,
  };
}

/** Writes texts and the index of their events into a batch of `count` events. */
export function writeEvents(buffer: ArrayBuffer, texts: readonly EventTexts[], count: number): void {
  const target = Buffer.from(buffer);
  const view = new DataView(buffer);
  let offset = batchHeadBytes(count);
  let row = 0;
  for (const { text, byteLength, events } of texts) {
    const isAscii = byteLength === text.length;
    target.write(text, offset, isAscii ? "latin1" : "utf8");
    for (const event of events) {
      const places = isAscii ? event : inBytes(text, event);
      const length = places.end - places.start;
      writeBatchRow(view, row++, offset, length, fromStart(places));
      offset += length;
    }
  }
}

function fromStart(places: EventPlaces): EventIndex {
  const { start, typeLength, subjectLength, idLength, timeLength, flags } = places;
  return {
    typeAt: places.typeAt - start,
    typeLength,
    subjectAt: places.subjectAt - start,
    subjectLength,
    idAt: places.idAt - start,
    idLength,
    timeAt: places.timeAt - start,
    timeLength,
    flags,
  };
}

/** The places of one event, counted in bytes of UTF-8 from its start. */
function inBytes(text: string, places: EventPlaces): EventPlaces {
  const { start } = places;
  const at = (position: number): number => Buffer.byteLength(text.slice(start, position));
  const length = (position: number, size: number): number =>
    Buffer.byteLength(text.slice(position, position + size));
  return {
    start: 0,
    end: at(places.end),
    typeAt: at(places.typeAt),
    typeLength: length(places.typeAt, places.typeLength),
    subjectAt: at(places.subjectAt),
    subjectLength: length(places.subjectAt, places.subjectLength),
    idAt: at(places.idAt),
    idLength: length(places.idAt, places.idLength),
    timeAt: at(places.timeAt),
    timeLength: length(places.timeAt, places.timeLength),
    flags: places.flags,
  };
}
