/**
 * The architecture as lint rules: what the pure modules may touch, who may import whom, and which things are done in one
 * place only.
 *
 * Registered in deno.json; `deno lint` loads it by itself. Rules that need all modules at once (cycles, headers) are
 * tests: see tests/unit/architecture_test.ts.
 *
 * Pure.
 * @module
 */

type Reporter = (node: Deno.lint.Node, message: string) => void;
type Visitors = Deno.lint.LintVisitor;

/** Folders of lib/ that are pure: text and values in, text and values out. */
const PURE = ["lib/core", "lib/settings", "lib/confd", "lib/log", "lib/status", "lib/telemetry", "lib/fleet"];
/** The packages that pure modules may import. */
const PURE_PACKAGES = ["smol-toml"];

/** Names that reach the runtime, the clock, randomness or the world. */
const IMPURE_NAMES = [
  "Deno",
  "performance",
  "crypto",
  "setTimeout",
  "setInterval",
  "console",
  "fetch",
  "process",
  "globalThis",
];
/** Members that do, of objects that are harmless otherwise. */
const IMPURE_MEMBERS = ["Date.now", "Math.random", "Temporal.Now"];

/** Who may import what of ours; a folder that is not listed may import everything but main.ts. */
const LAYERS: Record<string, readonly string[]> = {
  "lib/core": ["lib/core"],
  "lib/settings": ["lib/settings", "lib/core"],
  "lib/confd": ["lib/core", "lib/settings", "lib/confd", "lib/log"],
  "lib/log": ["lib/core", "lib/settings", "lib/confd", "lib/log"],
  "lib/status": PURE,
  "lib/telemetry": PURE,
  "lib/fleet": ["lib/core", "lib/fleet"],
  "lib/host": [...PURE, "lib/host"],
};

/** Members of `Deno` that one module alone may use. */
const SPAWNING = { members: ["Command", "kill"], home: "lib/host/processes/processes.ts" };
const EXITING = { members: ["exit", "exitCode"], home: "main.ts" };

/** The path of a module below the project's folder: `main.ts`, `lib/core/drive.ts`; undefined: neither. */
export function modulePath(filename: string): string | undefined {
  return /(?:^|\/)(lib\/(?:[^/]+\/)*[^/]+\.ts|main\.ts)$/.exec(filename)?.[1];
}

/** Where a relative import leads to; undefined: to a package or a part of the runtime. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`${folder}/`));
}

/** A rule for the modules of the project; others (tests, tools) are left alone. */
function rule(visitors: (path: string, report: Reporter) => Visitors): Deno.lint.Rule {
  return {
    create(context) {
      const path = modulePath(context.filename);
      return path === undefined ? {} : visitors(path, (node, message) => context.report({ node, message }));
    },
  };
}

/** Calls back for each module that is imported or re-exported, `import()` included. */
function onImport(found: (node: Deno.lint.Node, specifier: string) => void): Visitors {
  const withSource = (node: { source: Deno.lint.Node | null } & Deno.lint.Node) => {
    const { source } = node;
    if (source?.type === "Literal" && typeof source.value === "string") found(node, source.value);
  };
  return {
    ImportDeclaration: withSource,
    ExportNamedDeclaration: withSource,
    ExportAllDeclaration: withSource,
    ImportExpression: withSource,
  };
}

/** The name of a property that is read with a dot or a string in brackets. */
function memberName(node: Deno.lint.MemberExpression): string | undefined {
  const { property } = node;
  if (!node.computed && property.type === "Identifier") return property.name;
  return property.type === "Literal" && typeof property.value === "string" ? property.value : undefined;
}

/** True for a name that only labels something: a property, a key, a method. */
function isLabel(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  if (parent.type === "MemberExpression") return parent.property === node && !parent.computed;
  if (parent.type === "Property") return parent.key === node && !parent.computed && !parent.shorthand;
  return parent.type === "TSPropertySignature" || parent.type === "MethodDefinition" ||
    parent.type === "PropertyDefinition";
}

const pure = rule((path, report) => {
  if (!isBelow(path, PURE)) return {};
  const blame = (node: Deno.lint.Node, what: string) =>
    report(node, `${path} is pure: it must not use ${what}; let the host do it and hand the value in`);
  return {
    Identifier(node) {
      if (IMPURE_NAMES.includes(node.name) && !isLabel(node)) blame(node, `'${node.name}'`);
    },
    MemberExpression(node) {
      if (node.object.type !== "Identifier") return;
      const name = `${node.object.name}.${memberName(node)}`;
      if (IMPURE_MEMBERS.includes(name)) blame(node, `'${name}'`);
    },
    NewExpression(node) {
      if (node.callee.type === "Identifier" && node.callee.name === "Date" && node.arguments.length === 0) {
        blame(node, "'new Date()', the clock");
      }
    },
    CallExpression(node) {
      if (node.callee.type === "Identifier" && node.callee.name === "Date") blame(node, "'Date()', the clock");
    },
    ...onImport((node, specifier) => {
      const target = resolveImport(path, specifier);
      if (target === undefined ? PURE_PACKAGES.includes(specifier) : isBelow(target, PURE)) return;
      report(
        node,
        `${path} is pure: it may import modules of ${PURE.join(", ")} and ${PURE_PACKAGES}, not ${specifier}`,
      );
    }),
  };
});

const layers = rule((path, report) =>
  path === "main.ts" ? {} : onImport((node, specifier) => {
    const target = resolveImport(path, specifier);
    if (target === undefined) return;
    if (target === "main.ts") report(node, `${path} must not import main.ts: nothing in lib knows of it`);
    const folder = Object.keys(LAYERS).find((folder) => isBelow(path, [folder]));
    if (folder !== undefined && !isBelow(target, LAYERS[folder])) {
      report(node, `${path} must not import ${target}: ${folder} may import ${LAYERS[folder].join(", ")}`);
    }
  })
);

/** A rule that gives some members of `Deno` one home. */
function oneHome({ members, home }: { members: readonly string[]; home: string }, why: string): Deno.lint.Rule {
  return rule((path, report) => {
    if (path === home) return {};
    const blame = (node: Deno.lint.Node, name: string) =>
      report(node, `'Deno.${name}' stands in ${home} alone: ${why}`);
    return {
      MemberExpression(node) {
        const name = memberName(node);
        if (node.object.type !== "Identifier" || node.object.name !== "Deno") return;
        if (name !== undefined && members.includes(name)) blame(node, name);
      },
      VariableDeclarator(node) {
        if (node.init?.type !== "Identifier" || node.init.name !== "Deno" || node.id.type !== "ObjectPattern") return;
        for (const property of node.id.properties) {
          if (property.type !== "Property" || property.key.type !== "Identifier") continue;
          if (members.includes(property.key.name)) blame(property, property.key.name);
        }
      },
    };
  });
}

const noBarrel = rule((path, report) => ({
  Program(node) {
    const rest = node.body.filter((statement) => statement.type !== "ImportDeclaration");
    const passesOn = (statement: (typeof rest)[number]) =>
      statement.type === "ExportAllDeclaration" ||
      (statement.type === "ExportNamedDeclaration" && !statement.declaration);
    if (rest.length === 0 || !rest.every(passesOn)) return;
    report(node, `${path} only re-exports: import from the modules themselves`);
  },
}));

const plugin: Deno.lint.Plugin = {
  name: "architecture",
  rules: {
    "pure": pure,
    "layers": layers,
    "one_spawner": oneHome(SPAWNING, "every child is started, and signalled, in one way"),
    "one_exit": oneHome(EXITING, "everything else returns a status"),
    "no_barrel": noBarrel,
  },
};

export default plugin;
