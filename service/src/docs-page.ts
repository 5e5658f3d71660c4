// The page at `/api/docs`: shows the OpenAPI document. One file without requests to anywhere else.

export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Feathery API</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h2 { margin-top: 2.5rem; text-transform: capitalize; }
  details { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .5rem 0; }
  summary { cursor: pointer; }
  code, pre { font: .875rem/1.45 ui-monospace, monospace; }
  pre { overflow: auto; padding: .75rem; background: color-mix(in srgb, currentColor 7%, transparent); }
  .method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
  .note { opacity: .75; }
</style>
<h1>Feathery API</h1>
<p class="note">From <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>. Requests carry
<code>Authorization: Bearer &lt;admin token&gt;</code>.</p>
<main id="main">Loading …</main>
<script>
const main = document.getElementById('main');
const make = (name, text, ...children) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
};
const json = (value) => make('pre', JSON.stringify(value, null, 2));
const bodyOf = (part) => Object.values(part?.content ?? {})[0]?.schema;
function operation(method, path, { summary, description, parameters = [], requestBody, responses }) {
  const title = make('summary');
  const name = make('span', method.toUpperCase());
  name.className = 'method';
  title.append(name, make('code', path), ' – ', summary ?? '');
  const details = make('details', undefined, title);
  if (description) details.append(make('p', description));
  if (parameters.length > 0) {
    const list = make('ul');
    for (const { name, in: place, required, description, schema } of parameters) {
      const text = ' (' + place + (required ? ', required' : '') + ') ' + (description ?? schema?.description ?? '');
      list.append(make('li', undefined, make('code', name), text));
    }
    details.append(list);
  }
  if (requestBody) details.append(make('p', 'Body'), json(bodyOf(requestBody)));
  for (const [status, answer] of Object.entries(responses)) {
    details.append(make('p', status + (bodyOf(answer) ? '' : ' without a body')));
    if (bodyOf(answer) && Number(status) < 400) details.append(json(bodyOf(answer)));
  }
  return details;
}
fetch('/api/v1/openapi.json').then((answer) => answer.json()).then(({ paths, components }) => {
  const groups = new Map();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const group = described.tags?.[0] ?? 'other';
      groups.set(group, [...(groups.get(group) ?? []), operation(method, path, described)]);
    }
  }
  const parts = [...groups].flatMap(([group, operations]) => [make('h2', group), ...operations]);
  const schemas = Object.entries(components.schemas).map(([name, schema]) =>
    make('details', undefined, make('summary', name), json(schema)));
  main.replaceChildren(...parts, make('h2', 'Schemas'), ...schemas);
}).catch((error) => { main.textContent = 'The description could not be loaded: ' + error.message; });
</script>
</html>
`;
