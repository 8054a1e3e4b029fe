/**
 * The page at `/`: a run as a person wants to see it, in one document that needs nothing from elsewhere.
 *
 * It is complete without its script, which only keeps it up to date; see page_script.ts.
 *
 * Pure.
 * @module
 */
import { clock, fullTime } from "./ages.ts";
import type { StatusDocument } from "./document.ts";
import { Html, markup } from "./markup.ts";
import { shapes } from "./page_pieces.ts";
import { SCRIPT } from "./page_script.ts";
import { conditions, confd, destinations, fleet, service, verdict } from "./page_sections.ts";
import { STYLE } from "./page_style.ts";
import { timeline } from "./page_timeline.ts";
import { judge } from "./verdict.ts";

/** SHA-256 of style and script; a test holds them to be right, and says what they should be. */
export const DIGESTS = {
  style: "5WIT0qefSejt2pQ43VUyXu1DTJ60r91BrvYdg6L8l08=",
  script: "dOYG0Bbca0cBEjlY5sMEZXMGZA7GaGJSIjZ78DNQth4=",
};

/** The Content-Security-Policy that the page is served with: nothing but its own style and script, and its own server. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${DIGESTS.style}'`,
  `script-src 'sha256-${DIGESTS.script}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page as of a time. */
export function renderPage(document: StatusDocument, nowMs: number): string {
  const now = new Date(nowMs).toISOString();
  const page = markup`
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${judge(document).title} – confd-sidecar</title>
        <style>${new Html(STYLE)}</style>
      </head>
      <body>
        ${shapes()}
        <header>
          <p><b>confd-sidecar</b> ${document.version}</p>
          <p id="link" role="status">As of ${clock(now, nowMs)} UTC</p>
        </header>
        <main data-at="${fullTime(now)}">${sections(document, nowMs)}</main>
        ${footer()}
        <script>${new Html(SCRIPT)}</script>
      </body>
    </html>`;
  return `<!DOCTYPE html>\n${page.text}\n`;
}

function sections(document: StatusDocument, nowMs: number): Html[] {
  return [
    verdict(document, nowMs),
    conditions(document, nowMs),
    service(document, nowMs),
    confd(document, nowMs),
    fleet(document, nowMs),
    destinations(document, nowMs),
    timeline(document, nowMs),
  ].filter((one) => one !== null);
}

function footer(): Html {
  return markup`
    <footer>
      <a href="status">Status as JSON</a>
      <a href="metrics">Metrics</a>
      <a href="readyz?verbose">Readiness</a>
      <p>All times are in UTC.</p>
      <p class="still">Reload the page to bring it up to date.</p>
    </footer>`;
}
