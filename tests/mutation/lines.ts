/**
 * A stream of text as a stream of lines.
 *
 * Pure.
 * @module
 */

/** Splits at line ends; a last line without one is dropped. */
export class TextLineStream extends TransformStream<string, string> {
  constructor() {
    let begun = "";
    super({
      transform(chunk, controller) {
        const lines = (begun + chunk).split("\n");
        begun = lines.pop()!;
        for (const line of lines) controller.enqueue(line);
      },
    });
  }
}
