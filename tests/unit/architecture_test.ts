/** What a lint rule cannot see, for it needs all modules at once. */
import { modulePath, resolveImport } from "../lint/architecture.ts";
import { assert, assertEquals } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** All modules of the project with their text, by their path below the project's folder. */
function modules(): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (folder: string) => {
    for (const entry of Deno.readDirSync(ROOT + folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) walk(path);
      else if (modulePath(path) !== undefined) found.set(path, Deno.readTextFileSync(ROOT + path));
    }
  };
  walk("lib");
  found.set("main.ts", Deno.readTextFileSync(`${ROOT}main.ts`));
  return found;
}

/** The modules of ours that a text imports or re-exports. */
function importsOf(path: string, text: string): string[] {
  const specifiers = text.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/gm);
  return [...specifiers].flatMap(([, from, bare]) => resolveImport(path, from ?? bare) ?? []);
}

/** The first cycle of imports, as a path that ends where it begins; empty: there is none. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): string[] => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of graph.get(path) ?? []) {
      const cycle = visit(next, [...way, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const path of graph.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function graphOf(texts: ReadonlyMap<string, string>): Map<string, string[]> {
  return new Map([...texts].map(([path, text]) => [path, importsOf(path, text)]));
}

/** What is wrong with the comment that a module opens with. */
function headerProblem(text: string): string | undefined {
  const header = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0];
  if (header === undefined) return "does not open with a doc comment";
  if (!/^ \* @module$/m.test(header)) return "has no @module in its doc comment";
  if (!/^ \* (Pure\b|Touches: \S)/m.test(header)) return "says neither 'Pure' nor 'Touches: ...'";
  return undefined;
}

Deno.test("the modules import one another without cycles", () => {
  assertEquals(cycleIn(graphOf(modules())), []);
});

Deno.test("every module is reached from main.ts", () => {
  const graph = graphOf(modules());
  const reached = new Set<string>();
  const reach = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    graph.get(path)?.forEach(reach);
  };
  reach("main.ts");
  assertEquals([...graph.keys()].filter((path) => !reached.has(path)), []);
});

Deno.test("every import leads to a module that exists", () => {
  const graph = graphOf(modules());
  for (const [path, imports] of graph) {
    for (const target of imports) assert(graph.has(target), `${path} imports ${target}, which was not found`);
  }
});

Deno.test("every module opens with a doc comment that says what it touches", () => {
  for (const [path, text] of modules()) assertEquals(headerProblem(text), undefined, path);
});

Deno.test("pure modules say that they are, and others do not", () => {
  for (const [path, text] of modules()) {
    const isPure = /^lib\/(core|settings|confd|log)\//.test(path);
    if (isPure) assert(/^ \* Pure\b/m.test(text), `${path} is in a pure folder and does not say 'Pure'`);
  }
});

Deno.test("cycleIn() finds a cycle, however long", () => {
  const graph = graphOf(
    new Map([
      ["lib/a.ts", 'import { b } from "./x/b.ts";\n'],
      ["lib/x/b.ts", 'import {\n  c,\n  type D,\n} from "../c.ts";\n'],
      ["lib/c.ts", 'export * from "./a.ts";\n'],
      ["lib/d.ts", 'import "./a.ts";\nimport { parse } from "smol-toml";\n'],
    ]),
  );
  assertEquals(graph.get("lib/d.ts"), ["lib/a.ts"]);
  assertEquals(cycleIn(graph), ["lib/a.ts", "lib/x/b.ts", "lib/c.ts", "lib/a.ts"]);
  graph.set("lib/c.ts", []);
  assertEquals(cycleIn(graph), []);
});

Deno.test("headerProblem() finds what is missing", () => {
  assertEquals(headerProblem("/**\n * X.\n *\n * Pure.\n * @module\n */\n"), undefined);
  assertEquals(headerProblem("/**\n * X.\n *\n * Touches: the clock.\n * @module\n */\n"), undefined);
  assert(headerProblem('import "x";\n/**\n * Pure.\n * @module\n */\n') !== undefined);
  assert(headerProblem("/**\n * Pure.\n */\n") !== undefined);
  assert(headerProblem("/**\n * X.\n * @module\n */\nconst a = ' * Pure';\n") !== undefined);
});
