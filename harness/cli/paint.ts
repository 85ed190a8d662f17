/** Colours on terminals that show them. */

/** Escape codes: https://www.ecma-international.org/publications-and-standards/standards/ecma-48/ (8.3.117) */
const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

export type Colour = keyof typeof CODES;
export type Paint = (colour: Colour, text: string) => string;

/** @param colours whether the text is shown in colours at all */
export function createPaint(colours: boolean): Paint {
  return colours ? (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[0m` : (_, text) => text;
}

/** Whether a stream shows colours and its user wants them: https://no-color.org */
export function wantsColours(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb";
}
