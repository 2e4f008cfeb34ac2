/** Reads the chunks and events of a MIDI file: Standard MIDI Files 1.0, RP-001. */

/** What a track holds at a tick, of all that is of use here. */
export type MidiEvent =
  & {
    /** Ticks from the beginning. */
    readonly tick: number;
  }
  & (
    | { readonly kind: "note"; readonly channel: number; readonly pitch: number; readonly velocity: number }
    | { readonly kind: "program"; readonly channel: number; readonly program: number }
    | { readonly kind: "tempo"; readonly bpm: number }
    | { readonly kind: "meter"; readonly count: number; readonly unit: number }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "end" }
  );

/** A file as it is stored. */
export interface MidiChunks {
  /** 0: one track; 1: several at once. */
  readonly format: number;
  /** Ticks of a quarter note, or of half a second where the file counts time in seconds. */
  readonly ticksPerBeat: number;
  /** Whether the file counts time in seconds, so that tempos change nothing. */
  readonly isInSeconds: boolean;
  /** The events of each track, by their ticks. */
  readonly tracks: readonly (readonly MidiEvent[])[];
}

type Fail = (reason: string) => never;

/** Reads a file. `fail` throws for a reason. */
export function readMidiChunks(bytes: Uint8Array, fail: Fail): MidiChunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nameAt = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 14 || nameAt(0) !== "MThd") {
    fail(bytes.length === 0 ? "it is empty" : "it does not start with a MIDI header, MThd");
  }
  const format = view.getUint16(8);
  const division = view.getInt16(12);
  if (format > 1) {
    fail(`it has format ${format}: patterns that are played one by one; formats 0 and 1 are read`);
  }
  // A negative first byte counts frames a second; the second one, ticks a frame.
  const isInSeconds = division < 0;
  const ticksPerBeat = isInSeconds ? -(division >> 8) * (division & 0xff) / 2 : division;
  if (ticksPerBeat === 0) fail("it has 0 ticks a beat");
  const tracks: MidiEvent[][] = [];
  for (let at = 8 + view.getUint32(4); at < bytes.length;) {
    if (at + 8 > bytes.length) fail(`it ends within the header of a chunk at byte ${at}`);
    const end = at + 8 + view.getUint32(at + 4);
    const name = nameAt(at);
    if (end > bytes.length) {
      fail(`its chunk at byte ${at} goes on to byte ${end}, and the file ends at ${bytes.length}`);
    }
    if (name === "MTrk") tracks.push(readTrack(bytes, at + 8, end, fail));
    at = end;
  }
  if (tracks.length === 0) fail("it has no track");
  return { format, ticksPerBeat, isInSeconds, tracks };
}

function readTrack(bytes: Uint8Array, start: number, end: number, fail: Fail): MidiEvent[] {
  const events: MidiEvent[] = [];
  let [at, tick, status] = [start, 0, 0];
  const next = () => at < end ? bytes[at++] : fail(`its track at byte ${start - 8} ends within an event`);
  const number = () => {
    let value = 0;
    for (let count = 0; count < 4; count++) {
      const byte = next();
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    return fail(`it has a number of more than four bytes at byte ${at - 4}`);
  };
  const data = () => {
    const byte = next();
    return byte < 0x80 ? byte : fail(`byte ${at - 1} is ${byte}, where a number up to 127 belongs`);
  };
  while (at < end) {
    tick += number();
    const first = next();
    if (first < 0x80) at--;
    else status = first;
    const channel = status & 0x0f;
    const kind = status >> 4;
    if (kind === 0x8 || kind === 0x9) {
      const [pitch, velocity] = [data(), data()];
      events.push({ tick, kind: "note", channel, pitch, velocity: kind === 0x9 ? velocity : 0 });
    } else if (kind === 0xc) events.push({ tick, kind: "program", channel, program: data() });
    else if (kind === 0xd) data();
    else if (kind >= 0xa && kind <= 0xe) data(), data();
    else if (status === 0xf0 || status === 0xf7) skip(number());
    else if (status === 0xff) {
      const type = next();
      const length = number();
      const from = at;
      skip(length);
      const event = metaEvent(type, bytes.subarray(from, at), fail);
      if (event) events.push({ tick, ...event });
      if (type === 0x2f) break;
    } else fail(`byte ${at - 1} begins an event of kind ${status}, which no file has`);
  }
  events.push({ tick, kind: "end" });
  return events;

  function skip(length: number): void {
    if (at + length > end) fail(`its track at byte ${start - 8} ends within an event`);
    at += length;
  }
}

type WithoutTick<T> = T extends unknown ? Omit<T, "tick"> : never;

function metaEvent(type: number, data: Uint8Array, fail: Fail): WithoutTick<MidiEvent> | undefined {
  if (type === 0x03) return { kind: "name", name: new TextDecoder().decode(data) };
  if (type === 0x51) {
    const microseconds = data.length === 3 ? data[0] * 65536 + data[1] * 256 + data[2] : 0;
    if (microseconds === 0) fail("it has a tempo that is none");
    return { kind: "tempo", bpm: 60e6 / microseconds };
  }
  if (type === 0x58 && data.length >= 2) {
    const [count, power] = data;
    if (count === 0 || power > 7) fail(`it has a meter of ${count} over 2^${power}`);
    return { kind: "meter", count, unit: 2 ** power };
  }
  return undefined;
}
