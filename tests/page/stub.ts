/**
 * A stand-in of the sidecar's HTTP endpoint that shows a document, which a test may exchange at any time.
 *
 * Touches: the loopback network.
 * @module
 */
import type { StatusDocument } from "../../lib/status/document.ts";
import { PAGE_POLICY, renderPage } from "../../lib/status/page.ts";
import { NOW_MS } from "./documents.ts";

/** The stand-in. Disposing of it ends it. */
export class Stub implements AsyncDisposable {
  shown: StatusDocument;
  /** How often the page was asked for. */
  asked = 0;
  /** The moment as of which the page is. */
  nowMs = NOW_MS;
  /** What becomes of the page on its way. */
  alter = (page: string): string => page;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #answers = true;

  constructor(shown: StatusDocument) {
    this.shown = shown;
    const onListen = () => {};
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, (request) => this.#answer(request));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** Fails from now on, or works again. */
  answers(does: boolean): void {
    this.#answers = does;
  }

  #answer(request: Request): Response {
    if (new URL(request.url).pathname !== "/") return new Response("not found", { status: 404 });
    if (!this.#answers) return new Response("down", { status: 502 });
    this.asked++;
    return new Response(this.alter(renderPage(this.shown, this.nowMs)), {
      headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": PAGE_POLICY },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
