/**
 * A headless Chromium, steered over the DevTools protocol.
 *
 * Touches: processes, temporary folders, the loopback network.
 * @module
 */
import { assertEquals } from "./assert.ts";
import { part } from "../tools/parts.ts";
import { type Lines, readLines } from "./lines.ts";
import { bareEnvironment, DEADLINE_MS, Folder, quietly, until, within } from "./sidecar.ts";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  // Containers often have little shared memory.
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // The system gives the port, and Chromium says which.
  "--remote-debugging-port=0",
  // Pictures that look the same on every machine.
  "--hide-scrollbars",
  "--font-render-hinting=none",
  "--force-color-profile=srgb",
];

/** What comes back of a command, or with an event. */
// deno-lint-ignore no-explicit-any
type Values = Record<string, any>;

interface Message {
  id?: number;
  sessionId?: string;
  method?: string;
  params?: Values;
  result?: Values;
  error?: { message: string };
}

/** How a page looks at the world. */
export interface PageOptions {
  /** @default 1000 by 800 */
  size?: { width: number; height: number };
  /** Whether scripts run. @default true */
  script?: boolean;
  /** The user's wishes, as media features: `{ "prefers-color-scheme": "dark" }`. */
  media?: Record<string, string>;
  /** Pixels of a picture for one of the page. @default 1 */
  scale?: number;
}

/** A running browser. Disposing of it ends it. */
export class Browser implements AsyncDisposable {
  readonly #folder: Folder;
  readonly #process: Deno.ChildProcess;
  readonly #stderr: Lines;
  #socket!: WebSocket;
  #closed = Promise.withResolvers<void>();
  #count = 0;
  readonly #pending = new Map<number, { resolve(result: Values): void; reject(error: Error): void }>();
  readonly #pages = new Map<string, Page>();

  private constructor() {
    this.#folder = new Folder();
    const profile = `--user-data-dir=${this.#folder.at("profile")}`;
    this.#process = new Deno.Command(part("chromium") ?? "chromium", {
      args: [...FLAGS, profile, "about:blank"],
      env: { ...bareEnvironment(), HOME: this.#folder.path, TMPDIR: this.#folder.path },
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.#stderr = readLines(this.#process.stderr, { deadlineMs: DEADLINE_MS });
  }

  static async start(): Promise<Browser> {
    const browser = new Browser();
    try {
      const line = await browser.#stderr.next("DevTools listening on");
      await browser.#connect(line.slice(line.indexOf("ws://")));
    } catch (error) {
      await browser[Symbol.asyncDispose]();
      throw error;
    }
    return browser;
  }

  async #connect(address: string): Promise<void> {
    const socket = this.#socket = new WebSocket(address);
    const opened = Promise.withResolvers<void>();
    socket.onopen = () => opened.resolve();
    socket.onerror = () => opened.reject(new Error(`the browser does not answer at ${address}`));
    socket.onclose = () => this.#closed.resolve();
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    await within(opened.promise, "the browser's answer");
  }

  #receive({ id, sessionId, method, params = {}, result = {}, error }: Message): void {
    if (id === undefined) return this.#pages.get(sessionId ?? "")?.notice(method ?? "", params);
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) pending?.reject(new Error(error.message));
    else pending?.resolve(result);
  }

  /** Sends a command of the protocol, to the browser or to a page's session. */
  send(method: string, params: Values = {}, sessionId?: string): Promise<Values> {
    const id = ++this.#count;
    const { promise, resolve, reject } = Promise.withResolvers<Values>();
    this.#pending.set(id, { resolve, reject });
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return within(promise, `an answer to ${method}`);
  }

  /** Opens a page, and waits until it has loaded. */
  async open(url: string, options: PageOptions = {}): Promise<Page> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page((method, params) => this.send(method, params, sessionId));
    this.#pages.set(sessionId, page);
    await page.open(url, options);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      await this.send("Browser.close").catch(() => {});
      await within(this.#closed.promise, "the end of the browser's connection").catch(() => {});
    }
    quietly(() => Deno.kill(-this.#process.pid, "SIGKILL"));
    await this.#process.status;
    await this.#stderr.ended;
    this.#folder[Symbol.dispose]();
  }
}

/** A page in the browser. */
export class Page {
  /** Errors and warnings of the console, exceptions, and what the Content-Security-Policy has stopped. */
  readonly complaints: string[] = [];
  readonly #send: (method: string, params?: Values) => Promise<Values>;
  #loaded = Promise.withResolvers<void>();

  #passed = Promise.withResolvers<void>();

  constructor(send: (method: string, params?: Values) => Promise<Values>) {
    this.#send = send;
  }

  /** Takes an event of the protocol. */
  notice(method: string, params: Values): void {
    if (method === "Page.loadEventFired") this.#loaded.resolve();
    if (method === "Emulation.virtualTimeBudgetExpired") this.#passed.resolve();
    if (method === "Runtime.exceptionThrown") this.complaints.push(params.exceptionDetails.text);
    if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) {
      this.complaints.push(params.entry.text);
    }
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) {
      this.complaints.push(JSON.stringify(params.args));
    }
    if (method === "Audits.issueAdded") this.complaints.push(JSON.stringify(params.issue));
  }

  async open(url: string, { size, script = true, media = {}, scale = 1 }: PageOptions): Promise<void> {
    for (const domain of ["Page", "Runtime", "Log", "Audits"]) await this.#send(`${domain}.enable`);
    await this.resize(size ?? { width: 1000, height: 800 }, scale);
    await this.setMedia(media);
    await this.#send("Emulation.setScriptExecutionDisabled", { value: !script });
    await this.#send("Page.navigate", { url });
    await within(this.#loaded.promise, `the page at ${url}`);
  }

  /** Loads it anew. */
  async reload(): Promise<void> {
    this.#loaded = Promise.withResolvers<void>();
    await this.#send("Page.reload");
    await within(this.#loaded.promise, "the page, loaded anew");
  }

  /** Lets time pass for the page, in no time. */
  async pass(ms: number): Promise<void> {
    this.#passed = Promise.withResolvers<void>();
    await this.#send("Emulation.setVirtualTimePolicy", { policy: "advance", budget: ms });
    await within(this.#passed.promise, "the end of the page's time");
  }

  async resize({ width, height }: { width: number; height: number }, scale = 1): Promise<void> {
    await this.#send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: scale, mobile: false });
  }

  async setMedia(media: Record<string, string>): Promise<void> {
    const features = Object.entries(media).map(([name, value]) => ({ name, value }));
    await this.#send("Emulation.setEmulatedMedia", { features });
  }

  /** The value of an expression, which may be a promise. */
  // deno-lint-ignore no-explicit-any
  async evaluate(expression: string): Promise<any> {
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true. */
  async until(expression: string): Promise<void> {
    await until(`in the page, ${expression}`, () => this.evaluate(`Boolean(${expression})`));
  }

  /** The text that a person sees, of the first element of a selector. */
  text(selector: string): Promise<string> {
    return this.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`);
  }

  /** Presses a key and lets it go. */
  async press(key: "Tab" | "Enter"): Promise<void> {
    const windowsVirtualKeyCode = { Tab: 9, Enter: 13 }[key];
    const text = key === "Enter" ? "\r" : undefined;
    await this.#send("Input.dispatchKeyEvent", { type: "keyDown", key, code: key, windowsVirtualKeyCode, text });
    await this.#send("Input.dispatchKeyEvent", { type: "keyUp", key, code: key, windowsVirtualKeyCode });
  }

  /** What those get who have it read out to them: roles and names. */
  async accessible(): Promise<{ role: string; name: string }[]> {
    const { nodes } = await this.#send("Accessibility.getFullAXTree");
    return nodes.filter(({ ignored }: Values) => !ignored)
      .map(({ role, name }: Values) => ({ role: role?.value, name: name?.value }));
  }

  /** A picture of the page as PNG, from its top down to `height`, or all of it. */
  async picture(height?: number): Promise<Uint8Array<ArrayBuffer>> {
    const { cssContentSize } = await this.#send("Page.getLayoutMetrics");
    const clip = { x: 0, y: 0, width: cssContentSize.width, height: height ?? cssContentSize.height, scale: 1 };
    const { data } = await this.#send("Page.captureScreenshot", { format: "png", clip, captureBeyondViewport: true });
    return Uint8Array.fromBase64(data);
  }

  /** Nothing was complained of. */
  assertQuiet(): void {
    assertEquals(this.complaints, []);
  }
}
