/** Pictures with a palette: read back, they have the colors that were given, or the nearest that is left. */
import { crc32, inflateSync } from "node:zlib";
import { indexedPng } from "../../scripts/indexed-png";

/** Reads what `indexedPng` writes. */
function read(png: Buffer) {
  expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.toString("latin1", 0, 4), body.subarray(4));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "PLTE", "IDAT", "IEND"]);
  const header = chunks.get("IHDR") as Buffer;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  expect([...header.subarray(8)]).toEqual([8, 3, 0, 0, 0]);
  const palette = chunks.get("PLTE") as Buffer;
  const lines = inflateSync(chunks.get("IDAT") as Buffer);
  expect(lines).toHaveLength((width + 1) * height);
  const pixels = [...lines]
    .filter((_, at) => at % (width + 1) > 0)
    .map((index) => [...palette.subarray(3 * index, 3 * index + 3)]);
  return { width, height, colors: palette.length / 3, pixels };
}

test("few colors stay as they are", () => {
  const colors = [
    [255, 0, 0],
    [0, 128, 255],
    [255, 0, 0],
    [1, 2, 3],
    [0, 0, 0],
    [255, 255, 255],
  ];
  const given = Uint8Array.from(colors.flatMap((color) => [...color, 255]));
  expect(read(indexedPng(given, 3, 2))).toEqual({ width: 3, height: 2, colors: 5, pixels: colors });
});

test("of many the frequent stay, and the others become the nearest of those", () => {
  // 300 grays and greens, of which the last 44 are seen once and the others twice.
  const all = Array.from({ length: 300 }, (_, at) =>
    at < 256 ? [at, at, at] : [at - 200, at - 199, at - 200],
  );
  const pixels = [...all, ...all.slice(0, 256)];
  const given = Uint8Array.from(pixels.flatMap((color) => [...color, 255]));
  const png = read(indexedPng(given, pixels.length, 1));
  expect(png.colors).toBe(256);
  expect(png.pixels.slice(0, 256)).toEqual(all.slice(0, 256));
  expect(png.pixels[256]).toEqual([56, 56, 56]);
});
