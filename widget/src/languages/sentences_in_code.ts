// For the tests: what the widget says, read out of its code, with a character of Unicode's private use for what is filled in.
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";

export const GAP = "\ue000"; // as speaking.ts has it for elements
const SAID_ATTRIBUTES = ["aria-label", "abbr", "title", "alt"];

/** Each thing that an expression may come to be, as it is said. */
function waysOf(node: ts.Expression | undefined): string[] {
  if (!node) return [""];
  if (ts.isParenthesizedExpression(node)) return waysOf(node.expression);
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...waysOf(node.whenTrue), ...waysOf(node.whenFalse)];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)
    return ["", ...waysOf(node.right)];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return joined([waysOf(node.left), waysOf(node.right)]);
  if (ts.isTemplateExpression(node))
    return joined([
      [node.head.text],
      ...node.templateSpans.flatMap((span) => [waysOf(span.expression), [span.literal.text]]),
    ]);
  return [GAP];
}

const joined = (parts: string[][]): string[] =>
  parts.reduce((all, part) => all.flatMap((before) => part.map((after) => before + after)), [""]);

/** JSX leaves out the ends of lines, and what is around them. */
const textOf = (text: string) =>
  text
    .split("\n")
    .map((line, index, lines) =>
      (index ? line.trimStart() : line).replace(index < lines.length - 1 ? /\s+$/ : /$^/, ""),
    )
    .filter(Boolean)
    .join(" ");

function saidByChildren(children: ts.NodeArray<ts.JsxChild>): string[] {
  const isText = (child: ts.JsxChild) => ts.isJsxText(child) && textOf(child.text) !== "";
  if (!children.some((child) => isText(child) || (ts.isJsxExpression(child) && child.expression))) return [];
  return joined(
    children.map((child) =>
      ts.isJsxText(child)
        ? [textOf(child.text)]
        : ts.isJsxExpression(child)
          ? child.expression
            ? waysOf(child.expression)
            : [""]
          : [GAP],
    ),
  );
}

/** Of a file: what is written between tags and in the attributes that are read out, and every other text that looks like
 * the beginning of something that is said. */
function saidIn(source: ts.SourceFile): string[] {
  const found: string[] = [];
  function look(node: ts.Node): void {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isExportDeclaration(node)) return;
    if (ts.isJsxElement(node) || ts.isJsxFragment(node)) found.push(...saidByChildren(node.children));
    if (ts.isJsxAttribute(node)) {
      const value = node.initializer;
      if (SAID_ATTRIBUTES.includes(node.name.getText(source)))
        found.push(
          ...waysOf(value && ts.isJsxExpression(value) ? value.expression : (value as ts.StringLiteral)),
        );
    } else if (
      ts.isStringLiteral(node) ||
      ts.isTemplateExpression(node) ||
      ts.isNoSubstitutionTemplateLiteral(node) ||
      isSum(node)
    ) {
      found.push(...waysOf(node as ts.Expression).filter((text) => /^[A-Z][a-z']/.test(text)));
      if (isSum(node)) return;
    }
    ts.forEachChild(node, look);
  }
  look(source);
  return found;
}

const isSum = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node) &&
  node.operatorToken.kind === ts.SyntaxKind.PlusToken &&
  waysOf(node).some((text) => /^[A-Z][a-z']/.test(text));

export function sentencesInCode(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }) as string[];
  const files = names.filter((name) => /\.tsx?$/.test(name) && !/test|api_types|languages/.test(name));
  const all = files.flatMap((name) =>
    saidIn(
      ts.createSourceFile(
        name,
        readFileSync(`${folder}/${name}`, "utf8"),
        ts.ScriptTarget.Latest,
        true,
        name.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
      ),
    ),
  );
  return [...new Set(all.map((text) => text.trim()))].filter((text) => /[A-Za-z]{2}/.test(text)).sort();
}
