/** What the pages say, held against the project: paths, tasks, settings, statuses, backends, the log's sentences. */
import { BACKENDS } from "../../lib/confd/backends.ts";
import * as exitStatus from "../../lib/core/exit_status.ts";
import { SETTINGS } from "../../lib/settings/table.ts";
import { assert, assertEquals } from "../support/assert.ts";
import {
  anchors,
  codeSpans,
  exists,
  fences,
  filesBelow,
  type Page,
  pages,
  readText,
  relativeLinks,
  ROOT,
  tableBelow,
} from "./pages.ts";

const REFERENCE = readText("docs/reference.md");
const { tasks } = JSON.parse(readText("deno.json"));

/** Names that the pages may use though no setting has them. Best empty but for those of the tests. */
const NO_SETTINGS = ["SIDECAR_UNDER_TEST"];

/** What one page links to and does not exist. */
function deadLinks({ path, text }: Page): string[] {
  return relativeLinks(text).filter((link) => {
    const url = new URL(link, `file:///${path}`);
    const target = url.pathname.slice(1);
    if (!exists(target)) return true;
    return url.hash !== "" && !anchors(readText(target)).includes(url.hash.slice(1));
  });
}

/** Paths of the project that stand in backquotes and do not exist. */
function deadPaths(text: string): string[] {
  const looksLikePath = /^(main\.ts|deno\.json|Dockerfile|(lib|tests|docs|examples|\.ci)\/[\w./-]*)$/;
  return codeSpans(text).filter((span) => looksLikePath.test(span) && !exists(span));
}

/** Tasks that are named as one would call them and do not exist. */
function deadTasks(text: string): string[] {
  const named = [...text.matchAll(/\b(?:deno(?:@[\d.]+)? )task ([a-z][\w:-]*)/g)].map(([, name]) => name);
  return named.filter((name) => !Object.hasOwn(tasks, name));
}

/** Settings that are named and do not exist. */
function deadSettings(text: string): string[] {
  const known = [...Object.values(SETTINGS).map(({ name }) => name), ...NO_SETTINGS];
  return [...text.matchAll(/\bSIDECAR_[A-Z][A-Z_]*[A-Z]\b/g)].map(([name]) => name).filter((name) =>
    !known.includes(name)
  );
}

Deno.test("pages: every link leads somewhere", () => {
  for (const page of pages()) assertEquals(deadLinks(page), [], page.path);
});

Deno.test("pages: every path that is named exists", () => {
  for (const { path, text } of pages()) assertEquals(deadPaths(text), [], path);
});

Deno.test("pages: every task that is named exists, and every task is named", () => {
  for (const { path, text } of pages()) assertEquals(deadTasks(text), [], path);
  const listed = tableBelow(readText("CONTRIBUTING.md"), "Tasks").map(([name]) => name.replaceAll("`", ""));
  assertEquals(listed.sort(), Object.keys(tasks).sort());
});

Deno.test("pages: every setting that is named exists", () => {
  for (const { path, text } of pages()) assertEquals(deadSettings(text), [], path);
});

Deno.test("pages: one version of Deno is asked for", () => {
  const asked = /deno@([\d.]+)/.exec(readText(".ci/run"))![1];
  for (const { path, text } of pages()) {
    for (const [, version] of text.matchAll(/deno@([\d.]+)/g)) assertEquals(version, asked, path);
  }
});

Deno.test("pages: what is wrong with a page is found", () => {
  const page = { path: "docs/x.md", text: "# A b\n[x](#a-b) [y](../README.md) [z](z.md) [w](#no) [u](https://u)\n" };
  assertEquals(deadLinks({ ...page, path: "docs/architecture.md" }), ["#a-b", "z.md", "#no"]);
  assertEquals(deadPaths("`lib/run.ts` `lib/walk.ts` `docs/` `tests/none/` `foo/bar`"), ["lib/walk.ts", "tests/none/"]);
  assertEquals(deadTasks("`npx -y deno@2.9.6 task demo`, `deno task dmeo`, `deno task NAME`"), ["dmeo"]);
  assertEquals(deadSettings("SIDECAR_SETTLE SIDECAR_* SIDECAR_SETLE"), ["SIDECAR_SETLE"]);
  assertEquals(anchors("# One `two`: three\n```\n# no\n```\n"), ["one-two-three"]);
});

Deno.test("docs/decisions/README.md lists every decision by its title", () => {
  const decisions = filesBelow("docs/decisions").filter((path) => !path.endsWith("README.md"));
  const listed = relativeLinks(readText("docs/decisions/README.md")).map((link) => `docs/decisions/${link}`);
  assertEquals(listed, decisions);
  const titles = tableBelow(readText("docs/decisions/README.md"), "Decisions").map(([, title]) => title);
  decisions.forEach((path, i) => {
    const [number, title] = /^# (\d{4}) (.+)$/m.exec(readText(path))!.slice(1);
    assert(path.includes(`/${number}-`), `${path} has the number ${number}`);
    assertEquals(titles[i], title);
  });
});

Deno.test("docs/reference.md has the exit statuses that the program has", () => {
  const shown = tableBelow(REFERENCE, "Exit status").map(([status]) => Number(status)).filter(Number.isInteger);
  const known = Object.values(exitStatus).filter((value) => typeof value === "number");
  assertEquals(shown, known.sort((a, b) => a - b));
});

Deno.test("docs/reference.md has the backends that the program has", () => {
  const shown: Record<string, { dialects: string[]; watchable: boolean; flag?: string }> = {};
  for (const [, classic, fork, how] of tableBelow(REFERENCE, "Backends")) {
    for (const [dialect, cell] of [["classic", classic], ["fork", fork]]) {
      for (const name of codeSpans(cell)) {
        const flag = /needs `--(\w+)=/.exec(how)?.[1];
        shown[name] ??= { dialects: [], watchable: how.startsWith("watched"), flag };
        shown[name].dialects = [...new Set([...shown[name].dialects, dialect])].sort();
      }
    }
  }
  const known = Object.entries(BACKENDS).map(([name, { dialects, watchable, needs }]) => [
    name,
    { dialects: [...dialects].sort(), watchable, flag: needs?.flag },
  ]);
  assertEquals(shown, Object.fromEntries(known));
});

Deno.test("docs/troubleshooting.md explains sentences that the log really has", () => {
  // A sentence that the code puts together is found by its pieces.
  const sources = [...filesBelow("lib"), "main.ts"].map(readText).join("\n").replace(/["`] \+\s+["`]/g, "");
  for (const [cell] of tableBelow(readText("docs/troubleshooting.md"), "When something is wrong")) {
    for (const sentence of codeSpans(cell)) {
      for (const piece of sentence.split(/\.\.\.|[:;] |\d+ seconds|^main program |(?<=^)confd (?=ended)/)) {
        assert(sources.includes(piece.trim()), `nothing says '${piece}', a piece of '${sentence}'`);
      }
    }
  }
});

Deno.test("the pages' shell examples are shell", () => {
  for (const { path, text } of pages()) {
    for (const body of fences(text, "bash")) {
      assertEquals(syntaxProblem(body), "", `${path}:\n${body}`);
    }
  }
});

Deno.test("the pages' JSON examples are JSON", () => {
  for (const { path, text } of pages()) {
    for (const body of fences(text, "json")) {
      const documents = body.startsWith("{\n") ? [body] : body.trim().split("\n");
      for (const document of documents) assert(JSON.parse(document), path);
    }
  }
});

Deno.test("every exported symbol of lib/ has a doc comment", () => {
  for (const path of filesBelow("lib")) {
    const lines = readText(path).split("\n");
    lines.forEach((line, i) => {
      if (!/^export (async )?(function|class|interface|type|const) /.test(line)) return;
      const before = lines[i - 1].startsWith("// deno-lint-ignore") ? lines[i - 2] : lines[i - 1];
      assert(before.trimEnd().endsWith("*/"), `${path}:${i + 1}: ${line}`);
    });
  }
});

/** What `bash -n` says; nothing where there is no bash. */
function syntaxProblem(script: string): string {
  try {
    const { stderr } = new Deno.Command("bash", { args: ["-n", "-c", script], cwd: ROOT, stdin: "null" }).outputSync();
    return new TextDecoder().decode(stderr).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
